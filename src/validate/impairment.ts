import { milliseconds } from '../format/common.js';
import type { LinkInput } from '../format/links.js';
import { markAt, type Tree } from '../load/tree.js';
import type { Impairment } from '../model/topology.js';
import type { Faults } from './faults.js';

const PPM_IN_PERCENT = 10_000;

/** What a link does to packets; null where nothing of it is said, or all of it is nothing. */
export function impairmentOf(
  tree: Tree,
  path: readonly PropertyKey[],
  link: LinkInput,
  faults: Faults,
): Impairment | null {
  if (!('ends' in link)) return null;
  const { delay, jitter, loss = '0%', rate = null } = link;
  const delayMs = delay === undefined ? 0 : milliseconds(delay);
  const jitterMs = jitter === undefined ? 0 : milliseconds(jitter);
  if (jitterMs > delayMs) {
    const at = markAt(tree, [...path, 'jitter']);
    const message = `a jitter of ${jitterMs} ms is more than the delay, ${delayMs} ms`;
    faults.add(
      at,
      'jitter-over-delay',
      message,
      'Write a delay that is no less: it varies up and down by this.',
    );
  }
  const lossPpm = Math.round(Number(loss.slice(0, -1)) * PPM_IN_PERCENT);
  return delayMs === 0 && lossPpm === 0 && rate === null ? null : { delayMs, jitterMs, lossPpm, rate };
}
