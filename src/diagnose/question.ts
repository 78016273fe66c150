import type { Family } from '../model/family.js';
import { type Endpoint, endpointText } from '../model/topology.js';
import { leadsTo } from './asked.js';
import type { Facts } from './facts.js';
import type { Decision } from './rpdb.js';

/** A question for a layer-2 address that nobody answered. */
export interface Question {
  readonly node: string;
  readonly device: string;
  readonly target: string;
  readonly family: Family;
  /** Of the packet for which it asked; null where that is not known. */
  readonly source: string | null;
  /** The decision by which it was asked; null where it is not known. */
  readonly decision: Decision | null;
}

/** Null where the packet was not lost for want of a layer-2 address, or its own way is not known to have asked for that one. */
export function questionOf(facts: Facts): Question | null {
  const { lost } = facts.result;
  const target = facts.evidence.journey.askedInVain;
  if (target === null || lost === null || lost.interface === null) return null;
  const { node, interface: device } = lost;
  const passage =
    facts.passages.findLast((each) => each.node === node && each.out === null && each.end !== 'delivered') ??
    facts.stop;
  const decision = passage === null ? null : facts.decisionFor(passage);
  const family = target.includes(':') ? 6 : 4;
  const source = passage?.packet.source ?? null;
  const question = { node, device, target, family, source } as const;
  // What is for the node itself is to be translated back, nobody knows where to.
  if (decision === null || isLocal(decision)) return { ...question, decision: null };
  // The judge knows a packet's question by time alone, and another's may have been near.
  return leadsTo(facts.stateOf(node), decision, device, target) ? { ...question, decision } : null;
}

function isLocal({ end }: Decision): boolean {
  return end.kind === 'route' && end.route.type === 'local';
}

/** The others on the link of an interface. */
export function neighboursOf({ plan }: Facts, { node, interface: name }: Endpoint): readonly Endpoint[] {
  const own = [...plan.interfaces.values()].find(
    ({ endpoint }) => endpoint.node === node && endpoint.interface === name,
  );
  return own?.neighbours ?? [];
}

/** Whether an interface is on the link on which the question was asked. */
export function isNear(facts: Facts, { node, device }: Question, endpoint: Endpoint): boolean {
  return neighboursOf(facts, { node, interface: device }).map(endpointText).includes(endpointText(endpoint));
}
