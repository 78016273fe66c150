import type { EventCommands, LabPlan } from '../model/plan.js';
import type { IpCommand } from '../model/policy.js';
import type { DialEvent, LabEvent, WireEvent } from '../model/scenario.js';
import {
  type Endpoint,
  endpointText,
  type InterfaceAddress,
  type Segment,
  type Topology,
} from '../model/topology.js';

/** An event on which a script has no part. */
export type PlannedEvent = Exclude<LabEvent, { readonly kind: 'shell' } | DialEvent>;

export function isPlanned(event: LabEvent): event is PlannedEvent {
  return event.kind !== 'shell' && !isDial(event);
}

export function isDial(event: LabEvent): event is DialEvent {
  return event.kind === 'connect' || event.kind === 'disconnect';
}

type Wires = Pick<LabPlan, 'scenario' | 'ports'>;

/** What is done for each kind of event. */
export function eventCommands(event: PlannedEvent, plan: Wires): EventCommands {
  const { node, interface: name } = event.endpoint;
  switch (event.kind) {
    case 'link-up':
    case 'link-down':
      return inNode(node, [`link set dev ${name} ${event.kind === 'link-up' ? 'up' : 'down'}`]);
    case 'address':
      return { node, commands: addressCommands(name, event.remove, event.add) };
    case 'unplug':
    case 'plug':
    case 'silence':
    case 'restore':
      return { node: null, commands: wireCommands(event.kind, event.endpoint, plan).map(ofFamily4) };
  }
}

const ofFamily4 = (text: string): IpCommand => ({ family: 4, text });

function inNode(node: string, texts: readonly string[]): EventCommands {
  return { node, commands: texts.map(ofFamily4) };
}

/**
 * The old ones first: a new one of the same subnet would be secondary to an old one, and go with it (promote_secondaries in
 * ip-sysctl.rst). With the last IPv4 address of an interface its routes go (fib_disable_ip() in net/ipv4/fib_frontend.c).
 */
function addressCommands(
  name: string,
  remove: readonly InterfaceAddress[],
  add: readonly InterfaceAddress[],
): readonly IpCommand[] {
  const change = (
    verb: string,
    { family, address, prefixLength }: InterfaceAddress,
    flags = '',
  ): IpCommand => ({
    family,
    text: `address ${verb} ${address}/${prefixLength} dev ${name}${flags}`,
  });
  return [
    ...remove.map((each) => change('del', each)),
    ...add.map((each) => change('add', each, each.family === 6 ? ' nodad' : '')),
  ];
}

/**
 * A port that is down takes the carrier from the other end of its veth, and no more: the interface there stays up
 * (veth_close() in drivers/net/veth.c). A port that is in no bridge swallows what it is given.
 */
function wireCommands(kind: WireEvent, endpoint: Endpoint, plan: Wires): readonly string[] {
  const ports = endsOf(endpoint, plan.scenario.topology).map((end) => {
    const port = plan.ports.get(endpointText(end));
    if (port === undefined) throw new Error(`${endpointText(end)} was laid out without a port`);
    return port;
  });
  if (kind === 'unplug' || kind === 'plug') {
    return ports.map(({ name }) => `link set dev ${name} ${kind === 'plug' ? 'up' : 'down'}`);
  }
  return ports.map(({ name, bridge }) =>
    kind === 'restore' ? `link set dev ${name} master ${bridge}` : `link set dev ${name} nomaster`,
  );
}

/** Both ends of a link; of a segment the endpoint alone. */
function endsOf(endpoint: Endpoint, { links }: Topology): Segment['ports'] {
  const text = endpointText(endpoint);
  const link = links.find(({ a, b }) => endpointText(a) === text || endpointText(b) === text);
  return link === undefined ? [endpoint] : [link.a, link.b];
}
