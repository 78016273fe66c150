import type { ExplainedPassage } from '../../model/explanation.js';

/** What is told of a packet that went round and round. */
export interface Told {
  readonly passages: readonly ExplainedPassage[];
  /** How many passages were left out behind one of them. */
  readonly leftOut: ReadonlyMap<ExplainedPassage, number>;
}

/** Passages without those by which a packet goes the same round again, but for the one at which it ended. */
export function withoutRounds(passages: readonly ExplainedPassage[]): Told {
  const kept: ExplainedPassage[] = [];
  const leftOut = new Map<ExplainedPassage, number>();
  const seen = new Set<string>();
  for (const [index, passage] of passages.entries()) {
    const { leg, node, in: into, out } = passage;
    const key = [leg, node, into, out].join(' ');
    const isLast = passages[index + 1]?.leg !== leg;
    const before = kept.at(-1);
    if (seen.has(key) && !isLast && before !== undefined) leftOut.set(before, (leftOut.get(before) ?? 0) + 1);
    else kept.push(passage);
    seen.add(key);
  }
  return { passages: kept, leftOut };
}
