import { type Endpoint, endpointText, type Node } from '../model/topology.js';
import type { Facts } from './facts.js';
import { addressesAt } from './gateway.js';
import { isDown } from './link.js';
import { forwardingKey, isRouter } from './router.js';

/** From a node out by an interface, and to an endpoint on its link. */
export interface LinkHop {
  readonly node: string;
  readonly device: string;
  readonly to: Endpoint;
}

/**
 * The shortest way along the topology's links from a node to one that has an address, by nodes that forward, whatever their
 * routes are; null where there is none.
 *
 * @param avoided nodes by which it is not to lead
 */
export function wayAlongLinks(
  facts: Facts,
  from: string,
  address: string,
  avoided: readonly string[],
): readonly LinkHop[] | null {
  const seen = new Set([from, ...avoided]);
  let ways: readonly (readonly LinkHop[])[] = [[]];
  while (ways.length > 0) {
    const longer = ways.flatMap((way) =>
      hopsFrom(facts, way.at(-1)?.to.node ?? from, address)
        .filter(({ to }) => !seen.has(to.node))
        .map((hop) => [...way, hop]),
    );
    const found = longer.find((way) => hasAddress(facts, way.at(-1)?.to.node, address));
    if (found !== undefined) return found;
    for (const way of longer) seen.add(way.at(-1)?.to.node ?? from);
    ways = longer.filter((way) => forwards(facts, way.at(-1)?.to.node));
  }
  return null;
}

/** Those that lead to the address itself are first: a node may be on a link twice. */
function hopsFrom(facts: Facts, node: string, address: string): readonly LinkHop[] {
  const ports = [...facts.plan.interfaces.values()].filter(({ endpoint }) => endpoint.node === node);
  const hops = ports.flatMap(({ endpoint, neighbours }) => {
    const { interface: device } = routedAt(facts, endpoint);
    return isDown(facts, { node, interface: device })
      ? []
      : neighbours.map((each) => ({ node, device, to: routedAt(facts, each) }));
  });
  const leads = ({ to }: LinkHop) =>
    addressesAt(facts, endpointText(to)).some(({ text }) => text === address) ? 0 : 1;
  return hops.sort((a, b) => leads(a) - leads(b));
}

/** The interface to which what comes in by one belongs: of a port of a bridge or of a bond that device. */
function routedAt({ plan }: Facts, { node, interface: name }: Endpoint): Endpoint {
  const faces = plan.scenario.topology.nodes.find((each) => each.name === node)?.interfaces ?? [];
  const above = faces.find(
    (face) => (face.kind === 'bridge' || face.kind === 'bond') && face.ports.includes(name),
  );
  return { node, interface: above?.name ?? name };
}

function hasAddress(facts: Facts, name: string | undefined, address: string): boolean {
  const node = nodeOf(facts, name);
  return (node?.interfaces ?? []).some((face) =>
    addressesAt(facts, `${name}:${face.name}`).some(({ text }) => text === address),
  );
}

function forwards(facts: Facts, name: string | undefined): boolean {
  const node = nodeOf(facts, name);
  if (node === undefined) return false;
  const key = forwardingKey(facts.flow.family);
  const now = facts.stateOf(node.name)?.sysctls.get(key);
  return now === undefined ? isRouter(node, facts.flow.family) : now === '1';
}

function nodeOf({ plan }: Facts, name: string | undefined): Node | undefined {
  return plan.scenario.topology.nodes.find((each) => each.name === name);
}
