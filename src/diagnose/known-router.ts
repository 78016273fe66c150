import type { NodeState } from '../model/evidence.js';
import { holds } from '../net/address.js';
import { previousHop, requestAt } from './choice.js';
import type { Facts } from './facts.js';
import { wayOut } from './gateway.js';
import { lengthOf } from './table.js';

/** The router from which the request came, or by which another route of the node leads there; null where none does. */
export function knownRouter(
  facts: Facts,
  state: NodeState,
  device: string,
  destination: string,
): string | null {
  const request = requestAt(state.node, facts.passages);
  const isAnswer = request?.in === device && request.packet.source === destination;
  const before = isAnswer ? previousHop(request, facts.passages) : null;
  if (before !== null) return wayOut(facts, state, device, before, destination)?.gateway ?? null;
  const gateways = state.routes
    .filter(({ type, destination: to }) => type === 'unicast' && holds(to, destination))
    .sort((a, b) => lengthOf(b.destination) - lengthOf(a.destination))
    .flatMap(({ nexthops }) => nexthops.filter((hop) => hop.device === device))
    .flatMap(({ gateway }) => gateway ?? []);
  return gateways[0] ?? null;
}
