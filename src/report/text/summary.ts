import type { RunSummary, ScenarioResult } from '../../model/result.js';
import { durationText } from './duration.js';
import { fill, join, type Line, line, span, words } from './line.js';

/** `12 scenarios: 10 passed (2 flaky), 1 failed (1 inconclusive), 1 skipped in 1.20 s`. */
export function summaryLine(summary: RunSummary): Line {
  const { passed, failed, errored, skipped, inconclusive, flaky } = summary;
  const total = passed + failed + errored + skipped;
  const doubt = inconclusive === 0 ? '' : ` (${inconclusive} inconclusive)`;
  const counts: Line[] = [];
  const luck = flaky === 0 ? '' : ` (${flaky} flaky)`;
  if (passed > 0) counts.push(line(`${passed} passed${luck}`, 'good'));
  if (failed > 0) counts.push(line(`${failed} failed${doubt}`, 'bad'));
  if (errored > 0) counts.push(line(`${errored} errored`, 'bad'));
  if (skipped > 0) counts.push(line(`${skipped} skipped`));
  if (total === 0) return line('no scenario was run', 'doubt');
  const heading = `${total} scenario${total === 1 ? '' : 's'}: `;
  return [
    span(heading, 'strong'),
    ...join(counts, ', '),
    span(` in ${durationText(summary.durationMs)}`, 'faint'),
  ];
}

/** How many scenarios were skipped for which reason, the commonest first. */
export function skippedLines(
  results: readonly ScenarioResult[],
  columns = Number.POSITIVE_INFINITY,
): readonly Line[] {
  const counts = new Map<string, number>();
  for (const { status, reason } of results) {
    if (status !== 'skipped') continue;
    const text = reason?.text ?? 'no reason given';
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .flatMap(([text, count]) => fill(line(`${count} skipped: `, 'faint'), words(text), columns));
}
