import { subtree, type Tree } from '../load/tree.js';
import type { Family } from '../model/family.js';
import type { Facts } from './conditions.js';
import type { Faults } from './faults.js';
import type { PolicyContext } from './policy.js';
import type { BuiltTopology } from './topology.js';

/** The longest that one item of a policy, or a script, takes unless it says otherwise. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/** What steps are read with. */
export interface StepContext extends Omit<PolicyContext, 'network'> {
  readonly built: BuiltTopology;
  readonly facts: Facts;
  readonly family: Family | null;
  readonly faults: Faults;
  /** Nodes where scripts were run before the first of these steps. */
  readonly scripted?: ReadonlySet<string>;
}

export type Path = readonly PropertyKey[];

/** One entry or a list of them, each with its path. */
export function each<Input>(
  tree: Tree,
  path: Path,
  input: Input | readonly Input[] | undefined,
): { input: Input; path: Path }[] {
  if (input === undefined) return [];
  if (subtree(tree, path)?.kind !== 'list') return [{ input: input as Input, path }];
  return (input as readonly Input[]).map((one, index) => ({ input: one, path: [...path, index] }));
}
