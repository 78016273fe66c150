import type { Mark } from './source.js';

/**
 * A YAML value that knows where it stands: what validation works on. It stays located when trees of
 * several files are merged and entries are left out.
 */
export type Tree = ScalarTree | ListTree | MapTree;

export interface ScalarTree {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  readonly at: Mark;
}

export interface ListTree {
  readonly kind: 'list';
  readonly items: readonly Tree[];
  readonly at: Mark;
}

export interface MapTree {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly at: Mark;
}

export interface Entry {
  readonly key: Mark;
  readonly value: Tree;
}

/** The tree as plain data. */
export function toPlain(tree: Tree): unknown {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(toPlain);
  return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, toPlain(entry.value)]));
}

/** The entry's value, where the tree is a map that has it. */
export function get(tree: Tree | null | undefined, key: string): Tree | null {
  return tree?.kind === 'map' ? (tree.entries.get(key)?.value ?? null) : null;
}

/**
 * Where a path leads, or as far as it exists: to the key of the last entry if `key` is true or if
 * the value is a map or a list on a line of its own, else to the value.
 */
export function markAt(tree: Tree, path: readonly PropertyKey[], key = false): Mark {
  let value = tree;
  let mark = tree.at;
  let keyMark: Mark | null = null;
  for (const part of path) {
    if (value.kind === 'map') {
      const entry = value.entries.get(String(part));
      if (entry === undefined) return keyMark ?? mark;
      value = entry.value;
      mark = value.at;
      keyMark = entry.key;
    } else if (value.kind === 'list') {
      const item = value.items[Number(part)];
      if (item === undefined) return mark;
      value = item;
      mark = item.at;
      keyMark = null;
    } else break;
  }
  return key && keyMark !== null ? keyMark : mark;
}

/** The value to which a path leads, or null. */
export function subtree(tree: Tree, path: readonly PropertyKey[]): Tree | null {
  let value: Tree | null = tree;
  for (const part of path) {
    if (value === null) return null;
    value = value.kind === 'list' ? (value.items[Number(part)] ?? null) : get(value, String(part));
  }
  return value;
}

/** How many values a tree has, itself included. */
export function valuesIn(tree: Tree): number {
  if (tree.kind === 'scalar') return 1;
  let sum = 1;
  if (tree.kind === 'list') for (const item of tree.items) sum += valuesIn(item);
  else for (const { value } of tree.entries.values()) sum += valuesIn(value);
  return sum;
}
