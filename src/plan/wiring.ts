import type { Port } from '../model/plan.js';
import { type Endpoint, endpointText, type Topology } from '../model/topology.js';
import type { WiredInterface } from './interfaces.js';
import { lossChains, trafficControl } from './links/impairment.js';
import { bridgeOf, portOf, segmentCommands, vlanCommands } from './links/segment.js';
import { vethPair } from './links/veth.js';

/** The command with each namespace named by a process in it, as ip-link(8) takes it. */
export function placeNamespaces(command: string, pidOf: (node: string) => number): string {
  return command.replace(/@([^@]+)@/g, (_, node: string) => String(pidOf(node)));
}

/** Commands for one `ip -batch` in the sandbox, which make all links and segments. */
export function linkCommands(topology: Topology, wired: readonly WiredInterface[]): string[] {
  const find = finder(wired);
  return [
    ...topology.links.map(({ a, b }) => vethPair(find(a), find(b))),
    ...topology.segments.flatMap((segment, i) => segmentCommands(i, segment, segment.ports.map(find))),
  ];
}

/** Commands for one `bridge -batch` in the sandbox after that; none without switches that know VLANs. */
export function switchCommands({ segments }: Topology, wired: readonly WiredInterface[]): string[] {
  const find = finder(wired);
  return segments.flatMap((segment) => vlanCommands(segment, segment.ports.map(find)));
}

/** How long links that delay packets take there and back, in milliseconds, by endpoint. */
export function roundTrips({ segments }: Topology): ReadonlyMap<string, number> {
  return new Map(
    segments.flatMap(({ impairment, ports }) =>
      impairment === null
        ? []
        : ports.map((port) => [endpointText(port), 2 * (impairment.delayMs + impairment.jitterMs)] as const),
    ),
  );
}

/** Commands for one `tc -batch` in the sandbox; none where no link delays packets or is slow. */
export function trafficCommands({ segments }: Topology, wired: readonly WiredInterface[]): string[] {
  const find = finder(wired);
  return segments.flatMap(({ impairment, ports }) =>
    impairment === null ? [] : trafficControl(impairment, ports.map(find).map(portOf)),
  );
}

/** A ruleset for `nft -f` in the sandbox; null where no link loses packets. */
export function lossRuleset({ segments }: Topology, wired: readonly WiredInterface[]): string | null {
  const find = finder(wired);
  const chains = segments.flatMap(({ impairment, ports }) =>
    impairment === null ? [] : lossChains(impairment, ports.map(find).map(portOf)),
  );
  return chains.length === 0 ? null : ['table netdev losses {', ...chains, '}', ''].join('\n');
}

function finder(wired: readonly WiredInterface[]): (endpoint: Endpoint) => WiredInterface {
  const wires = new Map(wired.map((wire) => [wire.endpoint, wire]));
  return (endpoint) => {
    const found = wires.get(endpoint);
    if (!found) throw new Error(`${endpoint.node}:${endpoint.interface} was not laid out`);
    return found;
  };
}

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
