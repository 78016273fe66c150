export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/**
 * The narrowest counts between which so many independent trials succeed with the given confidence, what is outside
 * being as unlikely on either side: at most half of 1 - confidence. The binomial distribution itself, not an
 * approximation, so that it holds for small counts and small shares, too.
 *
 * @param probability of each trial, from 0 to 1
 * @see https://www.itl.nist.gov/div898/handbook/eda/section3/eda366i.htm
 */
export function binomialBounds(trials: number, probability: number, confidence: number): Bounds {
  if (probability <= 0) return { least: 0, most: 0 };
  if (probability >= 1) return { least: trials, most: trials };
  const tail = (1 - confidence) / 2;
  const least = firstBeyond(trials, probability, tail);
  return { least, most: trials - firstBeyond(trials, 1 - probability, tail) };
}

/** The smallest count such that fewer, or just as many, successes are more likely than `tail`. */
function firstBeyond(trials: number, probability: number, tail: number): number {
  const odds = Math.log(probability) - Math.log1p(-probability);
  // By logarithms: the probability of no success at all is too small a number where there are many trials.
  let logarithm = trials * Math.log1p(-probability);
  let sum = Math.exp(logarithm);
  let count = 0;
  while (sum <= tail && count < trials) {
    logarithm += Math.log((trials - count) / (count + 1)) + odds;
    sum += Math.exp(logarithm);
    count++;
  }
  return count;
}
