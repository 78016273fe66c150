import { readdir } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { get, type Tree } from './tree.js';

/** What one file can name in another. */
export type ReferenceKind = 'topology' | 'policy';

export interface Reference {
  readonly kind: ReferenceKind;
  readonly name: string;
}

const FOLDERS: Readonly<Record<ReferenceKind, string>> = { topology: 'topologies', policy: 'policies' };

/** Every file that a scenario, topology or policy names. */
export function referencesOf(tree: Tree): Reference[] {
  const references: Reference[] = [];
  const add = (kind: ReferenceKind, value: Tree | null) => {
    if (value?.kind === 'scalar' && typeof value.value === 'string')
      references.push({ kind, name: value.value });
  };
  add('topology', get(tree, 'topology'));
  add('topology', get(get(tree, 'topology'), 'extends'));
  add('topology', get(tree, 'extends'));
  const visit = (value: Tree) => {
    if (value.kind === 'list') value.items.forEach(visit);
    if (value.kind !== 'map') return;
    add('policy', get(value, 'policy'));
    for (const entry of value.entries.values()) visit(entry.value);
  };
  visit(tree);
  return references.filter(({ kind, name }) => !(kind === 'policy' && name === 'none'));
}

/** The paths at which a reference may be found, the first that exists counts. */
export function candidates({ kind, name }: Reference, from: string, labDirs: readonly string[]): string[] {
  if (/^\.\.?\//.test(name) || isAbsolute(name)) return [resolve(dirname(from), name)];
  return labDirs.map((folder) => join(folder, FOLDERS[kind], `${name}.yaml`));
}

/** The names that the folders offer, for suggestions. */
export async function available(kind: ReferenceKind, labDirs: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    labDirs.map((folder) => readdir(join(folder, FOLDERS[kind])).catch((): string[] => [])),
  );
  const names = lists.flat().filter((name) => name.endsWith('.yaml'));
  return [...new Set(names.map((name) => name.slice(0, -'.yaml'.length)))].sort();
}
