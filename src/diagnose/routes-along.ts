import type { Deed } from '../model/scenario.js';
import { endpointText } from '../model/topology.js';
import { contains, makePrefix, type Prefix, parseAddress, parsePrefix } from '../net/address.js';
import { nexthopText } from './decision-text.js';
import type { Facts } from './facts.js';
import { addressesAt, type WayOut, wayOut } from './gateway.js';
import type { LinkHop } from './links.js';
import { queryTo } from './query.js';
import { ipDeed } from './repair.js';
import { decide, nexthopsOf } from './rpdb.js';

/** The next hop of a route along a link; null where nothing tells it. */
export function nexthopAlong(facts: Facts, { node, device, to }: LinkHop, address: string): WayOut | null {
  const state = facts.stateOf(node);
  const endpoint = endpointText(to);
  if (state !== null) return wayOut(facts, state, device, endpoint, address);
  const there = addressesAt(facts, endpoint);
  if (there.some(({ text }) => text === address)) return { device, gateway: null };
  const links = linksAt(facts, node, device);
  const router = there.find((each) => links.some((link) => contains(link, each)));
  return router === undefined ? null : { device, gateway: router.text };
}

/** Routes to an address for those nodes on a way to it that do not send it along; null where nothing tells a next hop. */
export function routesAlong(facts: Facts, hops: readonly LinkHop[], address: string): readonly Deed[] | null {
  const deeds: Deed[] = [];
  for (const hop of hops) {
    if (leadsAlong(facts, hop, address)) continue;
    const way = nexthopAlong(facts, hop, address);
    if (way === null) return null;
    deeds.push(ipDeed(facts, hop.node, facts.flow.family, [`route add ${address} ${nexthopText(way)}`]));
  }
  return deeds;
}

/** Whether a node sends by such a hop what it gets: by its rules and routes, or where these are not known by those of the topology. */
function leadsAlong(facts: Facts, { node, device, to }: LinkHop, address: string): boolean {
  const there = addressesAt(facts, endpointText(to)).map(({ text }) => text);
  const state = facts.stateOf(node);
  if (state === null) return isPlanned(facts, { node, device, to }, address, there);
  const decision = decide(state, queryTo(facts.flow.family, address));
  return nexthopsOf(decision).some(
    (each) => each.device === device && there.includes(parseAddress(each.gateway ?? address)?.text ?? ''),
  );
}

function isPlanned(
  facts: Facts,
  { node, device }: LinkHop,
  address: string,
  there: readonly string[],
): boolean {
  const target = parseAddress(address);
  const known = facts.plan.scenario.topology.nodes.find(({ name }) => name === node);
  if (target === null || known === undefined) return false;
  const connected = known.interfaces.flatMap(({ name }) =>
    linksAt(facts, node, name).map((prefix) => ({
      prefix,
      isAlong: name === device && there.includes(address),
    })),
  );
  const routed = known.routes.flatMap(({ to, via }) => {
    const prefix = parsePrefix(to);
    return prefix === null ? [] : [{ prefix, isAlong: via !== null && there.includes(via) }];
  });
  const [best] = [...connected, ...routed]
    .filter(({ prefix }) => contains(prefix, target))
    .sort((a, b) => b.prefix.prefixLength - a.prefix.prefixLength);
  return best?.isAlong ?? false;
}

/** The networks that an interface is made with. */
function linksAt({ plan, flow }: Facts, node: string, device: string): readonly Prefix[] {
  const face = plan.scenario.topology.nodes
    .find(({ name }) => name === node)
    ?.interfaces.find(({ name }) => name === device);
  return (face?.addresses ?? []).flatMap(({ address, prefixLength }) => {
    const parsed = parseAddress(address);
    return parsed?.family === flow.family ? (makePrefix(parsed, prefixLength) ?? []) : [];
  });
}
