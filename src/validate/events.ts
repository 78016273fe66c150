import { milliseconds } from '../format/common.js';
import type { EventInput } from '../format/scenario.js';
import { placeOf } from '../load/source.js';
import { markAt, type Tree } from '../load/tree.js';
import type { DialEvent, LabEvent } from '../model/scenario.js';
import type { Endpoint, InterfaceAddress } from '../model/topology.js';
import { parsePrefix } from '../net/address.js';
import { DEFAULT_TIMEOUT_MS, each, type Path, type StepContext } from './entries.js';
import { isSame, pppEnds } from './ppp-ends.js';

/** The keys of an event, of which an entry has one. */
const KINDS = [
  'down',
  'up',
  'unplug',
  'plug',
  'silence',
  'restore',
  'address',
  'connect',
  'disconnect',
  'shell',
] as const;

/** What the keys that name an endpoint alone are called. */
const OF_ENDPOINT = {
  down: 'link-down',
  up: 'link-up',
  unplug: 'unplug',
  plug: 'plug',
  silence: 'silence',
  restore: 'restore',
} as const;

/** The events at a path: one entry or a list of them. */
export function eventsOf(
  tree: Tree,
  path: Path,
  input: EventInput | readonly EventInput[] | undefined,
  context: StepContext,
): LabEvent[] {
  return each(tree, path, input).flatMap(({ input: one, path: here }) => {
    const event = eventOf(tree, here, one, context);
    return event === null ? [] : [event];
  });
}

function eventOf(tree: Tree, path: Path, input: EventInput, context: StepContext): LabEvent | null {
  const kinds = KINDS.filter((key) => input[key] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const hint = `Write one of ${KINDS.slice(0, -1).join(', ')} and ${KINDS.at(-1)} in each entry; several events are a list.`;
    const message = `an event is one thing, and this is ${kinds.join(' and ') || 'none'}`;
    context.faults.add(markAt(tree, path), 'bad-value', message, hint);
    return null;
  }
  if (kind === 'shell') return shellEvent(tree, path, input.shell, context);
  if (kind === 'address') return addressEvent(tree, path, input.address, context);
  const endpoint = endpointAt(tree, [...path, kind], input[kind], context);
  if (endpoint === null) return null;
  if (kind === 'connect' || kind === 'disconnect') return dialEvent(tree, path, kind, endpoint, context);
  if (kind !== 'down' && kind !== 'up' && !isWired(endpoint, context)) {
    const hint = 'Name an interface that is on a link or in a segment, or take it down.';
    const message = `${input[kind]} is on no link and in no segment, so there is nothing to ${kind}`;
    context.faults.add(markAt(tree, [...path, kind]), 'interface-unconnected', message, hint);
    return null;
  }
  if ((kind === 'silence' || kind === 'restore') && knowsVlans(endpoint, context)) {
    const hint = 'Use unplug and plug there, or silence the link of another interface.';
    const message = `${input[kind]} is a port of a switch with VLANs, which forgets them when a port is silenced`;
    context.faults.add(markAt(tree, [...path, kind]), 'bad-value', message, hint);
    return null;
  }
  return { kind: OF_ENDPOINT[kind], endpoint, place: placeOf(markAt(tree, path)) };
}

/** The ends of its link get the addresses that the topology gives them. */
function dialEvent(
  tree: Tree,
  path: Path,
  kind: DialEvent['kind'],
  endpoint: Endpoint,
  context: StepContext,
): LabEvent | null {
  const { built, faults } = context;
  const wired = { links: built.topology.links, network: built.network, faults };
  const ends = pppEnds(endpoint, markAt(tree, [...path, kind]), wired);
  return ends === null ? null : { kind, endpoint, ends, place: placeOf(markAt(tree, path)) };
}

/** A port that is taken out of its bridge comes back without its VLANs; nbp_vlan_init() in net/bridge/br_vlan.c. */
function knowsVlans(endpoint: Endpoint, { built: { topology } }: StepContext): boolean {
  return topology.segments.some(
    ({ vlans, ports }) => vlans !== null && ports.some((port) => isSame(port, endpoint)),
  );
}

function isWired(endpoint: Endpoint, { built: { topology } }: StepContext): boolean {
  const ends = [
    ...topology.links.flatMap(({ a, b }) => [a, b]),
    ...topology.segments.flatMap(({ ports }) => ports),
  ];
  return ends.some((end) => isSame(end, endpoint));
}

function shellEvent(
  tree: Tree,
  path: Path,
  input: EventInput['shell'],
  { built, faults }: StepContext,
): LabEvent | null {
  if (input === undefined) return null;
  const { node, script, timeout } = input;
  if (!built.network.checkNode(node, markAt(tree, [...path, 'shell', 'node']), faults)) return null;
  const timeoutMs = timeout === undefined ? DEFAULT_TIMEOUT_MS : milliseconds(timeout);
  return { kind: 'shell', node, script, timeoutMs, place: placeOf(markAt(tree, path)) };
}

function addressEvent(
  tree: Tree,
  path: Path,
  input: EventInput['address'],
  context: StepContext,
): LabEvent | null {
  if (input === undefined) return null;
  const here = [...path, 'address'];
  const endpoint = endpointAt(tree, [...here, 'interface'], input.interface, context);
  const addresses = (key: 'remove' | 'add') =>
    (input[key] ?? []).flatMap((text, i) => addressAt(tree, [...here, key, i], text, context));
  const [remove, add] = [addresses('remove'), addresses('add')];
  if ((input.remove ?? []).length + (input.add ?? []).length === 0) {
    const hint = 'Write the addresses that it loses under remove, and those that it gets under add.';
    context.faults.add(markAt(tree, here), 'bad-value', 'this changes no address', hint);
  }
  return endpoint === null
    ? null
    : { kind: 'address', endpoint, remove, add, place: placeOf(markAt(tree, path)) };
}

function addressAt(tree: Tree, path: Path, text: string, { faults }: StepContext): InterfaceAddress[] {
  const prefix = parsePrefix(text);
  if (prefix !== null) {
    const { family, address, prefixLength } = prefix;
    return [{ family, address: address.text, prefixLength, dynamic: false, peer: null, label: null }];
  }
  const hint = 'Write it as in 192.0.2.10/24 or 2001:db8:a::10/64.';
  faults.add(markAt(tree, path), 'bad-address', `${text} is not an address with prefix length`, hint);
  return [];
}

function endpointAt(
  tree: Tree,
  path: Path,
  text: string | undefined,
  { built, faults }: StepContext,
): Endpoint | null {
  return text === undefined ? null : built.network.endpoint(text, markAt(tree, path), faults);
}
