import type { Passage } from '../model/evidence.js';
import { requestAt } from './choice.js';
import type { Facts } from './facts.js';
import { queryTo } from './query.js';
import { decide, nexthopsOf } from './rpdb.js';

/** A request as it goes through a node, with the source that it has there. */
export interface Crossing extends Passage {
  readonly in: string;
  readonly out: string;
}

/**
 * Where a request leaves the network in which its source is known: at the node under test, if that sends it on, else at the last
 * node that has a route back to the source by where it came from. Null where it leaves none.
 */
export function borderOf(facts: Facts): Crossing | null {
  const { passages, plan } = facts;
  const own = requestAt(plan.scenario.topology.nodeUnderTest ?? '', passages);
  if (own !== null && isCrossing(own)) return own;
  return (
    passages.filter(isCrossing).findLast((each) => each.leg === 'request' && knowsSource(facts, each)) ?? null
  );
}

function isCrossing(passage: Passage): passage is Crossing {
  return passage.in !== null && passage.out !== null;
}

function knowsSource({ stateOf }: Facts, { node, packet, in: iif, out }: Crossing): boolean {
  const state = stateOf(node);
  const { family, source, destination } = packet;
  if (state === null || source === null) return false;
  const back = decide(state, queryTo(family, source, { source: destination, iif: out }));
  return nexthopsOf(back).some(({ device }) => device === iif);
}
