import { milliseconds } from '../format/common.js';
import type { DuringInput } from '../format/scenario.js';
import { markAt, type Tree } from '../load/tree.js';
import type { Timed } from '../model/scenario.js';
import { appliesOf } from './applies.js';
import type { Path, StepContext } from './entries.js';
import { eventsOf } from './events.js';

/** What is done while the flows of a step run, in order of time; as written, where that is the same. */
export function duringOf(
  tree: Tree,
  path: Path,
  input: readonly DuringInput[] | undefined,
  context: StepContext,
): Timed[] {
  const timed = (input ?? []).flatMap((entry, index): Timed[] => {
    const here = [...path, index];
    const atMs = milliseconds(entry.at);
    if ((entry.event === undefined) === (entry.apply === undefined)) {
      const what = entry.event === undefined ? 'neither event nor apply' : 'both event and apply';
      const hint = 'Write one of the two in each entry; two entries may have the same time.';
      context.faults.add(markAt(tree, here), 'bad-value', `this entry has ${what}`, hint);
    }
    return [
      ...appliesOf(tree, [...here, 'apply'], entry.apply, context).map((apply) => ({
        atMs,
        deed: { apply },
      })),
      ...eventsOf(tree, [...here, 'event'], entry.event, context).map((event) => ({ atMs, deed: { event } })),
    ];
  });
  return timed.sort((a, b) => a.atMs - b.atMs);
}
