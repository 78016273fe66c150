import { markAt, type Tree } from '../load/tree.js';
import type { Family } from '../model/family.js';
import type { Faults } from './faults.js';
import { type Network, parseEndpoint } from './network.js';

/** What an expectation is read with. */
export interface ExpectationContext {
  readonly network: Network;
  readonly faults: Faults;
  readonly family: Family;
  /** Nodes that may be the judged one. */
  readonly judged: readonly string[];
  /** Nodes where a script may make interfaces that the topology does not have. */
  readonly scripted: ReadonlySet<string>;
  /** Whether the flow is sent from many source ports. */
  readonly hasTuples: boolean;
}

type Path = readonly PropertyKey[];

interface Passage {
  readonly in?: string | undefined;
  readonly out?: string | undefined;
  readonly nexthop?: string | null | undefined;
  readonly passes?: readonly string[] | undefined;
}

/** The interfaces and the next hop that an expectation names for one direction. */
export function checkPassage(
  tree: Tree,
  path: Path,
  passage: Passage | undefined,
  context: ExpectationContext,
): void {
  for (const key of ['in', 'out'] as const) {
    const name = passage?.[key];
    if (name !== undefined) checkInterface(tree, [...path, key], context.judged, name, context);
  }
  checkEndpoint(tree, [...path, 'nexthop'], passage?.nexthop ?? '', context);
  for (const [index, hop] of (passage?.passes ?? []).entries())
    checkEndpoint(tree, [...path, 'passes', index], hop, context);
}

/** Text that is no endpoint is left to the schema. */
export function checkEndpoint(tree: Tree, path: Path, text: string, context: ExpectationContext): void {
  const endpoint = parseEndpoint(text);
  if (endpoint === null) return;
  if (context.network.checkNode(endpoint.node, markAt(tree, path), context.faults)) {
    checkInterface(tree, path, [endpoint.node], endpoint.interface, context);
  }
}

export function checkInterface(
  tree: Tree,
  path: Path,
  nodes: readonly string[],
  name: string,
  context: ExpectationContext,
): void {
  const { network, scripted, faults } = context;
  if (nodes.some((node) => network.mayHaveInterface(node, name, scripted))) return;
  const [node] = nodes;
  if (node !== undefined) network.checkInterface(node, name, markAt(tree, path), faults);
}
