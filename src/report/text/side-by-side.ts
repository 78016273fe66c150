import type { ExplainedPassage } from '../../model/explanation.js';

/** A node in both directions: null where the packet did not come through it. */
export interface NodeRow {
  readonly node: string;
  readonly request: ExplainedPassage | null;
  readonly reply: ExplainedPassage | null;
}

/**
 * The way there, read downwards, beside the way back, read upwards: one row for a node that both came through. Where
 * they part, the rows of the request come first.
 */
export function nodeRows(passages: readonly ExplainedPassage[]): readonly NodeRow[] {
  const down = passages.filter(({ leg }) => leg === 'request');
  const up = passages.filter(({ leg }) => leg === 'reply').toReversed();
  const common = longestCommon(down, up);
  const rows: NodeRow[] = [];
  let [i, j] = [0, 0];
  for (const [atDown, atUp] of [...common, [down.length, up.length] as const]) {
    for (; i < atDown; i++) rows.push(...rowOf(down[i] ?? null, null));
    for (; j < atUp; j++) rows.push(...rowOf(null, up[j] ?? null));
    rows.push(...rowOf(down[i++] ?? null, up[j++] ?? null));
  }
  return rows;
}

function rowOf(request: ExplainedPassage | null, reply: ExplainedPassage | null): readonly NodeRow[] {
  const node = (request ?? reply)?.node;
  return node === undefined ? [] : [{ node, request, reply }];
}

/** Positions in both of a longest sequence of nodes that both have, in order. */
function longestCommon(
  a: readonly ExplainedPassage[],
  b: readonly ExplainedPassage[],
): readonly (readonly [inA: number, inB: number])[] {
  type Pairs = readonly (readonly [number, number])[];
  // Ways are short: what remains of each pair of ends is looked at once, from the back.
  let below: Pairs[] = Array.from({ length: b.length + 1 }, () => []);
  for (let i = a.length - 1; i >= 0; i--) {
    const row: Pairs[] = [];
    row[b.length] = [];
    for (let j = b.length - 1; j >= 0; j--) {
      const [skipA, skipB] = [below[j] ?? [], row[j + 1] ?? []];
      const longer = skipA.length >= skipB.length ? skipA : skipB;
      row[j] = a[i]?.node === b[j]?.node ? [[i, j], ...(below[j + 1] ?? [])] : longer;
    }
    below = row;
  }
  return below[0] ?? [];
}
