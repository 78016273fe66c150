import { markAt, type Tree } from '../load/tree.js';
import type { Interface, Node } from '../model/topology.js';
import type { Faults } from './faults.js';
import type { Network } from './network.js';

type Path = readonly PropertyKey[];

/** What interfaces that are made of others name: has to be there, in one of them alone, and no circle. */
export function checkStacking(
  tree: Tree,
  node: Pick<Node, 'name' | 'interfaces'>,
  network: Network,
  faults: Faults,
): void {
  const byName = new Map(node.interfaces.map((each) => [each.name, each]));
  const masters = new Map<string, string>();
  for (const { below, path, master, bears } of node.interfaces.flatMap((each) =>
    references(node.name, each),
  )) {
    const at = markAt(tree, path);
    if (!network.checkInterface(node.name, below, at, faults)) continue;
    const found = byName.get(below);
    if (found?.kind === 'external') {
      const message = `${below} is not there when ${master} is made: something in ${node.name} makes it`;
      faults.add(at, 'made-later', message, `Have ${master} made there too, and give it \`kind: external\`.`);
    }
    if (bears) continue;
    const other = masters.get(below);
    if (other !== undefined) {
      const hint = 'An interface is a port of one other at most.';
      faults.add(at, 'interface-connected-twice', `${below} is a port of ${other} already`, hint);
    }
    masters.set(below, master);
    if (found !== undefined && byName.get(master)?.kind !== 'vrf')
      checkPort(tree, node.name, found, master, faults);
  }
  checkCircles(tree, node, byName, faults);
}

/** Devices that a bridge or bond has taken speak no IP. */
function checkPort(tree: Tree, node: string, port: Interface, master: string, faults: Faults): void {
  if (port.addresses.length === 0) return;
  const at = markAt(tree, ['nodes', node, 'interfaces', port.name, 'addresses']);
  const message = `${port.name} is a port of ${master}, and its addresses would not be reached`;
  faults.add(at, 'port-address', message, `Give them to ${master}.`);
}

interface Reference {
  readonly below: string;
  readonly path: Path;
  readonly master: string;
  /** It bears the other one, and stays what it is. */
  readonly bears: boolean;
}

function references(node: string, device: Interface): Reference[] {
  const path = ['nodes', node, 'interfaces', device.name];
  if ('on' in device) return [{ below: device.on, path: [...path, 'on'], master: device.name, bears: true }];
  if (!('ports' in device)) return [];
  return device.ports.map((below, index) => ({
    ...{ below, master: device.name, bears: false },
    path: [...path, 'ports', index],
  }));
}

function checkCircles(
  tree: Tree,
  node: Pick<Node, 'name' | 'interfaces'>,
  byName: ReadonlyMap<string, Interface>,
  faults: Faults,
): void {
  const done = new Set<string>();
  const visit = (name: string, open: readonly string[]) => {
    const device = byName.get(name);
    if (device === undefined || done.has(name)) return;
    if (open.includes(name)) {
      const circle = [...open.slice(open.indexOf(name)), name].join(' on ');
      const at = markAt(tree, ['nodes', node.name, 'interfaces', name], true);
      faults.add(at, 'cyclic-interfaces', `interfaces stand on one another: ${circle}`, 'Break the circle.');
      return;
    }
    for (const { below } of references(node.name, device)) visit(below, [...open, name]);
    done.add(name);
  };
  for (const { name } of node.interfaces) visit(name, []);
}
