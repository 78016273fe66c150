import type { Scenario } from '../model/scenario.js';
import { printable } from '../report/text/printable.js';

const MOST_NAMES = 20;

/** Says which scenarios there are to choose from, where one was wanted, and how to choose. */
export function severalText(selected: readonly Scenario[], how: string): string {
  const names = selected.slice(0, MOST_NAMES).map(({ name }) => `  ${printable(name)}`);
  const more = selected.length > MOST_NAMES ? [`  … and ${selected.length - MOST_NAMES} more`] : [];
  return [`${selected.length} scenarios match; ${how}:`, ...names, ...more].join('\n');
}
