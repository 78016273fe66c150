import type { Leg, Passage } from '../model/evidence.js';
import type { MarkLife } from '../model/explanation.js';
import type { Facts } from './facts.js';
import { lookedUpWith } from './looked-up.js';

/** What became of marks at each node where a packet of the flow, or its connection, has one. */
export function markLives(facts: Facts): readonly MarkLife[] {
  const nodes = [...new Set(facts.passages.map(({ node }) => node))];
  return nodes.flatMap((node) => {
    const stages = stagesAt(node, facts);
    return stages === null ? [] : [{ node, stages }];
  });
}

/** Null where there is no mark at all. */
function stagesAt(node: string, facts: Facts): readonly string[] | null {
  const { evidence, passages, result } = facts;
  const own = passages.filter((passage) => passage.node === node);
  const traced = evidence.repeat?.marks.filter((each) => each.node === node) ?? [];
  const saved = result.connections?.find((each) => each.node === node)?.mark ?? null;
  const marks = [
    ...own.map((passage) => lookedUpWith(evidence, passage) ?? 0),
    ...traced.map(({ mark }) => mark),
    saved ?? 0,
  ];
  if (marks.every((mark) => mark === 0)) return null;
  const context: Context = { facts, node, saved };
  return (['request', 'reply'] as const).flatMap((leg) => {
    const passage = own.find((each) => each.leg === leg);
    return passage === undefined ? [] : [...legStages(leg, passage, context)];
  });
}

interface Context {
  readonly facts: Facts;
  readonly node: string;
  /** The mark of the connection when the flows had ended; null where none is tracked. */
  readonly saved: number | null;
}

function legStages(leg: Leg, passage: Passage, { facts, node, saved }: Context): readonly string[] {
  const { repeat } = facts.evidence;
  const traced = repeat?.marks.filter((each) => each.node === node && each.leg === leg) ?? [];
  const stages: string[] = [];
  let mark = 0;
  for (const each of traced) {
    if (each.mark !== mark) {
      const isRestored = leg === 'reply' && each.mark === saved;
      stages.push(`${markText(each.mark)} ${isRestored ? 'restored' : 'set'} in ${each.hook}`);
    }
    mark = each.mark;
  }
  const isMarked = traced.some((each) => each.mark !== 0);
  if (leg === 'reply' && saved !== null && saved !== 0 && traced.length > 0 && !isMarked)
    stages.push('not restored on the reply');
  // Where a packet is for the node itself, marks seldom matter.
  const lookedUp = passage.end === 'delivered' ? null : lookedUpWith(facts.evidence, passage);
  if (lookedUp !== null) stages.push(`${leg} looked up with ${markText(lookedUp)}`);
  if (leg === 'request' && saved !== null) {
    if (saved !== 0) stages.push(`${isMarked ? '' : `${markText(saved)} `}saved to the connection`);
    else if (isMarked) stages.push('not saved to the connection');
  }
  return stages;
}

function markText(mark: number): string {
  return mark === 0 ? '0' : `0x${mark.toString(16)}`;
}
