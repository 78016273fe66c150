import type { Journey } from '../model/evidence.js';
import type { DirectionReport, FlowResult } from '../model/flow-result.js';
import type { ExpectedSpread, Spread, SpreadPart, SpreadShare, SpreadWay, Tuples } from '../model/spread.js';
import { binomialBounds } from './bounds.js';
import { differencesFrom } from './expectation.js';

/** One tuple of a flow, judged by itself. */
export interface JudgedTuple {
  readonly journey: Journey;
  /** Whether packets of it in the same direction went different ways. */
  readonly strayed: boolean;
}

/** The tuples of a flow as the one flow that they are. */
export function joinTuples(tuples: readonly JudgedTuple[], { seed }: Tuples): Journey {
  const results = tuples.map(({ journey }) => journey.result);
  const [first] = results;
  const shown = (tuples.find(isRemarkable) ?? tuples.find(isAstray) ?? tuples[0])?.journey;
  if (first === undefined || shown === undefined) throw new Error('a flow has no tuples');
  const { expected } = first;
  const spread = spreadOf(tuples, seed, expected.spread);
  const verdict = new Set(results.map((each) => each.verdict)).size === 1 ? first.verdict : 'mixed';
  const sum = (key: 'sent' | 'received' | 'duplicates') => results.reduce((all, each) => all + each[key], 0);
  const differences =
    verdict === 'inconclusive'
      ? first.differences
      : [
          ...(verdict === expected.verdict
            ? []
            : [`verdict is ${verdictText(results)}, expected ${expected.verdict}`]),
          ...countedDifferences(results),
          ...spreadDifferences(spread, expected.spread),
        ];
  const result: FlowResult = {
    ...shown.result,
    verdict,
    sameNexthop: joined(results.map(({ sameNexthop }) => sameNexthop)),
    ...{ sent: sum('sent'), received: sum('received'), duplicates: sum('duplicates') },
    spread,
    status: differences.length === 0 ? 'passed' : 'failed',
    differences,
  };
  return { ...shown, result };
}

/** `mixed (198 symmetric, 2 no-reply)`. */
function verdictText(results: readonly FlowResult[]): string {
  const counts = [...countOf(results.map(({ verdict }) => verdict))].sort(([, a], [, b]) => b - a);
  const [[only = ''] = [], ...others] = counts;
  return others.length === 0
    ? only
    : `mixed (${counts.map(([verdict, count]) => `${count} ${verdict}`).join(', ')})`;
}

/** Whether it is for this tuple, too, that the flow is not as expected. */
function isRemarkable({ journey: { result }, strayed }: JudgedTuple): boolean {
  const { verdict } = result.expected;
  return strayed || (verdict !== 'mixed' && verdict !== result.verdict) || ownDifferences(result).length > 0;
}

/** What is worth a look where a flow is as expected, and of those that are expected to be mixed. */
function isAstray({ journey: { result } }: JudgedTuple): boolean {
  return result.verdict !== 'symmetric';
}

function joined(values: readonly (boolean | null)[]): boolean | null {
  if (values.includes(false)) return false;
  return values.includes(null) ? null : true;
}

/** What differs of one tuple, but for its verdict, of which all are judged together. */
function ownDifferences(result: FlowResult): readonly string[] {
  const { sameNexthop, ...expected } = result.expected;
  const isAsExpected = expected.verdict === 'mixed' || expected.verdict === result.verdict;
  return differencesFrom(
    {
      ...expected,
      verdict: result.verdict,
      ...(isAsExpected && sameNexthop !== undefined ? { sameNexthop } : {}),
    },
    result,
  );
}

/** What differs of each tuple, each sentence once, and of how many it is true. */
function countedDifferences(results: readonly FlowResult[]): string[] {
  const counts = countOf(results.flatMap(ownDifferences));
  return [...counts].map(([sentence, count]) =>
    count === results.length ? sentence : `${count} of ${results.length} tuples: ${sentence}`,
  );
}

function spreadOf(
  tuples: readonly JudgedTuple[],
  seed: number,
  expected: ExpectedSpread | undefined,
): Spread {
  const parts = new Map<string, SpreadPart>();
  for (const { journey } of tuples) {
    const { result } = journey;
    const { verdict } = result;
    const part = { request: wayOf(result.request), reply: wayOf(result.reply), verdict };
    const key = JSON.stringify(part);
    parts.set(key, { ...part, tuples: (parts.get(key)?.tuples ?? 0) + 1 });
  }
  const by = [...parts.values()].sort((a, b) => b.tuples - a.tuples);
  return {
    seed,
    tuples: tuples.length,
    by,
    shares: expected === undefined ? [] : sharesOf(by, tuples.length, expected),
    strayed: tuples.filter(({ strayed }) => strayed).length,
  };
}

function wayOf({ in: entered, out, nexthop }: DirectionReport): SpreadWay {
  return { in: entered, out, nexthop };
}

/** Those expected, in their order, then whatever else there was. */
function sharesOf(
  by: readonly SpreadPart[],
  total: number,
  { by: key, share, confidence }: ExpectedSpread,
): SpreadShare[] {
  if (share === 'one') return [];
  const counts = countedBy(by, key);
  const weights = Object.values(share).reduce((sum, weight) => sum + weight, 0);
  return [...new Set([...Object.keys(share), ...counts.keys()])].map((value) => {
    const probability = (share[value] ?? 0) / weights;
    return {
      value,
      tuples: counts.get(value) ?? 0,
      expected: Math.round(total * probability * 10) / 10,
      ...binomialBounds(total, probability, confidence),
    };
  });
}

function countedBy(by: readonly SpreadPart[], key: ExpectedSpread['by']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const part of by) {
    const value = countedValue(part, key);
    counts.set(value, (counts.get(value) ?? 0) + part.tuples);
  }
  return counts;
}

function countedValue(part: SpreadPart, key: ExpectedSpread['by']): string {
  if (key === 'verdict') return part.verdict;
  const [leg, field] = key.split('.') as ['request' | 'reply', keyof SpreadWay];
  return part[leg][field] ?? 'none';
}

function spreadDifferences(spread: Spread, expected: ExpectedSpread | undefined): string[] {
  const { shares, tuples, strayed } = spread;
  const most = expected?.strayed ?? 0;
  return [
    ...(expected?.share === 'one' ? notOne(spread, expected.by) : []),
    ...shares
      .filter((share) => share.tuples < share.least || share.tuples > share.most)
      .map(
        (share) =>
          `${expected?.by} is ${share.value} for ${share.tuples} of ${tuples} tuples, expected ${boundsText(share)}`,
      ),
    ...(strayed > most
      ? [`${strayed} of ${tuples} tuples strayed, expected ${most === 0 ? 'none' : `${most} at most`}`]
      : []),
  ];
}

function notOne({ by, tuples }: Spread, key: ExpectedSpread['by']): string[] {
  const counts = [...countedBy(by, key)];
  if (counts.length === 1) return [];
  const text = counts.map(([value, count]) => `${value} for ${count}`).join(' and ');
  return [`${key} is ${text} of ${tuples} tuples, expected one for all`];
}

function boundsText({ expected, least, most }: SpreadShare): string {
  return least === most ? `${least}` : `about ${expected} (${least} to ${most})`;
}

function countOf(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
