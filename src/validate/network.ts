import type { Mark } from '../load/source.js';
import type { Family } from '../model/family.js';
import type { Endpoint, InterfaceAddress, Node } from '../model/topology.js';
import type { Faults } from './faults.js';
import { isInterfaceName } from './names.js';
import { suggestion } from './nearest.js';

/** The nodes of a topology with their interfaces and addresses: what names are resolved in. */
export class Network {
  readonly #nodes: ReadonlyMap<string, ReadonlyMap<string, readonly InterfaceAddress[]>>;

  constructor(nodes: readonly Pick<Node, 'name' | 'interfaces'>[]) {
    this.#nodes = new Map(
      nodes.map((node) => [
        node.name,
        new Map(node.interfaces.map(({ name, addresses }) => [name, addresses])),
      ]),
    );
  }

  /** Reports a node that does not exist. */
  checkNode(name: string, at: Mark, faults: Faults): boolean {
    if (this.#nodes.has(name)) return true;
    const hint = suggestion(name, [...this.#nodes.keys()], 'Write a node of the topology.');
    faults.add(at, 'unknown-node', `there is no node ${name}`, hint);
    return false;
  }

  /** Reports an interface that its node does not have. */
  checkInterface(node: string, name: string, at: Mark, faults: Faults): boolean {
    const interfaces = this.#nodes.get(node);
    if (interfaces?.has(name)) return true;
    const hint = suggestion(name, [...(interfaces?.keys() ?? [])], 'Write an interface of the node.');
    faults.add(at, 'unknown-interface', `the node ${node} has no interface ${name}`, hint);
    return false;
  }

  hasInterface(node: string, name: string): boolean {
    return this.#nodes.get(node)?.has(name) ?? false;
  }

  /** Whether a node has the interface, or a script can have made it on one that runs any. */
  mayHaveInterface(node: string, name: string, scripted: ReadonlySet<string>): boolean {
    return name === 'lo' || this.hasInterface(node, name) || (scripted.has(node) && isInterfaceName(name));
  }

  /** The endpoint that a text names; null, reported, where there is none. */
  endpoint(text: string, at: Mark, faults: Faults): Endpoint | null {
    const endpoint = parseEndpoint(text);
    if (endpoint === null) {
      faults.add(at, 'bad-endpoint', `${text} is not node:interface`, 'Write it as in server:eth1.');
      return null;
    }
    const known =
      this.checkNode(endpoint.node, at, faults) &&
      this.checkInterface(endpoint.node, endpoint.interface, at, faults);
    return known ? endpoint : null;
  }

  addresses(endpoint: Endpoint): readonly InterfaceAddress[] {
    return this.#nodes.get(endpoint.node)?.get(endpoint.interface) ?? [];
  }

  /** The first address of a family. */
  firstAddress(endpoint: Endpoint, family: Family): InterfaceAddress | null {
    return this.addresses(endpoint).find((address) => address.family === family) ?? null;
  }

  /** The node that has an address; null where none has. */
  owner(address: string): string | null {
    for (const [node, interfaces] of this.#nodes) {
      for (const addresses of interfaces.values()) {
        if (addresses.some((one) => one.address === address)) return node;
      }
    }
    return null;
  }
}

/** Reads `node:interface`; an IPv6 address is none. */
export function parseEndpoint(text: string): Endpoint | null {
  const match = /^([^:\s/]+):([^:\s/]+)$/.exec(text);
  const [, node, name] = match ?? [];
  return node === undefined || name === undefined ? null : { node, interface: name };
}
