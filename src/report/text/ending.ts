import type { RunSummary, ScenarioResult } from '../../model/result.js';
import { durationText } from './duration.js';
import { type Line, line, padded, span } from './line.js';
import { attemptsText, mark } from './scenario.js';
import { skippedLines, summaryLine } from './summary.js';

/** What the end of a run tells beside the counts and the names of what did not pass. */
export interface EndExtent {
  readonly columns: number;
  /** Whether the scenarios that took longest are named, where there are many. */
  readonly slowest: boolean;
}

const BRIEF: EndExtent = { columns: Number.POSITIVE_INFINITY, slowest: false };

/** Which scenarios took longest is of interest from so many on. */
const MANY = 11;

const SLOWEST = 3;

/**
 * The end of a run: the counts, what was skipped or not run, what was flaky or slow, and the names of what did not
 * pass, unless they are `few` and just above.
 */
export function endLines(
  summary: RunSummary,
  results: readonly ScenarioResult[],
  announced: number,
  few: boolean,
  { columns, slowest }: EndExtent = BRIEF,
): readonly Line[] {
  const wrong = results.filter(({ status }) => status === 'failed' || status === 'errored');
  const unrun = announced - results.length;
  const missing = unrun === 0 ? [] : [line(`${unrun} of ${announced} scenarios were not run`, 'doubt')];
  return [
    summaryLine(summary),
    ...missing,
    ...skippedLines(results, columns),
    ...(slowest && results.length >= MANY ? slowestLines(results) : []),
    ...listed(
      'flaky:',
      results.filter(({ flaky }) => flaky),
    ),
    ...(few ? [] : listed('not passed:', wrong)),
  ];
}

function listed(heading: string, results: readonly ScenarioResult[]): readonly Line[] {
  return results.length === 0 ? [] : [[], line(heading), ...results.map(nameLine)];
}

function nameLine(result: ScenarioResult): Line {
  const attempts = attemptsText(result);
  return [
    span('  '),
    mark(result),
    span(` ${result.name}`),
    ...(attempts === '' ? [] : [span(`  (${attempts})`, 'faint')]),
  ];
}

function slowestLines(results: readonly ScenarioResult[]): readonly Line[] {
  const slowest = results.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, SLOWEST);
  const times = slowest.map(({ durationMs }) => durationText(durationMs));
  const widest = Math.max(...times.map((time) => time.length));
  return [
    [],
    line('slowest:'),
    ...slowest.map(
      ({ name }, index): Line => [
        span('  '),
        ...padded(line(times[index] ?? '', 'faint'), widest + 2),
        span(name),
      ],
    ),
  ];
}
