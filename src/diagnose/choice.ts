import type { Journey, Leg, Passage } from '../model/evidence.js';
import type { FlowResult } from '../model/flow-result.js';

/** A node sent a packet another way than it was to go. */
export interface Choice {
  /** That packet at that node. */
  readonly passage: Passage;
  /** The interface by which it left, or was to leave. */
  readonly taken: string;
  /** The interface by which it was to leave. */
  readonly wanted: string;
  /** `node:interface` to which it was to go; null where that is not known. */
  readonly nexthop: string | null;
  /** What says so: the way of the request, the interface that has the packet's source, or what the scenario expects. */
  readonly because: 'request' | 'source' | 'expectation';
}

/**
 * The choice that a flow's verdict comes of: that of the judged node where it made one, else the first that the reply
 * met. Null where no packet left its way, or where it was back on its way when it was lost.
 */
export function choiceOf({ plan, result, passages }: Journey, homeOf: HomeFinder): Choice | null {
  if (result.verdict === 'inconclusive' || result.verdict === 'wrong-source') return null;
  const { at } = result;
  const unexpected = unexpectedChoice(result, passages);
  if (unexpected !== null) return unexpected;
  // Nobody that refuses does so for the way by which its refusal goes.
  const replies = passages.filter(({ leg, packet }) => leg === 'reply' && !packet.isRefusal);
  const partings = replies.flatMap((passage) => partingAt(passage, passages) ?? []);
  const own = partings.find(({ passage }) => passage.node === at);
  const parting = own ?? foreignSource(plan.flow.from, result, passages, homeOf) ?? partings[0] ?? null;
  return parting === null || isBackOnItsWay(parting, passages) ? null : parting;
}

/** Where a packet from one of a node's own addresses belongs: by which interface, and to whom where that is known. */
export type HomeFinder = (
  passage: Passage,
) => { readonly device: string; readonly nexthop: string | null } | null;

/**
 * The request left its sender by another interface than the one that has its source, or to another router than that
 * of its source's network, and so the reply came back elsewhere, or somebody on the way did not let it pass.
 */
function foreignSource(
  from: string,
  { verdict, reply, at, lost }: FlowResult,
  passages: readonly Passage[],
  homeOf: HomeFinder,
): Choice | null {
  const passage = requestAt(from, passages);
  const home = passage === null ? null : homeOf(passage);
  if (passage === null || passage.out === null || home === null) return null;
  const isElsewhere = home.nexthop !== null && passage.nexthop !== null && home.nexthop !== passage.nexthop;
  if (home.device === passage.out && !isElsewhere) return null;
  const cameBack = verdict === 'asymmetric' && at === from && reply.in === home.device;
  const wasStopped = lost !== null && lost.reason === 'not-forwarded' && lost.node !== from;
  if (!cameBack && !wasStopped) return null;
  return { passage, taken: passage.out, wanted: home.device, nexthop: home.nexthop, because: 'source' };
}

/** The judged node sent a packet by another interface than the scenario expects. */
function unexpectedChoice(
  { at, expected, ...result }: FlowResult,
  passages: readonly Passage[],
): Choice | null {
  for (const leg of ['request', 'reply'] as const) {
    const wanted = expected[leg]?.out;
    const taken = result[leg].out;
    const passage = passages.find((each) => each.leg === leg && each.node === at && each.out === taken);
    if (wanted === undefined || taken === null || wanted === taken || passage === undefined) continue;
    const nexthop = expected[leg]?.nexthop ?? null;
    return { passage, taken, wanted, nexthop, because: 'expectation' };
  }
  return null;
}

/** The reply leaves a node by another interface, or to another next hop, than the request came from. */
function partingAt(passage: Passage, passages: readonly Passage[]): Choice | null {
  const request = requestAt(passage.node, passages);
  const taken = passage.out;
  if (request === null || request.in === null || taken === null) return null;
  const nexthop = previousHop(request, passages);
  const isElsewhere = passage.nexthop !== null && nexthop !== null && passage.nexthop !== nexthop;
  if (taken === request.in && !isElsewhere) return null;
  return { passage, taken, wanted: request.in, nexthop, because: 'request' };
}

/** Where the reply was lost by the way of the request, what came before is not why. */
function isBackOnItsWay({ passage }: Choice, passages: readonly Passage[]): boolean {
  const last = passages.at(-1);
  if (last === undefined || last === passage || last.leg !== 'reply' || last.in === null) return false;
  if (last.end === 'delivered') return false;
  return requestAt(last.node, passages)?.out === last.in;
}

export function requestAt(node: string, passages: readonly Passage[]): Passage | null {
  return passages.find((each) => each.leg === 'request' && each.node === node) ?? null;
}

/** From where a packet came to a node: the node before it on the way, and the interface by which it left that. */
export function previousHop(passage: Passage, passages: readonly Passage[]): string | null {
  const way: readonly Passage[] = onLeg(passages, passage.leg);
  const previous = way[way.indexOf(passage) - 1];
  return previous === undefined || previous.out === null ? null : `${previous.node}:${previous.out}`;
}

function onLeg(passages: readonly Passage[], leg: Leg): readonly Passage[] {
  return passages.filter((each) => each.leg === leg);
}
