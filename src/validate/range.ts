import type { Mark } from '../load/source.js';
import { get, type MapTree, type Tree } from '../load/tree.js';
import type { Step } from '../model/scenario.js';

/** The first and the last step that lines of a file mean, by where they begin (offsets in its text). */
export interface StepRange {
  readonly first: number;
  readonly last: number;
}

/** The steps that hold the lines; null, for all, where a line is outside of the steps: in the matrix, say. */
export function rangeOfSteps(scenario: MapTree, lines: readonly number[]): StepRange | null {
  const held = lines.map((line) => stepAt(scenario, line));
  const offsets = held.filter((offset) => offset !== null);
  if (offsets.length < held.length || offsets.length === 0) return null;
  return { first: Math.min(...offsets), last: Math.max(...offsets) };
}

/** Where the step that holds a line begins: a step goes on until the next one or the scenario's next key. */
function stepAt(scenario: MapTree, line: number): number | null {
  const steps = scenario.entries.get('steps');
  if (steps?.value.kind !== 'list') return null;
  const keys = [...scenario.entries.values()].map(({ key }) => key).filter((key) => lineOf(key) <= line);
  const key = keys.toSorted((a, b) => a.offset - b.offset).at(-1);
  if (key === undefined || key.offset !== steps.key.offset) return null;
  const begun = steps.value.items.map(({ at }) => at).filter((at) => lineOf(at) <= line);
  return begun.length === 0 ? null : Math.max(...begun.map(({ offset }) => offset));
}

function lineOf({ source, offset }: Mark): number {
  return source.text.slice(0, offset).split('\n').length;
}

/**
 * The steps that one needs to see those of the range: the ones before too, since steps build on each other, but none
 * before a `fresh` one, which begins anew. Null where the variant, whose tree is given, does not have the last.
 */
export function stepsWithin(
  steps: readonly Step[],
  variant: Tree,
  { first, last }: StepRange,
): readonly Step[] | null {
  const list = get(variant, 'steps');
  const offsets = list?.kind === 'list' ? list.items.map(({ at }) => at.offset) : [];
  const end = offsets.indexOf(last);
  if (end < 0) return null;
  const from = offsets.findIndex((offset) => offset >= first);
  const begin = steps.findLastIndex(({ fresh }, index) => fresh && index <= from);
  return steps.slice(Math.max(0, begin), end + 1);
}
