import type { NodeState } from '../model/evidence.js';
import { parseAddress } from '../net/address.js';
import { heldAddress } from './gateway.js';
import { type Decision, nexthopsOf } from './rpdb.js';

/**
 * The address that a next hop has a node ask for. A gateway that is an address of the node itself counts for none: IPv4 then
 * takes the destination for a neighbour (fib_check_nh_v4_gw in net/ipv4/fib_semantics.c gives it the scope `host`), and IPv6 has
 * no such routes.
 */
export function neighbourBy(state: NodeState | null, gateway: string | null, destination: string): string {
  if (gateway === null || (state !== null && heldAddress(state, gateway) !== null)) return destination;
  return gateway;
}

/** Whether a decision of a node leads to that neighbour. */
export function leadsTo(
  state: NodeState | null,
  { end, query, ...decision }: Decision,
  device: string,
  target: string,
): boolean {
  if (end.kind === 'assumed') return end.device === device && query.destination === target;
  return nexthopsOf({ end, query, ...decision }).some(
    (each) => each.device === device && isSame(neighbourBy(state, each.gateway, query.destination), target),
  );
}

/** Whether two texts are of the same address. */
export function isSame(a: string, b: string): boolean {
  return parseAddress(a)?.text === parseAddress(b)?.text;
}
