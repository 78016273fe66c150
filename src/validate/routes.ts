import type { NodeInput, StaticRouteInput } from '../format/topology.js';
import { markAt, type Tree } from '../load/tree.js';
import type { Family } from '../model/family.js';
import type { Interface, StaticRoute } from '../model/topology.js';
import {
  type Address,
  addressBits,
  contains,
  hasHostBits,
  isLinkLocal,
  makePrefix,
  networkText,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '../net/address.js';
import type { Faults } from './faults.js';
import { suggestion } from './nearest.js';

interface RoutedNode {
  readonly name: string;
  readonly input: NodeInput;
  readonly interfaces: readonly Interface[];
}

const FAMILIES: readonly Family[] = [4, 6];

/** The static routes of a node, checked against its addresses. */
export function routesOf(
  tree: Tree,
  path: readonly PropertyKey[],
  node: RoutedNode,
  allowed: ReadonlySet<string>,
  faults: Faults,
): StaticRoute[] {
  const routes: StaticRoute[] = [];
  const seen = new Set<string>();
  for (const [index, input] of (node.input.routes ?? []).entries()) {
    const here = [...path, index];
    for (const route of expand(tree, here, input, node, allowed, faults)) {
      const key = `${route.family} ${route.to} ${route.metric ?? 'none'}`;
      if (seen.has(key) && !allowed.has('duplicate-route')) {
        const hint = 'Give one a metric, or remove it; if it is meant, add `allow: [duplicate-route]`.';
        faults.add(
          markAt(tree, here),
          'duplicate-route',
          `${node.name} has a route to ${route.to} already`,
          hint,
        );
      }
      seen.add(key);
      routes.push(route);
    }
  }
  return routes;
}

function expand(
  tree: Tree,
  path: readonly PropertyKey[],
  input: StaticRouteInput,
  node: RoutedNode,
  allowed: ReadonlySet<string>,
  faults: Faults,
): StaticRoute[] {
  const read = (key: 'via' | 'src'): Address | null => {
    const text = input[key];
    const address = text === undefined ? null : parseAddress(text);
    if (text !== undefined && address === null) {
      faults.add(
        markAt(tree, [...path, key]),
        'bad-address',
        `${text} is not an address`,
        'Write a literal address: a topology has no endpoint references in its routes.',
      );
    }
    return address;
  };
  const via = read('via');
  const src = read('src');
  const to = destination(input.to);
  if (to === null) {
    faults.add(
      markAt(tree, [...path, 'to']),
      'bad-address',
      `${input.to} is not a destination`,
      'Write default, a prefix or an address.',
    );
    return [];
  }
  if (input.dev !== undefined && !node.interfaces.some(({ name }) => name === input.dev)) {
    const hint = suggestion(
      input.dev,
      node.interfaces.map(({ name }) => name),
      'Write an interface of the node.',
    );
    faults.add(
      markAt(tree, [...path, 'dev']),
      'unknown-interface',
      `the node ${node.name} has no interface ${input.dev}`,
      hint,
    );
    return [];
  }
  const device = node.interfaces.find(({ name }) => name === input.dev);
  if (device?.kind === 'external' || device?.kind === 'ppp') {
    const why = device.kind === 'ppp' ? 'an event connects it' : `something in ${node.name} makes it`;
    const message = `${input.dev} is not there when static routes are set: ${why}`;
    faults.add(markAt(tree, [...path, 'dev']), 'made-later', message, LATER);
    return [];
  }
  const known = [input.family, to === 'default' ? undefined : to.family, via?.family, src?.family].filter(
    (one) => one !== undefined,
  );
  const families = known.length === 0 ? FAMILIES : [...new Set(known)];
  if (known.length > 0 && families.length > 1) {
    faults.add(
      markAt(tree, path),
      'mixed-families',
      'IPv4 and IPv6 stand in one route',
      'Write one route for each family.',
    );
    return [];
  }
  if (via === null && input.dev === undefined) {
    faults.add(
      markAt(tree, path),
      'missing-key',
      'the route has neither via nor dev',
      'Add the gateway (via) or the interface (dev).',
    );
    return [];
  }
  if (to !== 'default' && hasHostBits(to) && !allowed.has('host-bits')) {
    const hint = `Write ${networkText(to)}; if it is meant, add \`allow: [host-bits]\` to the topology.`;
    faults.add(
      markAt(tree, [...path, 'to']),
      'host-bits',
      `${input.to} has bits set beyond its prefix length`,
      hint,
    );
  }
  const isReachable = via === null || onLink(via, input.dev, node, false);
  if (via !== null && !isReachable && onLink(via, input.dev, node, true)) {
    const message = `the gateway ${via.text} is on a network of ${node.name} by a dynamic address only, which is not there when static routes are set`;
    faults.add(markAt(tree, [...path, 'via']), 'made-later', message, LATER);
  } else if (via !== null && !isReachable && !allowed.has('gateway-off-link')) {
    const where = input.dev === undefined ? node.name : `${node.name}:${input.dev}`;
    const hint =
      'Correct the gateway or the addresses; if it is meant, add `allow: [gateway-off-link]` to the topology.';
    faults.add(
      markAt(tree, [...path, 'via']),
      'gateway-off-link',
      `the gateway ${via.text} is on no network of ${where}`,
      hint,
    );
  }
  const sources = node.interfaces
    .flatMap(({ addresses }) => addresses)
    .filter(({ address }) => address === src?.text);
  if (src !== null && sources.length > 0 && sources.every(({ dynamic }) => dynamic)) {
    const message = `${src.text} is a dynamic address, which is not there when static routes are set`;
    faults.add(markAt(tree, [...path, 'src']), 'made-later', message, LATER);
  } else if (src !== null && sources.length === 0 && !allowed.has('foreign-source')) {
    const hint =
      'Write an address of the node; if it is meant, add `allow: [foreign-source]` to the topology.';
    faults.add(
      markAt(tree, [...path, 'src']),
      'foreign-source',
      `${src.text} is not an address of ${node.name}`,
      hint,
    );
  }
  return families.map((family) => ({
    family,
    to: to === 'default' ? (family === 4 ? '0.0.0.0/0' : '::/0') : `${to.address.text}/${to.prefixLength}`,
    via: via?.text ?? null,
    dev: input.dev ?? null,
    src: src?.text ?? null,
    metric: input.metric ?? null,
  }));
}

function destination(text: string): Prefix | 'default' | null {
  if (text === 'default') return 'default';
  const address = parseAddress(text);
  return address === null ? parsePrefix(text) : makePrefix(address, addressBits(address.family));
}

const LATER = 'Add the route where that is made: in a policy, a hook or the configuration of the program.';

function onLink(gateway: Address, dev: string | undefined, node: RoutedNode, dynamic: boolean): boolean {
  if (isLinkLocal(gateway)) return true;
  return node.interfaces
    .filter(({ name }) => dev === undefined || name === dev)
    .flatMap(({ addresses }) => addresses)
    .filter((one) => dynamic || !one.dynamic)
    .some(({ address, peer, prefixLength }) => {
      const prefix = parsePrefix(`${peer ?? address}/${prefixLength}`);
      return prefix !== null && contains(prefix, gateway);
    });
}
