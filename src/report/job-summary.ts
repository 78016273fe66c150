import type { Environment, RunSummary, ScenarioResult } from '../model/result.js';
import { jobDifferences } from './job-differences.js';
import { durationText } from './text/duration.js';
import { kernelsText } from './text/environment.js';
import { plain } from './text/line.js';
import { escaped } from './text/markdown.js';
import { attemptsText, mark } from './text/scenario.js';
import { summaryLine } from './text/summary.js';

/** GitHub takes no more than 1 MiB from a step. */
const ROWS = 500;

/** The run in Markdown, as the summary of a job: the counts, and a table of what needs attention. */
export function jobSummary(
  environment: Environment,
  summary: RunSummary,
  results: readonly ScenarioResult[],
  announced: number,
): string {
  const { replypath, rootless } = environment;
  const notable = results.filter(({ status, flaky }) => status !== 'passed' || flaky);
  const unrun = announced - results.length;
  const rows = notable
    .slice(0, ROWS)
    .map((result) => `| ${symbol(result)} | ${escaped(result.name)} | ${what(result)} | ${time(result)} |`);
  return [
    '### replypath',
    '',
    `${escaped(plain(summaryLine(summary)))}.`,
    ...(unrun === 0 ? [] : ['', `**${unrun} of ${announced} scenarios were not run.**`]),
    ...(rows.length === 0 ? [] : ['', '| | scenario | | time |', '| - | - | - | -: |', ...rows]),
    ...(notable.length > ROWS ? ['', `… and ${notable.length - ROWS} more.`] : []),
    ...jobDifferences(environment, results, ROWS),
    '',
    escaped(
      `replypath ${replypath}, Linux ${kernelsText(environment)}, ${rootless ? 'without root' : 'as root'}`,
    ),
    '',
    '',
  ].join('\n');
}

function symbol(result: ScenarioResult): string {
  return result.flaky ? '±' : mark(result).text;
}

/** Each flow that is not as expected, else the reason. */
function what(result: ScenarioResult): string {
  const flows = result.steps
    .flatMap((step) => step.flows)
    .filter(({ status }) => status === 'failed')
    .map(
      ({ from, to, probe, family, differences }) =>
        `${from} → ${to} ${probe} IPv${family}: ${differences.join('; ')}`,
    );
  const faults = result.diagnostics.map(({ place, message }) => `${place.file}:${place.line}: ${message}`);
  const [first] = [flows, faults].filter((texts) => texts.length > 0);
  const otherwise = result.flaky ? attemptsText(result) : (result.reason?.text ?? '');
  return (first ?? [otherwise]).map(escaped).join('<br>');
}

function time({ durationMs }: ScenarioResult): string {
  return durationText(durationMs);
}
