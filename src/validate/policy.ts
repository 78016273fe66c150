import { POLICY_KEYS, type PolicyInput, type PolicyItemInput, policyFile } from '../format/policy.js';
import type { Loaded } from '../load/load.js';
import type { Mark } from '../load/source.js';
import { markAt, subtree, type Tree } from '../load/tree.js';
import type { PolicyItem } from '../model/policy.js';
import { type Facts, select } from './conditions.js';
import { configureItems } from './configure.js';
import type { Faults } from './faults.js';
import { ipItem } from './ip-commands.js';
import { suggestion } from './nearest.js';
import type { Network } from './network.js';
import { awaitItem, filesItem, processItem } from './process.js';
import { checkShape } from './shape.js';
import { sysctlSettings } from './sysctls.js';

/** What a policy is read with. */
export interface PolicyContext {
  readonly loaded: Loaded;
  readonly facts: Facts;
  readonly network: Network;
  readonly faults: Faults;
}

type Path = readonly PropertyKey[];

/** Far above any policy of use, far below what files of ten policies each reach when they contain each other. */
const MAXIMUM_ITEMS = 10_000;

/** What files have been read to, by what they were read with: a file can be named many times. */
const read = new WeakMap<Facts, Map<Network, Map<string, readonly PolicyItem[]>>>();

/** The items of a node's `policy`: the name of a policy file, or a list. */
export function readPolicy(
  tree: Tree,
  path: Path,
  input: string | readonly PolicyItemInput[] | undefined,
  context: PolicyContext,
): readonly PolicyItem[] {
  if (input === undefined) return [];
  if (typeof input === 'string') return fileItems(input, markAt(tree, path), context, []);
  return input.flatMap((item, index) => policyItems(tree, [...path, index], item, context));
}

/** The items of a map that holds exactly one of the policy keys, in the order in which they are applied. */
export function policyItems(
  tree: Tree,
  path: Path,
  input: PolicyInput,
  context: PolicyContext,
  open: readonly string[] = [],
): readonly PolicyItem[] {
  const present = POLICY_KEYS.filter((key) => input[key] !== undefined);
  if (present.length !== 1) {
    const message =
      present.length === 0 ? 'there is no policy here' : `${present.join(' and ')} stand side by side`;
    const hint =
      present.length === 0
        ? `Add one of ${POLICY_KEYS.join(', ')}.`
        : 'Say the order: items: [ { … }, { … } ].';
    context.faults.add(markAt(tree, path), 'several-policies', message, hint);
    return [];
  }
  if (input.items !== undefined) {
    const all: PolicyItem[] = [];
    for (const [index, item] of input.items.entries()) {
      const here = [...path, 'items', index];
      for (const one of policyItems(tree, here, item, context, open)) all.push(one);
      if (all.length <= MAXIMUM_ITEMS) continue;
      const message = `with the policies that it contains, this policy has more than ${MAXIMUM_ITEMS} items`;
      const hint = 'Apply what it contains once.';
      context.faults.add(markAt(tree, here), 'policy-too-large', message, hint);
      return [];
    }
    return all;
  }
  if (input.policy !== undefined)
    return fileItems(input.policy, markAt(tree, [...path, 'policy']), context, open);
  if (input.shell !== undefined) return [{ kind: 'shell', script: input.shell }];
  if (input.nft !== undefined) return [{ kind: 'nft', ruleset: input.nft }];
  if (input.iptables !== undefined) return [{ kind: 'iptables', family: 4, ruleset: input.iptables }];
  if (input.ip6tables !== undefined) return [{ kind: 'iptables', family: 6, ruleset: input.ip6tables }];
  if (input.sysctl !== undefined) {
    return [
      { kind: 'sysctl', settings: sysctlSettings(tree, [...path, 'sysctl'], input.sysctl, context.faults) },
    ];
  }
  if (input.files !== undefined) return [filesItem(input.files)];
  if (input.configure !== undefined)
    return configureItems(tree, [...path, 'configure'], input.configure, context.faults);
  if (input.process !== undefined) return [processItem(tree, [...path, 'process'], input.process, context)];
  if (input.await !== undefined) return [awaitItem(tree, [...path, 'await'], input.await, context)];
  if (input.stop !== undefined) return [{ kind: 'stop', name: input.stop }];
  if (input.restart !== undefined) return [{ kind: 'restart', name: input.restart }];
  return input.ip === undefined ? [] : [ipItem(tree, [...path, 'ip'], input.ip, context)];
}

function fileItems(
  name: string,
  at: Mark,
  context: PolicyContext,
  open: readonly string[],
): readonly PolicyItem[] {
  const { loaded, faults } = context;
  if (name === 'none') return [];
  const file = loaded.lookup(at.source.path, { kind: 'policy', name });
  if (file === null) {
    const hint = suggestion(
      name,
      ['none', ...loaded.names.policy],
      'Write lab/policies/NAME.yaml, or a path that begins with ./ .',
    );
    faults.add(at, 'unknown-policy', `there is no policy ${name}`, hint);
    return [];
  }
  if (open.includes(file.path)) {
    faults.add(at, 'cyclic-policy', `the policy ${name} contains itself`, 'Break the circle.');
    return [];
  }
  const known = itemsRead(context);
  const before = known.get(file.path);
  if (before !== undefined) return before;
  for (const diagnostic of file.diagnostics) faults.take(diagnostic);
  const items = file.tree === null ? [] : treeItems(file.tree, context, [...open, file.path]);
  known.set(file.path, items);
  return items;
}

function treeItems(file: Tree, context: PolicyContext, open: readonly string[]): readonly PolicyItem[] {
  const { facts, faults } = context;
  const whole = checkShape(policyFile, file, faults);
  if (whole === null) return [];
  const tree = select(file, facts, faults);
  const input = tree === file ? whole : checkShape(policyFile, tree, faults);
  return input === null ? [] : policyItems(tree, [], input, context, open);
}

function itemsRead({ facts, network }: PolicyContext): Map<string, readonly PolicyItem[]> {
  const byNetwork = read.get(facts) ?? new Map<Network, Map<string, readonly PolicyItem[]>>();
  read.set(facts, byNetwork);
  const items = byNetwork.get(network) ?? new Map<string, readonly PolicyItem[]>();
  byNetwork.set(network, items);
  return items;
}

/** Trees of all policy files that a tree leads to, itself included: where conditions may stand. */
export function policyTrees(tree: Tree, loaded: Loaded, trees = new Set<Tree>()): Set<Tree> {
  if (trees.has(tree)) return trees;
  trees.add(tree);
  const visit = (value: Tree) => {
    if (value.kind === 'list') value.items.forEach(visit);
    if (value.kind !== 'map') return;
    const reference = subtree(value, ['policy']);
    if (reference?.kind === 'scalar' && typeof reference.value === 'string') {
      const file = loaded.lookup(reference.at.source.path, { kind: 'policy', name: reference.value });
      if (file?.tree) policyTrees(file.tree, loaded, trees);
    }
    for (const entry of value.entries.values()) visit(entry.value);
  };
  visit(tree);
  return trees;
}
