import { type Entry, get, type MapTree, type Tree } from '../load/tree.js';
import { same, type Value } from './conditions.js';
import type { Faults } from './faults.js';
import { suggestion } from './nearest.js';

/** A parameter that a topology declares. */
export interface Parameter {
  readonly values: readonly Value[];
  readonly default: Value;
}

/** The parameters of a merged topology. */
export function parametersOf(topology: MapTree, faults: Faults): Map<string, Parameter> {
  const parameters = new Map<string, Parameter>();
  const params = get(topology, 'params');
  if (params?.kind !== 'map') return parameters;
  for (const [name, entry] of params.entries) {
    if (entry.value.kind === 'scalar') {
      const hint = suggestion(
        name,
        [...params.entries.keys()].filter((key) => key !== name),
        'Declare it with values and default.',
      );
      faults.add(entry.key, 'unknown-parameter', `the topology has no parameter ${name} to set`, hint);
      continue;
    }
    if (name === 'family') {
      faults.add(
        entry.key,
        'bad-value',
        'family cannot be a parameter: it is always a matrix key',
        'Choose another name.',
      );
      continue;
    }
    const list = get(entry.value, 'values');
    const preset = get(entry.value, 'default');
    const values =
      list?.kind === 'list' ? list.items.map(scalarValueOf).filter((value) => value !== null) : [];
    const fallback = preset === null ? null : scalarValueOf(preset);
    // What is missing here is reported by the check of the shape.
    if (preset === null || fallback === null || values.length === 0) continue;
    if (!values.some((value) => same(value, fallback))) {
      const hint = suggestion(String(fallback), values.map(String), 'Write one of its values.');
      faults.add(preset.at, 'bad-parameter-value', `${name} cannot be ${fallback}`, hint);
    }
    const [first = fallback] = values;
    parameters.set(name, {
      values,
      default: values.some((value) => same(value, fallback)) ? fallback : first,
    });
  }
  return parameters;
}

/** A scalar as a value of a parameter; null for anything else. */
export function scalarValueOf(tree: Tree): Value | null {
  if (tree.kind !== 'scalar' || tree.value === null) return null;
  return typeof tree.value === 'boolean' ? String(tree.value) : tree.value;
}

/** Puts the value of a parameter wherever `$name` stands alone. */
export function substitute(tree: Tree, values: ReadonlyMap<string, Value>, faults: Faults): Tree {
  if (tree.kind === 'list')
    return { ...tree, items: tree.items.map((item) => substitute(item, values, faults)) };
  if (tree.kind === 'map') {
    const entries = new Map<string, Entry>();
    for (const [key, entry] of tree.entries)
      entries.set(key, { ...entry, value: substitute(entry.value, values, faults) });
    return { ...tree, entries };
  }
  const name =
    typeof tree.value === 'string' ? /^\$([A-Za-z][A-Za-z0-9_-]*)$/.exec(tree.value)?.[1] : undefined;
  if (name === undefined) return tree;
  const value = values.get(name);
  if (value === undefined) {
    const hint = suggestion(name, [...values.keys()], 'Declare it in params of the topology.');
    faults.add(tree.at, 'unknown-parameter', `the topology has no parameter ${name}`, hint);
    return tree;
  }
  return { ...tree, value };
}
