import type { HeldAddress, NodeState, Passage, RouteNexthop } from '../model/evidence.js';
import type { Family } from '../model/family.js';
import type { LabPlan } from '../model/plan.js';
import { endpointText } from '../model/topology.js';
import {
  type Address,
  contains,
  isLinkLocal,
  makePrefix,
  type Prefix,
  parseAddress,
} from '../net/address.js';
import type { Facts } from './facts.js';
import { isRouter } from './router.js';

/** How a node reaches a neighbour: null for the gateway where the destination is that neighbour itself. */
export interface WayOut {
  readonly device: string;
  readonly gateway: string | null;
}

/** The addresses of an endpoint, `node:interface`: as its node says, else as the topology has them. */
export function addressesAt(
  { stateOf, plan, flow: { family } }: Pick<Facts, 'stateOf' | 'plan' | 'flow'>,
  endpoint: string,
): readonly Address[] {
  const [node = '', device = ''] = endpoint.split(':');
  const held = stateOf(node)
    ?.addresses.filter((each) => each.device === device)
    .map(({ address }) => address);
  const planned = plan.scenario.topology.nodes
    .find(({ name }) => name === node)
    ?.interfaces.find(({ name }) => name === device)
    ?.addresses.map(({ address }) => address);
  return (held ?? planned ?? []).flatMap((text) => {
    const address = parseAddress(text);
    return address?.family === family ? [address] : [];
  });
}

/**
 * The way by a device to a neighbour, for packets to a destination. Where the neighbour is not known it is the gateway that some
 * route by the device has; null where there is none.
 */
export function wayOut(
  facts: Facts,
  state: NodeState,
  device: string,
  nexthop: string | null,
  destination: string,
): WayOut | null {
  const neighbours = nexthop === null ? [] : addressesAt(facts, nexthop);
  if (neighbours.some(({ text }) => text === destination)) return { device, gateway: null };
  const links = linksOn(state, device, facts.flow.family);
  const onLink = neighbours.find((address) => links.some((link) => contains(link, address)));
  const gateway = onLink ?? neighbours.find(isLinkLocal);
  if (gateway !== undefined) return { device, gateway: gateway.text };
  const router = gatewayBy(facts, state, device, links);
  if (router !== null) return { device, gateway: router };
  const kind = state.devices.find(({ name }) => name === device);
  if (kind?.flags.includes('POINTOPOINT') || heldOn(state, device).some(({ peer }) => peer !== null))
    return { device, gateway: null };
  // On the link with an address of another network: IPv4 asks for it there where it is told to, by `onlink`.
  const [foreign] = facts.flow.family === 4 ? neighbours : [];
  return foreign === undefined ? null : { device, gateway: foreign.text };
}

/** The gateway that some route has by the device, or by another where both are on one link; else a router of that link. */
function gatewayBy(facts: Facts, state: NodeState, device: string, links: readonly Prefix[]): string | null {
  const { family } = facts.flow;
  const known = state.routes
    .filter((route) => route.family === family && route.type === 'unicast')
    .flatMap(({ nexthops }) => nexthops);
  const by = known.filter((each) => each.device === device);
  const isOnLink = ({ gateway }: RouteNexthop) => isInOne(links, gateway);
  const near = by.find(isOnLink) ?? known.find(isOnLink);
  return (
    near?.gateway ??
    routersOn(facts, state, device)[0] ??
    by.find(({ gateway }) => gateway !== null)?.gateway ??
    null
  );
}

/** Addresses of nodes on a device's link that forward, in a network of the device, in the order of the topology. */
export function routersOn(
  { plan, flow: { family } }: Facts,
  state: NodeState,
  device: string,
): readonly string[] {
  const links = linksOn(state, device, family);
  const own = [...plan.interfaces.values()].find(
    ({ endpoint }) => endpoint.node === state.node && endpoint.interface === device,
  );
  const near = own?.neighbours.map(endpointText) ?? [];
  const { nodes } = plan.scenario.topology;
  return nodes
    .filter((node) => node.name !== state.node && isRouter(node, family))
    .flatMap(({ name, interfaces }) =>
      interfaces.filter((each) => near.includes(endpointText({ node: name, interface: each.name }))),
    )
    .flatMap(({ addresses }) => addresses.map(({ address }) => address))
    .filter((address) => isInOne(links, address));
}

function isInOne(links: readonly Prefix[], text: string | null): boolean {
  const address = text === null ? null : parseAddress(text);
  return address !== null && links.some((link) => contains(link, address));
}

function linksOn(state: NodeState, device: string, family: Family): readonly Prefix[] {
  return heldOn(state, device).flatMap((held) => (held.family === family ? (linkOf(held) ?? []) : []));
}

function heldOn({ addresses }: NodeState, device: string): readonly HeldAddress[] {
  return addresses.filter((each) => each.device === device);
}

/** The network that an address makes its device's own, or of which it says that the other end is in. */
export function linkOf({
  address,
  prefixLength,
  peer,
}: Pick<HeldAddress, 'address' | 'prefixLength' | 'peer'>): Prefix | null {
  const parsed = parseAddress(peer ?? address);
  return parsed === null ? null : makePrefix(parsed, prefixLength);
}

/** The address with that text that a node has. */
export function heldAddress({ addresses }: NodeState, text: string | null): HeldAddress | null {
  const canonical = text === null ? undefined : parseAddress(text)?.text;
  return addresses.find(({ address }) => parseAddress(address)?.text === canonical) ?? null;
}

/**
 * Where a packet with a source of its node's own belongs: to the interface that has it, and there to the neighbour in the
 * source's network, where that is one alone. Null where the source is another's, or of no interface with neighbours.
 */
export function homeOf(
  state: NodeState | null,
  { interfaces }: LabPlan,
  { node, packet }: Passage,
): { readonly device: string; readonly nexthop: string | null } | null {
  const held = state === null ? null : heldAddress(state, packet.source);
  const network = held === null ? null : linkOf(held);
  if (held === null || network === null) return null;
  const planned = [...interfaces.values()];
  const own = planned.find(({ endpoint }) => endpoint.node === node && endpoint.interface === held.device);
  const inNetwork = planned.filter(
    ({ endpoint, addresses }) =>
      own?.neighbours.some((each) => endpointText(each) === endpointText(endpoint)) &&
      addresses.some((text) => isIn(network, text)),
  );
  const [router, another] = inNetwork;
  const nexthop = router === undefined || another !== undefined ? null : endpointText(router.endpoint);
  return { device: held.device, nexthop };
}

function isIn(network: Prefix, text: string): boolean {
  const address = parseAddress(text.split('/')[0] ?? '');
  return address !== null && contains(network, address);
}
