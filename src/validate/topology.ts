import type { AddressInput, NodeInput, TopologyInput } from '../format/topology.js';
import { markAt, type Tree } from '../load/tree.js';
import type { Interface, InterfaceAddress, Node, Topology } from '../model/topology.js';
import { parseAddress, parsePrefix } from '../net/address.js';
import { checkConnections, connectionsOf, mtusOf } from './connections.js';
import type { Faults } from './faults.js';
import { interfaceNameFault, nodeNameFault } from './names.js';
import { Network } from './network.js';
import { type PolicyContext, readPolicy } from './policy.js';
import { baseSysctls } from './profile.js';
import { routesOf } from './routes.js';
import { sysctlSettings } from './sysctls.js';

/** A topology in the model's terms, and what names in a scenario are resolved in. */
export interface BuiltTopology {
  readonly topology: Topology;
  readonly network: Network;
}

/** Makes the model of a topology whose shape is right and whose parameters are decided. */
export function buildTopology(
  name: string,
  tree: Tree,
  input: TopologyInput,
  context: Omit<PolicyContext, 'network'>,
): BuiltTopology {
  const { faults } = context;
  const allowed = new Set<string>(input.allow);
  const mtus = mtusOf(input);
  const nodes = Object.entries(input.nodes ?? {}).map(([node, value]) => {
    const fault = nodeNameFault(node);
    if (fault !== null)
      faults.add(
        markAt(tree, ['nodes', node], true),
        'node-name',
        `the node name ${node} ${fault}`,
        'Choose another name.',
      );
    return {
      name: node,
      input: value ?? {},
      interfaces: interfacesOf(tree, node, value ?? {}, mtus, faults),
    };
  });
  if (nodes.length === 0)
    faults.add(
      tree.at,
      'no-nodes',
      'the topology has no nodes',
      'Add nodes:, or extend a topology that has some.',
    );
  if (!allowed.has('duplicate-address')) checkDuplicates(tree, nodes, faults);

  const network = new Network(nodes);
  const before = faults.count;
  const { links, segments } = connectionsOf(tree, input, network, faults);
  // A link that names something unknown is reported, and would make its other end look loose.
  if (faults.count === before) checkConnections(tree, nodes, links, segments, faults);
  const nodeUnderTest = input.nodeUnderTest ?? null;
  if (nodeUnderTest !== null) network.checkNode(nodeUnderTest, markAt(tree, ['nodeUnderTest']), faults);

  const built = nodes.map((node): Node => {
    const path = ['nodes', node.name];
    return {
      name: node.name,
      interfaces: node.interfaces,
      routes: routesOf(tree, [...path, 'routes'], node, allowed, faults),
      sysctls: [
        ...baseSysctls(
          node.input,
          node.interfaces.filter(({ kind }) => kind !== 'external').map(({ name }) => name),
        ),
        ...ownSysctls(tree, path, node.input, faults),
      ],
      policy: readPolicy(tree, [...path, 'policy'], node.input.policy, { ...context, network }),
    };
  });
  return { topology: { name, nodeUnderTest, nodes: built, links, segments }, network };
}

function interfacesOf(
  tree: Tree,
  node: string,
  input: NodeInput,
  mtus: ReadonlyMap<string, number>,
  faults: Faults,
): Interface[] {
  return Object.entries(input.interfaces ?? {}).map(([name, value]) => {
    const path = ['nodes', node, 'interfaces', name];
    const fault = interfaceNameFault(name);
    if (fault !== null) {
      const hint = 'Choose another name, for example eth0.';
      faults.add(markAt(tree, path, true), 'interface-name', `the interface name ${name} ${fault}`, hint);
    }
    const kind = value?.kind ?? 'ethernet';
    const addresses = (value?.addresses ?? []).flatMap((input, index) => {
      const address = interfaceAddress(input);
      if (address !== null) return [{ ...address, dynamic: address.dynamic || kind === 'external' }];
      const text = addressText(input);
      const at = markAt(tree, addressPath(path, index, input));
      const plain = parseAddress(text);
      const hint =
        plain === null
          ? 'Write it as in 192.0.2.10/24 or 2001:db8:a::10/64.'
          : `Write the prefix length: ${text}/${plain.family === 4 ? 24 : 64}.`;
      faults.add(at, 'bad-address', `${text} is not an address with prefix length`, hint);
      return [];
    });
    return { name, kind, addresses, mtu: value?.mtu ?? mtus.get(`${node}:${name}`) ?? null };
  });
}

function interfaceAddress(input: AddressInput): InterfaceAddress | null {
  const prefix = parsePrefix(addressText(input));
  if (prefix === null) return null;
  const { family, address, prefixLength } = prefix;
  return { family, address: address.text, prefixLength, dynamic: dynamicOf(input) };
}

function addressText(input: AddressInput): string {
  return typeof input === 'string' ? input : input.address;
}

function dynamicOf(input: AddressInput): boolean {
  return typeof input === 'string' ? false : (input.dynamic ?? false);
}

function addressPath(path: readonly PropertyKey[], index: number, input: AddressInput): PropertyKey[] {
  return [...path, 'addresses', index, ...(typeof input === 'string' ? [] : ['address'])];
}

function checkDuplicates(
  tree: Tree,
  nodes: readonly Pick<Node, 'name' | 'interfaces'>[],
  faults: Faults,
): void {
  const owners = new Map<string, string>();
  for (const node of nodes) {
    for (const { name, addresses } of node.interfaces) {
      for (const [index, { address }] of addresses.entries()) {
        const owner = owners.get(address);
        if (owner !== undefined) {
          const at = markAt(tree, ['nodes', node.name, 'interfaces', name, 'addresses', index]);
          const hint = 'Change one; if it is meant, add `allow: [duplicate-address]` to the topology.';
          faults.add(at, 'duplicate-address', `${address} is already the address of ${owner}`, hint);
        }
        owners.set(address, `${node.name}:${name}`);
      }
    }
  }
}

function ownSysctls(
  tree: Tree,
  path: readonly string[],
  input: NodeInput,
  faults: Faults,
): [string, string][] {
  const { sysctls } = input;
  if (sysctls === undefined) return [];
  const maps = Array.isArray(sysctls)
    ? sysctls.map((item, index) => ({ map: item.set, at: [...path, 'sysctls', index, 'set'] }))
    : [{ map: sysctls, at: [...path, 'sysctls'] }];
  return maps.flatMap(({ map, at }) => sysctlSettings(tree, at, map, faults));
}
