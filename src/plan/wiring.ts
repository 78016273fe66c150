import type { Port } from '../model/plan.js';
import type { Endpoint, Topology } from '../model/topology.js';
import { macOf, type WiredInterface } from './interfaces.js';

/** Where a command names the network namespace of a node. */
const namespaceOf = (node: string): string => `@${node}@`;

/** The command with each namespace named by a process in it, as ip-link(8) takes it. */
export function placeNamespaces(command: string, pidOf: (node: string) => number): string {
  return command.replace(/@([^@]+)@/g, (_, node: string) => String(pidOf(node)));
}

/**
 * Commands for one `ip -batch` in the sandbox: every veth pair straight into its two namespaces, every
 * segment a bridge in the sandbox's own namespace, out of reach of what nodes do.
 *
 * Bridges forward at once (no listening and learning delay) and do no multicast snooping: ip-link(8).
 */
export function linkCommands(topology: Topology, wired: readonly WiredInterface[]): string[] {
  const wires = new Map(wired.map((wire) => [wire.endpoint, wire]));
  const find = (endpoint: Endpoint): WiredInterface => {
    const found = wires.get(endpoint);
    if (!found) throw new Error(`${endpoint.node}:${endpoint.interface} was not laid out`);
    return found;
  };
  const end = ({ index, endpoint, mac }: WiredInterface) =>
    `name ${endpoint.interface} index ${index} address ${mac} netns ${namespaceOf(endpoint.node)}`;

  const pairs = topology.links.map(({ a, b }) => `link add ${end(find(a))} type veth peer ${end(find(b))}`);
  const bridges = topology.segments.flatMap(({ ports }, i) => {
    const bridge = bridgeOf(i);
    return [
      `link add name ${bridge} type bridge forward_delay 0 mcast_snooping 0`,
      `link set dev ${bridge} up`,
      ...ports.flatMap((endpoint) => {
        const wire = find(endpoint);
        const port = portOf(wire);
        return [
          `link add name ${port} index ${wire.peerIndex} address ${macOf(wire.peerIndex)} type veth peer ${end(wire)}`,
          `link set dev ${port} mtu ${PORT_MTU} master ${bridge} up`,
        ];
      }),
    ];
  });
  return [...pairs, ...bridges];
}

/** The most that a veth takes: how long a frame may be is for the interfaces of the nodes to say. */
const PORT_MTU = 65_535;

const bridgeOf = (segment: number): string => `segment${segment}`;

const portOf = ({ peerIndex }: WiredInterface): string => `port${peerIndex}`;

/** Where each segment has its ports, by endpoint. */
export function portsOf(
  { segments }: Pick<Topology, 'segments'>,
  wired: readonly WiredInterface[],
): ReadonlyMap<string, Port> {
  const bridges = new Map(
    segments.flatMap(({ ports }, i) => ports.map((port) => [endpointText(port), bridgeOf(i)] as const)),
  );
  return new Map(
    wired.flatMap((wire) => {
      const bridge = bridges.get(endpointText(wire.endpoint));
      return bridge === undefined
        ? []
        : [[endpointText(wire.endpoint), { name: portOf(wire), bridge }] as const];
    }),
  );
}

/** As it is written: `node:interface`. */
export function endpointText({ node, interface: name }: Endpoint): string {
  return `${node}:${name}`;
}
