import { type Entry, get, type MapTree, type Tree, toPlain } from '../load/tree.js';
import type { Faults } from './faults.js';
import { suggestion } from './nearest.js';

/** A value of a parameter or of a matrix key. */
export type Value = string | number;

/** What a variant decides: the value of every parameter and matrix key, and the values each may have. */
export interface Facts {
  readonly values: ReadonlyMap<string, Value>;
  readonly possible: ReadonlyMap<string, readonly Value[]>;
}

/**
 * Leaves out the entries whose `when` does not hold. Lists close up; maps lose the key. What has no
 * conditions in it stays the same object.
 */
export function select(tree: Tree, facts: Facts, faults: Faults): Tree {
  if (tree.kind === 'scalar') return tree;
  if (tree.kind === 'list') {
    const kept = tree.items.filter((item) => holds(item, facts, faults));
    const items = kept.map((item) => select(item, facts, faults));
    const isSame = kept.length === tree.items.length && items.every((item, index) => item === kept[index]);
    return isSame ? tree : { ...tree, items };
  }
  let isSame = true;
  const entries = new Map<string, Entry>();
  for (const [key, entry] of tree.entries) {
    const value =
      key === 'when' || !holds(entry.value, facts, faults) ? null : select(entry.value, facts, faults);
    if (value !== null) entries.set(key, value === entry.value ? entry : { key: entry.key, value });
    isSame &&= value === entry.value;
  }
  return isSame ? tree : { ...tree, entries };
}

function holds(tree: Tree, facts: Facts, faults: Faults): boolean {
  const condition = get(tree, 'when');
  return condition?.kind !== 'map' || fulfilled(condition, facts, faults);
}

function fulfilled(condition: MapTree, facts: Facts, faults: Faults): boolean {
  let result = true;
  for (const [key, entry] of condition.entries) {
    const actual = facts.values.get(key);
    const wanted = [toPlain(entry.value)].flat();
    if (actual === undefined) {
      result = false;
      if (key === 'family') {
        const hint =
          'Make family a key of the matrix, family: [4, 6], or fix it with family: at the top of the scenario.';
        faults.add(
          entry.key,
          'family-not-fixed',
          'a condition asks for the family, and nothing decides it',
          hint,
        );
      } else {
        const hint = suggestion(
          key,
          [...facts.values.keys()],
          'Declare it in params of the topology, or in the matrix.',
        );
        faults.add(
          entry.key,
          'unknown-parameter',
          `${key} is no parameter of the topology and no matrix key`,
          hint,
        );
      }
      continue;
    }
    for (const value of wanted) {
      // What is no scalar is reported by the check of the shape.
      if (typeof value === 'object') continue;
      const possible = facts.possible.get(key);
      if (possible === undefined || possible.some((one) => same(one, value))) continue;
      const hint = suggestion(String(value), possible.map(String), 'Write one of its values.');
      faults.add(entry.value.at, 'bad-parameter-value', `${key} is never ${String(value)}`, hint);
    }
    if (!wanted.some((value) => same(actual, value))) result = false;
  }
  return result;
}

/** Values are the same if they are written the same: 1 and '1' do not differ. */
export function same(a: unknown, b: unknown): boolean {
  return String(a) === String(b);
}

/** Every key that some `when` below asks for. */
export function conditionKeys(tree: Tree, keys = new Set<string>()): Set<string> {
  if (tree.kind === 'list') for (const item of tree.items) conditionKeys(item, keys);
  if (tree.kind === 'map') {
    for (const [key, { value }] of tree.entries) {
      if (key === 'when' && value.kind === 'map') for (const name of value.entries.keys()) keys.add(name);
      conditionKeys(value, keys);
    }
  }
  return keys;
}
