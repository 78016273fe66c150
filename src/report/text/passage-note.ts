import type { ExplainedPassage } from '../../model/explanation.js';
import type { FlowResult } from '../../model/flow-result.js';
import type { LossReason } from '../../model/verdict.js';

/** Where a packet was lost, in the words of a reader. */
const LOST: Readonly<Record<LossReason, string>> = {
  'neighbour-unresolved': 'the next hop did not answer',
  'not-forwarded': 'went no further',
  'not-answered': 'no reply left',
  'not-sent': 'never left',
  'not-taken': 'was not taken',
  'too-late': 'came too late',
  'on-the-link': 'lost on the link',
};

/** What a packet is compared with. */
export interface PassageContext {
  readonly flow: FlowResult;
  /** The passages of its request. */
  readonly request: readonly ExplainedPassage[];
}

/** What is wrong with a packet at a node: that it parted from the request's way, went no further, or has another source. */
export function passageNotes(
  passage: ExplainedPassage,
  { flow, request }: PassageContext,
): readonly string[] {
  const notes = [partingNote(passage, flow, request), lossNote(passage, flow), sourceNote(passage, flow)];
  return notes.filter((note) => note !== null);
}

function lossNote({ node, leg, end, out, nexthop }: ExplainedPassage, flow: FlowResult): string | null {
  if (end === 'missing') return leg === 'reply' ? LOST['not-answered'] : LOST['not-sent'];
  if (leg === 'request' && end === 'stopped' && flow.by === node) return 'refused here';
  if (leg === 'reply' && end === 'delivered' && flow.lost?.reason === 'too-late') return LOST['too-late'];
  const isThere = flow.lost?.node === node && end !== 'delivered';
  const isLast = end === 'stopped' || (out !== null && nexthop === null);
  if (flow.lost !== null && isThere && isLast) return LOST[flow.lost.reason];
  return end === 'stopped' ? LOST['not-forwarded'] : null;
}

/**
 * At the judged node, by the rule of its role (CONTRACTS, "Flow, role, interfaces"). It is the packet's own request that
 * counts: of a stream others may have gone another way.
 */
function partingNote(
  { leg, node, in: into, out }: ExplainedPassage,
  { at, role }: FlowResult,
  request: readonly ExplainedPassage[],
): string | null {
  if (leg === 'request' || node !== at) return null;
  const there = request.find((each) => each.node === at);
  const [came, left] = [there?.in ?? null, there?.out ?? null];
  if (role !== 'initiator' && out !== null && came !== null && out !== came)
    return `the request came in by ${came}`;
  if (role !== 'responder' && into !== null && left !== null && into !== left)
    return `the request left by ${left}`;
  return null;
}

function sourceNote({ leg, node, end }: ExplainedPassage, flow: FlowResult): string | null {
  const isArrival = leg === 'reply' && end === 'delivered' && node === flow.from;
  return isArrival && flow.verdict === 'wrong-source' ? `from ${flow.reply.source}, not asked` : null;
}
