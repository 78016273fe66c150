import type { Loaded } from '../load/load.js';
import type { Mark } from '../load/source.js';
import { type Entry, get, type MapTree, type Tree } from '../load/tree.js';
import type { Faults } from './faults.js';
import { suggestion } from './nearest.js';

const MAXIMUM_EXTENSIONS = 50;

/** A topology with all that it extends merged in, parameters and conditions still open. */
export interface MergedTopology {
  readonly name: string;
  readonly tree: MapTree;
}

/** Resolves the `topology` of a scenario: a name or a map. Null, with faults, where that fails. */
export function mergeTopology(tree: Tree, loaded: Loaded, faults: Faults): MergedTopology | null {
  if (tree.kind === 'map') {
    const base = get(tree, 'extends');
    const name = base?.kind === 'scalar' ? String(base.value) : 'inline';
    const merged = extended(tree, loaded, faults, []);
    return merged === null ? null : { name, tree: merged };
  }
  if (tree.kind !== 'scalar' || typeof tree.value !== 'string') return null;
  const merged = named(tree.value, tree.at, loaded, faults, []);
  return merged === null ? null : { name: tree.value, tree: merged };
}

function named(
  name: string,
  at: Mark,
  loaded: Loaded,
  faults: Faults,
  open: readonly string[],
): MapTree | null {
  const file = loaded.lookup(at.source.path, { kind: 'topology', name });
  if (file === null) {
    const hint = suggestion(
      name,
      loaded.names.topology,
      'Write lab/topologies/NAME.yaml, or a path that begins with ./ .',
    );
    faults.add(at, 'unknown-topology', `there is no topology ${name}`, hint);
    return null;
  }
  if (open.includes(file.path)) {
    faults.add(at, 'cyclic-extends', `the topology ${name} extends itself`, 'Break the circle of extends.');
    return null;
  }
  if (open.length >= MAXIMUM_EXTENSIONS) {
    const message = `more than ${MAXIMUM_EXTENSIONS} topologies extend one another`;
    faults.add(at, 'cyclic-extends', message, 'Put some of them together.');
    return null;
  }
  for (const diagnostic of file.diagnostics) faults.take(diagnostic);
  if (file.tree === null) return null;
  if (file.tree.kind !== 'map') {
    faults.add(file.tree.at, 'wrong-type', 'a topology has to be a map', 'Begin with nodes:.');
    return null;
  }
  return extended(file.tree, loaded, faults, [...open, file.path]);
}

function extended(tree: MapTree, loaded: Loaded, faults: Faults, open: readonly string[]): MapTree | null {
  const reference = get(tree, 'extends');
  const own: MapTree = { ...tree, entries: new Map([...tree.entries].filter(([key]) => key !== 'extends')) };
  if (reference === null) return mergeMaps(null, own, [], faults);
  if (reference.kind !== 'scalar' || typeof reference.value !== 'string') {
    faults.add(reference.at, 'wrong-type', 'extends has to be the name of a topology', 'Write one name.');
    return null;
  }
  const base = named(reference.value, reference.at, loaded, faults, open);
  if (base === null) return null;
  const merged = mergeMaps(base, own, [], faults);
  const entries = new Map(merged.entries);
  for (const [key, entry] of rewired(base, own, merged)) entries.set(key, entry);
  return { ...merged, entries };
}

/** Maps merge deeply, everything else is replaced, null removes. A plain value on a declared parameter sets its default. */
function mergeMaps(base: MapTree | null, own: MapTree, path: readonly string[], faults: Faults): MapTree {
  const entries = new Map(base?.entries);
  for (const [key, entry] of own.entries) {
    const old = entries.get(key)?.value ?? null;
    const { value } = entry;
    if (value.kind === 'scalar' && value.value === null) {
      if (old === null) {
        const message = `null removes ${[...path, key].join('.')}, but there is none to remove`;
        faults.add(entry.key, 'nothing-to-remove', message, 'Remove this line, or correct the name.');
      }
      entries.delete(key);
    } else if (value.kind === 'map') {
      entries.set(key, {
        ...entry,
        value: mergeMaps(old?.kind === 'map' ? old : null, value, [...path, key], faults),
      });
    } else if (path.length === 1 && path[0] === 'params' && value.kind === 'scalar' && old?.kind === 'map') {
      entries.set(key, { ...entry, value: { ...old, entries: new Map(old.entries).set('default', entry) } });
    } else {
      entries.set(key, entry);
    }
  }
  return { ...own, entries };
}

/**
 * Links and segments of an extension: its own links are added, and an endpoint that it connects, or
 * that it removes, leaves the links and segments of the base.
 */
function rewired(base: MapTree, own: MapTree, merged: MapTree): Map<string, Entry> {
  const taken = endpointsOf(own);
  const removed = (endpoint: string) => {
    const [node = '', name = ''] = endpoint.split(':');
    const path = (tree: Tree) => get(get(get(get(tree, 'nodes'), node), 'interfaces'), name);
    return path(base) !== null && path(merged) === null;
  };
  const free = (tree: Tree) =>
    tree.kind !== 'scalar' || !(taken.has(String(tree.value)) || removed(String(tree.value)));
  const result = new Map<string, Entry>();

  const baseLinks = base.entries.get('links');
  if (baseLinks?.value.kind === 'list') {
    const kept = baseLinks.value.items.filter((link) => {
      const ends = link.kind === 'map' ? get(link, 'ends') : link;
      return ends?.kind !== 'list' || ends.items.every(free);
    });
    const ownLinks = get(own, 'links');
    const items = [...kept, ...(ownLinks?.kind === 'list' ? ownLinks.items : [])];
    result.set('links', { key: baseLinks.key, value: { ...baseLinks.value, items } });
  }
  const segments = merged.entries.get('segments');
  if (segments?.value.kind === 'map') {
    const entries = new Map(segments.value.entries);
    for (const [name, entry] of entries) {
      if (get(get(own, 'segments'), name) !== null) continue;
      entries.set(name, { ...entry, value: withPorts(entry.value, free) });
    }
    result.set('segments', { key: segments.key, value: { ...segments.value, entries } });
  }
  return result;
}

/** A segment with those of its ports that a test lets pass, and what is said of them. */
function withPorts(segment: Tree, free: (port: Tree) => boolean): Tree {
  if (segment.kind === 'list') return { ...segment, items: segment.items.filter(free) };
  if (segment.kind !== 'map') return segment;
  const entries = new Map(segment.entries);
  for (const [key, entry] of entries) {
    const { value } = entry;
    if (key === 'ports') entries.set(key, { ...entry, value: withPorts(value, free) });
    if (key !== 'vlans' || value.kind !== 'map') continue;
    const kept = [...value.entries].filter(([port, { key: at }]) =>
      free({ kind: 'scalar', value: port, at } as Tree),
    );
    entries.set(key, { ...entry, value: { ...value, entries: new Map(kept) } });
  }
  return { ...segment, entries };
}

function endpointsOf(own: MapTree): Set<string> {
  const endpoints = new Set<string>();
  const visit = (tree: Tree | null) => {
    if (tree?.kind === 'scalar') endpoints.add(String(tree.value));
    if (tree?.kind === 'list') tree.items.forEach(visit);
    if (tree?.kind === 'map') for (const { value } of tree.entries.values()) visit(value);
  };
  visit(get(own, 'links'));
  visit(get(own, 'segments'));
  return endpoints;
}
