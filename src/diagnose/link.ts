import type { NeighbourEntry, Passage } from '../model/evidence.js';
import type { Deed } from '../model/scenario.js';
import { type Endpoint, endpointText, type InterfaceAddress } from '../model/topology.js';
import type { CauseFinder, Facts } from './facts.js';
import { notDialled } from './not-dialled.js';
import { ipDeed, isOwn } from './repair.js';
import { type Decision, nexthopsOf } from './rpdb.js';
import type { Silence } from './silence.js';
import { flagsOf, leftBy } from './where.js';

/** Something that was done to a link and not undone. */
interface Cut {
  readonly endpoint: Endpoint;
  readonly kind: 'silence' | 'unplug' | 'link-down';
  /** While the flows ran: what is done ahead of them does not undo it. */
  readonly isMeanwhile: boolean;
}

const UNDONE = { silence: 'restore', unplug: 'plug', 'link-down': 'link-up' } as const;

const TOLD = {
  silence: 'was silenced: both ends keep their carrier, and nothing passes',
  unplug: 'was unplugged',
  'link-down': 'was set down',
} as const;

/** An event or a command cut the link by which the packet was to go, or its interface has no carrier. */
export const linkDown: CauseFinder = (facts) => {
  const endpoint = withoutAddress(facts) ?? lostAt(facts);
  if (endpoint === null) return null;
  const idle = notDialled(facts, endpoint);
  if (idle !== null) return idle;
  const cut = cutAmong(facts, [endpoint, ...facing(facts, endpoint)]);
  const flags = flagsOf(facts, endpoint);
  const evidence = flags === null ? [] : [`${endpointText(endpoint)} is ${flags.join(', ')}`];
  if (cut !== null) return { code: 'link-down', evidence, text: cut.why, repair: cut.repair };
  if (flags === null || (flags.includes('LOWER_UP') && flags.includes('UP'))) return null;
  const why = flags.includes('UP') ? 'has no carrier' : 'is down';
  return { code: 'link-down', text: `${endpointText(endpoint)} ${why}`, evidence, repair: null };
};

/** What was done to the link of one of these interfaces and not undone; null where nothing was. */
export function cutAmong(facts: Facts, endpoints: readonly Endpoint[]): Silence | null {
  const ends = endpoints.map(endpointText);
  const cut = cutsIn(facts).find((each) => ends.includes(endpointText(each.endpoint)) && holds(facts, each));
  if (cut === undefined) return null;
  const { kind, endpoint } = cut;
  const event = { kind: UNDONE[kind], endpoint, place: facts.flow.place };
  const deeds: readonly Deed[] = [{ event }, ...(kind === 'link-down' ? addressesBack(facts, endpoint) : [])];
  const isAdvice = isOwn(facts, endpoint.node) && kind === 'link-down';
  return {
    why: `${endpointText(endpoint)} ${TOLD[kind]}${takenForText(facts, endpoint)}`,
    repair: cut.isMeanwhile ? null : { text: 'put the link in order', deeds, isAdvice },
  };
}

/** Whether an interface is down; false where nothing is known of it. */
export function isDown(facts: Facts, endpoint: Endpoint): boolean {
  return flagsOf(facts, endpoint)?.includes('UP') === false;
}

/** An interface that is down put up again, with the addresses that it had. */
export function putUp(facts: Facts, endpoint: Endpoint): readonly Deed[] {
  const event = { kind: 'link-up', endpoint, place: facts.flow.place } as const;
  return [{ event }, ...addressesBack(facts, endpoint)];
}

/** An interface that was down has lost its IPv6 addresses; keep_addr_on_down in ip-sysctl.rst. */
function addressesBack(facts: Facts, endpoint: Endpoint): readonly Deed[] {
  const { node, interface: name } = endpoint;
  const commands = lostAddresses(facts, endpoint).map(
    ({ address, prefixLength }) => `address add ${address}/${prefixLength} dev ${name} nodad`,
  );
  return facts.flow.family === 6 && commands.length > 0 ? [ipDeed(facts, node, 6, commands)] : [];
}

/** Addresses of IPv6 that an interface was made with and has no more. */
export function lostAddresses(
  facts: Facts,
  { node, interface: name }: Endpoint,
): readonly InterfaceAddress[] {
  const held = (facts.stateOf(node)?.addresses ?? []).map(({ address }) => address);
  const face = facts.plan.scenario.topology.nodes
    .find((each) => each.name === node)
    ?.interfaces.find((each) => each.name === name);
  return (face?.addresses ?? []).filter(({ family, address }) => family === 6 && !held.includes(address));
}

/** The interface that is down and has lost the address to which the program was to bind: EADDRNOTAVAIL of bind(2). */
function withoutAddress(facts: Facts): Endpoint | null {
  const { result, flow, plan, stateOf } = facts;
  const { bindAddress } = flow.probe;
  const held = stateOf(flow.from)?.addresses.some(({ address }) => address === bindAddress);
  if (result.errno !== 'EADDRNOTAVAIL' || bindAddress === null || held !== false) return null;
  const had = [...plan.interfaces.values()].find(
    ({ endpoint, addresses }) =>
      endpoint.node === flow.from && addresses.some((each) => each.split('/')[0] === bindAddress),
  );
  return had?.endpoint ?? null;
}

/** The interface by which the packet left, or was to leave. */
function lostAt(facts: Facts): Endpoint | null {
  const left = leftBy(facts);
  if (left !== null) return left;
  const { stop } = facts;
  const decision = stop === null ? null : facts.decisionFor(stop);
  if (stop === null || decision === null) return null;
  const device = boundTo(decision) ?? chosenBy(facts, stop, decision);
  return device === null ? null : { node: stop.node, interface: device };
}

/** The device of the next hop by which a packet was to go that never left: of several the one of its source, else one that is not in order. */
function chosenBy(facts: Facts, { node }: Passage, decision: Decision): string | null {
  const usable = nexthopsOf(decision).map(({ device }) => device);
  // ignore_routes_with_linkdown counts for several next hops only from the next change of a link on: fib_rebalance in
  // net/ipv4/fib_semantics.c.
  const all = decision.end.kind === 'route' ? decision.end.route.nexthops : [];
  const source = refusedSource(facts, node);
  const held = facts.stateOf(node)?.addresses.find(({ address }) => address === source);
  const isSource = all.length > 1 && all.some(({ device }) => device === held?.device);
  if (held !== undefined && isSource) return held.device;
  return usable.find((device) => !hasCarrier(facts, { node, interface: device })) ?? usable[0] ?? null;
}

/** The source that a node had given a packet of its own, as its error says that went back to it. */
function refusedSource({ passages }: Facts, node: string): string | null {
  const error = passages.find((each) => each.node === node && each.in === null && each.packet.isRefusal);
  return error?.packet.destination ?? null;
}

/** True where nothing is known of it. */
function hasCarrier(facts: Facts, endpoint: Endpoint): boolean {
  return flagsOf(facts, endpoint)?.includes('LOWER_UP') !== false;
}

/** The device without which there was no route. */
function boundTo({ end, query: { oif, isBound } }: Decision): string | null {
  if (end.kind === 'assumed') return end.device;
  return end.kind === 'none' && isBound ? oif : null;
}

/** The other end of its link; on a segment the port that has the layer-2 address that is known of the next hop, or its address. */
function facing(facts: Facts, { node, interface: name }: Endpoint): readonly Endpoint[] {
  const ports = [...facts.plan.interfaces.values()];
  const own = ports.find(({ endpoint }) => endpoint.node === node && endpoint.interface === name);
  const near = own?.neighbours ?? [];
  if (near.length <= 1) return near;
  const passage = facts.passages.findLast((each) => each.node === node && each.end !== 'delivered');
  const decision = passage === undefined ? null : facts.decisionFor(passage);
  const nexthop = decision === null ? undefined : nexthopsOf(decision).find(({ device }) => device === name);
  const target = nexthop?.gateway ?? passage?.packet.destination;
  const names = near.map(endpointText);
  const there = ports.filter(({ endpoint }) => names.includes(endpointText(endpoint)));
  const learnt = there.filter(({ mac }) => mac === knownTo(facts, node, target)?.mac);
  const named = there.filter(({ addresses }) => addresses.some((each) => each.split('/')[0] === target));
  return (learnt.length > 0 ? learnt : named).map(({ endpoint }) => endpoint);
}

function knownTo({ stateOf }: Facts, node: string, address: string | undefined): NeighbourEntry | undefined {
  return stateOf(node)?.neighbours.find((each) => each.address === address);
}

/** `, whose layer-2 address isp1 has for 192.0.2.20`: it answered for another interface while it was up. */
function takenForText(facts: Facts, { node, interface: name }: Endpoint): string {
  const last = facts.passages.at(-1);
  const cut = [...facts.plan.interfaces.values()].find(
    ({ endpoint }) => endpoint.node === node && endpoint.interface === name,
  );
  const target = last?.packet.destination;
  const isOwnAddress = cut?.addresses.some((each) => each.split('/')[0] === target);
  if (last === undefined || cut === undefined || isOwnAddress !== false) return '';
  const known = knownTo(facts, last.node, target);
  return known?.mac === cut.mac ? `, whose layer-2 address ${last.node} has for ${target}` : '';
}

/** Whether nothing undid it that is none of the steps' commands: then the interface has its carrier again. */
function holds(facts: Facts, { kind, endpoint, isMeanwhile }: Cut): boolean {
  return kind === 'silence' || isMeanwhile || !flagsOf(facts, endpoint)?.includes('LOWER_UP');
}

/** What was done to links in this lab, as far as it still holds. */
function cutsIn({ commands }: Facts): readonly Cut[] {
  const cuts = new Map<string, Cut>();
  for (const { node, text, exit, atMs } of commands) {
    const isMeanwhile = atMs !== undefined;
    const [, verb, ...event] = /^(silence|restore|unplug|plug) ([^\s:]+):(\S+)$/.exec(text) ?? [];
    const [, device, turn] = /\blink set (?:dev )?(\S+) (?:.* )?(up|down)$/.exec(text) ?? [];
    if (exit !== 0) continue;
    if (verb === 'silence' || verb === 'unplug') {
      const [at = '', name = ''] = event;
      cuts.set(`${at}:${name}`, { endpoint: { node: at, interface: name }, kind: verb, isMeanwhile });
    } else if (verb !== undefined) cuts.delete(event.join(':'));
    else if (device !== undefined && turn === 'down') {
      cuts.set(`${node}:${device}`, {
        endpoint: { node, interface: device },
        kind: 'link-down',
        isMeanwhile,
      });
    } else if (device !== undefined) cuts.delete(`${node}:${device}`);
  }
  return [...cuts.values()];
}
