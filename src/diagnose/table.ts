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
  const routes = candidates(state, table, query);
  const passedOver = failedGateways(state, query);
  return firstHit(routes, query, passedOver) ?? (passedOver.size > 0 ? firstHit(routes, query) : null);
}

const NOTHING: ReadonlySet<string> = new Set();

function firstHit(routes: readonly Route[], query: Query, passedOver = NOTHING): TableHit | null {
  for (const route of routes) {
    if (REFUSING.includes(route.type) || route.type === 'throw') return { route, nexthops: [] };
    const nexthops = [route, ...rivalsOf(route, routes)]
      .flatMap((each) => each.nexthops)
      .filter((nexthop) => isUsable(nexthop, query) && !passedOver.has(hopKey(nexthop)));
    if (nexthops.length > 0) return { route, nexthops };
  }
  return null;
}

/**
 * Of IPv4 default routes that are alike the kernel takes one by the state of their gateways: fib_select_default in
 * net/ipv4/fib_semantics.c.
 */
function rivalsOf(route: Route, routes: readonly Route[]): readonly Route[] {
  if (route.family === 6 || lengthOf(route.destination) > 0 || route.type !== 'unicast') return [];
  const isAlike = (each: Route) => each !== route && each.type === 'unicast' && each.metric === route.metric;
  return routes.filter((each) => lengthOf(each.destination) === 0 && isAlike(each));
}

/**
 * The gateways that an IPv6 host asked in vain, whose routes it passes over as long as it has others: rt6_check_neigh in
 * net/ipv6/route.c, RFC 4191 (3.2). A router takes its routes as they are.
 */
function failedGateways({ neighbours, sysctls }: NodeState, { family }: Query): ReadonlySet<string> {
  if (family === 4 || sysctls.get('net.ipv6.conf.all.forwarding') !== '0') return NOTHING;
  const failed = neighbours.filter(({ state }) => state === 'FAILED');
  return new Set(failed.map(({ device, address }) => hopKey({ device, gateway: address })));
}

function hopKey({ device, gateway }: Pick<RouteNexthop, 'device' | 'gateway'>): string {
  return `${gateway} ${device}`;
}

/** The kernel's null entry, which some versions list in every IPv6 table, has the last metric of all. */
const NULL_ENTRY = 0xffffffff;

/** The routes for a packet, the one to be taken first. */
function candidates(state: NodeState, table: string, query: Query): readonly Route[] {
  const routes = state.routes.filter(
    (route) => route.family === query.family && route.table === table && route.metric !== NULL_ENTRY,
  );
  return routes
    .filter((route) => isFor(route, query) && !isHidden(route, routes) && !isElsewhere(route, query))
    .sort((a, b) => comparison(a, b, query));
}

/**
 * Where an IPv6 table has routes to a prefix for certain sources, one to the same prefix for any is not looked at, save
 * the default: fib6_node_lookup_1 in net/ipv6/ip6_fib.c, which leaves a node whose subtree does not match.
 */
function isHidden(route: Route, routes: readonly Route[]): boolean {
  if (lengthOf(route.destination) === 0 || lengthOf(route.source) > 0) return false;
  return routes.some((each) => each.destination === route.destination && lengthOf(each.source) > 0);
}

/**
 * A route of IPv6 that refuses packets is one of lo, so that what is bound to another device passes over it: rt6_score_route
 * in net/ipv6/route.c. IPv4 looks at devices of next hops alone.
 */
function isElsewhere({ family, type }: Route, { oif, isBound }: Query): boolean {
  return family === 6 && isBound && oif !== 'lo' && (REFUSING.includes(type) || type === 'throw');
}

function comparison(a: Route, b: Route, query: Query): number {
  return (
    lengthOf(b.destination) - lengthOf(a.destination) ||
    lengthOf(b.source) - lengthOf(a.source) ||
    a.metric - b.metric ||
    // rt6_score_route in net/ipv6/route.c: among equals the device asked for, then what the router says of itself.
    Number(isBy(b, query.oif)) - Number(isBy(a, query.oif)) ||
    PREFERENCES[b.routerPreference ?? 'medium'] - PREFERENCES[a.routerPreference ?? 'medium']
  );
}

const PREFERENCES = { high: 1, medium: 0, low: -1 } as const;

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
