import type { RunSummary, ScenarioResult } from '../../model/result.js';
import { type Line, line, span } from './line.js';
import { mark } from './scenario.js';
import { skippedLines, summaryLine } from './summary.js';

/** The end of a run: the names of what did not pass, unless they are `few` and just above, and the counts. */
export function endLines(
  summary: RunSummary,
  results: readonly ScenarioResult[],
  announced: number,
  few: boolean,
): readonly Line[] {
  const wrong = results.filter(({ status }) => status === 'failed' || status === 'errored');
  const names = few || wrong.length === 0 ? [] : [line('not passed:'), ...wrong.map(nameLine), []];
  const unrun = announced - results.length;
  const missing = unrun === 0 ? [] : [line(`${unrun} of ${announced} scenarios were not run`, 'doubt')];
  return [...names, summaryLine(summary), ...missing, ...skippedLines(results)];
}

function nameLine(result: ScenarioResult): Line {
  return [span('  '), mark(result), span(` ${result.name}`)];
}
