import type { ObservedFlow } from '../model/observation.js';
import { LOOPBACK } from './device.js';
import type { Sighting } from './sighting.js';

/** The sightings that belong to one flow, by the number of the request (from 1; for TCP the handshake is 1). */
export interface FlowTraffic {
  readonly observed: ObservedFlow;
  readonly requests: Map<number, Sighting[]>;
  readonly replies: Map<number, Sighting[]>;
  /** ICMP errors about a request. */
  readonly errors: Map<number, Sighting[]>;
  /** TCP resets, whichever request they were sent for. */
  readonly resets: Sighting[];
}

export function emptyTraffic(observed: ObservedFlow): FlowTraffic {
  return { observed, requests: new Map(), replies: new Map(), errors: new Map(), resets: [] };
}

/** All that belongs to a flow. */
export function sightingsIn({ requests, replies, errors, resets }: FlowTraffic): Sighting[] {
  return [...requests.values(), ...replies.values(), ...errors.values(), resets].flat();
}

/**
 * Whether a sighting is where the flow's packets can be: on loopback only if the node that asks is the one that
 * answers. Even then they may go out and come back, where the address is forwarded to it by another node.
 */
export function isOnItsWay({ plan }: ObservedFlow, sighting: Sighting): boolean {
  return sighting.interface !== LOOPBACK || plan.flow.from === plan.flow.answeredBy;
}

/** The number of the data round `round` (from 1) among a flow's exchanges. */
export function exchangeNumber({ plan }: ObservedFlow, round: number): number {
  return plan.flow.probe.protocol === 'tcp' ? round + 1 : round;
}

export function addTo(group: Map<number, Sighting[]>, number: number, sighting: Sighting): void {
  const sightings = group.get(number);
  if (sightings === undefined) group.set(number, [sighting]);
  else sightings.push(sighting);
}
