import type { NodeInput, TopologyInput } from '../format/topology.js';
import { markAt, type Tree } from '../load/tree.js';
import type { Node, Topology } from '../model/topology.js';
import { checkConnections, connectionsOf, linkEndsOf } from './connections.js';
import type { Faults } from './faults.js';
import { interfacesOf } from './interfaces.js';
import { nodeNameFault } from './names.js';
import { Network } from './network.js';
import { type PolicyContext, readPolicy } from './policy.js';
import { withPppEnds } from './ppp-ends.js';
import { baseSysctls } from './profile.js';
import { routesOf } from './routes.js';
import { checkStacking } from './stacking.js';
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
  const linkEnds = linkEndsOf(input);
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
      interfaces: interfacesOf(tree, node, value ?? {}, linkEnds, faults),
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
  for (const node of nodes) checkStacking(tree, node, network, faults);
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
      policy: readPolicy(tree, [...path, 'policy'], node.input.policy, { ...context, network }).map((item) =>
        withPppEnds(item, node.name, markAt(tree, [...path, 'policy']), { links, network, faults }),
      ),
    };
  });
  return { topology: { name, nodeUnderTest, nodes: built, links, segments }, network };
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
