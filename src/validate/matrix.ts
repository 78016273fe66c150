import { get, type MapTree } from '../load/tree.js';
import type { Variant } from '../model/scenario.js';
import { same, type Value } from './conditions.js';
import type { Faults } from './faults.js';
import { suggestion } from './nearest.js';
import { type Parameter, scalarValueOf } from './parameters.js';

const MAXIMUM_CELLS = 1000;

/** Every cell of the scenario's matrix, the last key varying fastest; one empty cell without a matrix. */
export function variantsOf(
  scenario: MapTree,
  parameters: ReadonlyMap<string, Parameter>,
  conditions: ReadonlySet<string>,
  faults: Faults,
): Variant[] {
  const matrix = get(scenario, 'matrix');
  if (matrix?.kind !== 'map') return [{}];
  let cells: Record<string, Value>[] = [{}];
  for (const [key, entry] of matrix.entries) {
    const items = entry.value.kind === 'list' ? entry.value.items : [];
    const values: Value[] = [];
    const possible = key === 'family' ? [4, 6] : parameters.get(key)?.values;
    if (possible === undefined && !conditions.has(key)) {
      const known = ['family', ...parameters.keys()];
      const hint = suggestion(key, known, 'Use it in a `when`, or remove it.');
      faults.add(entry.key, 'unused-matrix-key', `nothing depends on the matrix key ${key}`, hint);
    }
    if (key === 'family' && get(scenario, 'family') !== null) {
      faults.add(
        entry.key,
        'bad-matrix',
        'family is both fixed and a key of the matrix',
        'Keep one of the two.',
      );
    }
    for (const item of items) {
      const value = scalarValueOf(item);
      if (value === null) continue;
      if (isNoName(String(value))) {
        const message = `${value} cannot be part of the name of a scenario, nor of the folder of its captures`;
        faults.add(item.at, 'bad-matrix', message, 'Leave out .. and what cannot be seen.');
        continue;
      }
      if (possible?.some((one) => same(one, value)) === false) {
        const hint = suggestion(String(value), possible.map(String), 'Write one of its values.');
        faults.add(item.at, 'bad-parameter-value', `${key} cannot be ${value}`, hint);
        continue;
      }
      if (values.some((one) => same(one, value))) {
        faults.add(item.at, 'bad-matrix', `${value} stands twice in the matrix key ${key}`, 'Remove one.');
        continue;
      }
      values.push(value);
    }
    cells = cells.flatMap((cell) => values.map((value) => ({ ...cell, [key]: value })));
    if (cells.length > MAXIMUM_CELLS) {
      const hint = `Keep it to ${MAXIMUM_CELLS}, in several files if need be.`;
      faults.add(entry.key, 'bad-matrix', `the matrix has more than ${MAXIMUM_CELLS} cells`, hint);
      return [];
    }
  }
  return cells;
}

/** A name is a path below the folder of a run: it must not lead out of it, nor hide what it says. */
function isNoName(value: string): boolean {
  return /\p{Cc}/u.test(value) || /(^|\/)\.\.(\/|$)/.test(value);
}

/** The name of a cell: `id [isp=bcp38 family=6]`. */
export function variantName(id: string, variant: Variant): string {
  const parts = Object.entries(variant).map(([key, value]) => `${key}=${value}`);
  return parts.length === 0 ? id : `${id} [${parts.join(' ')}]`;
}
