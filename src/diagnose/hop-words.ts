import type { NodeState, RouteNexthop } from '../model/evidence.js';
import type { Family } from '../model/family.js';
import { nexthopText } from './decision-text.js';
import { queryTo } from './query.js';
import { decide } from './rpdb.js';
import { lookUpTable } from './table.js';

/**
 * A next hop as `ip route add` takes it for a table: with `onlink` where neither that table nor the node's rules lead to the
 * gateway by its link, as the kernel would have it; ip-route(8), fib_check_nh_inet in net/ipv4/fib_semantics.c,
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
  const query = queryTo(family, hop.gateway, { oif: hop.device, isBound: true });
  // IPv4 asks for the link alone, and passes over routes that go on by a gateway.
  const routes =
    family === 4
      ? state.routes.filter(({ nexthops }) => nexthops.every(({ gateway }) => gateway === null))
      : state.routes;
  const asked = { ...state, routes };
  const inTable = lookUpTable(asked, table, query);
  if (inTable !== null && isLink(inTable.nexthops)) return words;
  const { end } = decide(asked, query);
  return end.kind === 'route' && isLink(end.nexthops) ? words : `${words} onlink`;
}

function isLink(nexthops: readonly RouteNexthop[]): boolean {
  return nexthops.length > 0 && nexthops.every(({ gateway }) => gateway === null);
}
