import { get, type Tree } from '../load/tree.js';
import { Faults, untilTooMany } from './faults.js';
import { variantName, variantsOf } from './matrix.js';
import { scalarValueOf } from './parameters.js';

/** What a selection goes by. */
interface Intent {
  readonly names: readonly string[] | null;
  readonly tags: readonly string[] | null;
}

/** The names and tags that an invalid file means to have; null where it could not even be parsed. */
export function intentOf(id: string, tree: Tree | null): Intent {
  if (tree?.kind !== 'map') return { names: null, tags: null };
  const matrix = get(tree, 'matrix');
  const keys = new Set(matrix?.kind === 'map' ? matrix.entries.keys() : []);
  // Whatever is wrong with the matrix has been found already, or is not what matters here.
  const variants = untilTooMany(() => variantsOf(tree, new Map(), keys, new Faults()));
  const names = variants.map((variant) => variantName(id, variant));
  const tags = get(tree, 'tags');
  return {
    names: names.length === 0 ? null : names,
    tags: tags?.kind === 'list' ? tags.items.flatMap((item) => wordOf(item)) : [],
  };
}

function wordOf(item: Tree): string[] {
  const value = scalarValueOf(item);
  return typeof value === 'string' ? [value] : [];
}
