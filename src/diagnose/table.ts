import type { NodeState, Route, RouteNexthop } from '../model/evidence.js';
import { contains, parseAddress, parsePrefix } from '../net/address.js';
import type { Query } from './query.js';

/** A route that a table has for a packet. */
export interface TableHit {
  readonly route: Route;
  /** Those of its next hops that the packet can take; none for a route that refuses it. */
  readonly nexthops: readonly RouteNexthop[];
}

/** Types of routes that end the look-up with an error; ip-route(8). */
export const REFUSING = ['unreachable', 'prohibit', 'blackhole'];

/**
 * The route by which a table decides: the longest prefix, of IPv6 then the longest source prefix, then the type of
 * service, then the smallest metric, among those with a next hop that is alive and at the device asked for.
 * fib_table_lookup in the kernel's net/ipv4/fib_trie.c; fib6_node_lookup and rt6_select in net/ipv6. A route of type
 * `throw` is a hit, too, and means that the table has none.
 */
export function lookUpTable(state: NodeState, table: string, query: Query): TableHit | null {
  for (const route of candidates(state, table, query)) {
    if (REFUSING.includes(route.type) || route.type === 'throw') return { route, nexthops: [] };
    const nexthops = route.nexthops.filter((nexthop) => isUsable(nexthop, query));
    if (nexthops.length > 0) return { route, nexthops };
  }
  return null;
}

/** The kernel's null entry, which some versions list in every IPv6 table, has the last metric of all. */
const NULL_ENTRY = 0xffffffff;

/** The routes for a packet, the one to be taken first. */
function candidates(state: NodeState, table: string, query: Query): readonly Route[] {
  const routes = state.routes.filter(
    (route) => route.family === query.family && route.table === table && route.metric !== NULL_ENTRY,
  );
  return routes.filter((route) => isFor(route, query)).sort((a, b) => comparison(a, b, query));
}

function comparison(a: Route, b: Route, query: Query): number {
  return (
    lengthOf(b.destination) - lengthOf(a.destination) ||
    lengthOf(b.source) - lengthOf(a.source) ||
    a.metric - b.metric ||
    // rt6_check_dev in net/ipv6/route.c: among equals the device asked for.
    Number(isBy(b, query.oif)) - Number(isBy(a, query.oif))
  );
}

function isFor({ destination, source, tos }: Route, query: Query): boolean {
  if (tos !== undefined && Number(tos) !== 0) return false;
  return holds(destination, query.destination) && (source === undefined || holds(source, query.source));
}

function holds(prefixText: string, address: string | null): boolean {
  const prefix = parsePrefix(prefixText);
  const held = address === null ? null : parseAddress(address);
  if (prefix?.prefixLength === 0) return true;
  return prefix !== null && held !== null && contains(prefix, held);
}

function isUsable({ device, flags }: RouteNexthop, { family, oif, isBound }: Query): boolean {
  if (flags.includes('dead')) return false;
  return oif === null || device === oif || !(isBound || family === 4);
}

function isBy({ nexthops }: Route, device: string | null): boolean {
  return nexthops.some((nexthop) => nexthop.device === device);
}

export function lengthOf(prefix: string | undefined): number {
  return Number(prefix?.split('/')[1] ?? 0);
}
