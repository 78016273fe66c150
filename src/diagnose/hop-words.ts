import type { NodeState, RouteNexthop } from '../model/evidence.js';
import type { Family } from '../model/family.js';
import { nexthopText } from './decision-text.js';
import { queryTo } from './query.js';
import { decide } from './rpdb.js';
import { lookUpTable } from './table.js';

/**
 * A next hop as `ip route add` takes it for a table: with `onlink` where neither that table nor the node's rules lead to the
 * gateway by its link, as the kernel would have it; ip-route(8), fib_check_nh_v4_gw in net/ipv4/fib_semantics.c,
 * ip6_route_check_nh in net/ipv6/route.c.
 */
export function hopWords(
  state: NodeState,
  family: Family,
  hop: Pick<RouteNexthop, 'gateway' | 'device'>,
  table: string,
): string {
  const words = nexthopText(hop);
  if (hop.gateway === null || hop.gateway.startsWith('fe80:')) return words;
  const bound = { oif: hop.device, isBound: true };
  const query = queryTo(family, hop.gateway, family === 4 ? bound : { ...bound, iif: NOT_EVEN_LO });
  const asked = family === 4 ? withLinksAlone(state) : withoutSuppression(state);
  const inTable = lookUpTable(asked, table, query);
  if (inTable !== null && isLink(inTable.nexthops)) return words;
  const { end } = decide(asked, query);
  return end.kind === 'route' && isLink(end.nexthops) ? words : `${words} onlink`;
}

/** IPv6 leaves the interface open, so that no rule for one matches, and not even `iif lo`; IPv4 asks as the node itself. */
const NOT_EVEN_LO = '';

/** IPv4 asks for the link alone, and passes over routes that go on by a gateway. */
function withLinksAlone(state: NodeState): NodeState {
  return { ...state, routes: state.routes.filter(({ nexthops }) => nexthops.every(isOnLink)) };
}

/** Of IPv6 no rule suppresses what it finds there: fib6_rule_suppress in net/ipv6/fib6_rules.c is for packets alone. */
function withoutSuppression(state: NodeState): NodeState {
  return { ...state, rules: state.rules.map(({ suppressPrefixLength: _, ...rule }) => rule) };
}

function isLink(nexthops: readonly RouteNexthop[]): boolean {
  return nexthops.length > 0 && nexthops.every(isOnLink);
}

function isOnLink({ gateway }: RouteNexthop): boolean {
  return gateway === null;
}
