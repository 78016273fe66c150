import type { FlowResult } from '../model/flow-result.js';
import type { Environment, RunSummary, ScenarioResult } from '../model/result.js';
import { differenceLines } from './difference-layout.js';
import { jobSummary } from './job-summary.js';
import type { Reporter, Write } from './reporter.js';
import { endLines } from './text/ending.js';
import { comparison } from './text/flow.js';
import { join, type Line, plain } from './text/line.js';
import { printable } from './text/printable.js';
import { scenarioLines } from './text/scenario.js';
import { suggestionDetail } from './text/suggestion.js';

export interface GithubJob {
  /** Takes Markdown for the summary of the job; null where the job has none. */
  readonly writeSummary: Write | null;
  /** The working directory below that of the repository, as `tests/routing`; empty where the two are the same. */
  readonly folder: string;
}

/**
 * For the log of GitHub Actions: a line for each scenario, a group to open for those that did not pass, and
 * annotations, which GitHub shows beside the lines of the scenario files.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export function githubReporter(write: Write, job: GithubJob = { writeSummary: null, folder: '' }): Reporter {
  const results: ScenarioResult[] = [];
  /** Attempts that did not pass, by the name of their scenario. */
  const attempts = new Map<string, ScenarioResult>();
  let announced = 0;
  let environment: Environment | null = null;
  return (event) => {
    switch (event.type) {
      case 'run-started':
        announced = event.scenarios.length;
        environment = event.environment;
        break;
      case 'scenario-started':
        break;
      case 'scenario-retried':
        attempts.set(event.result.name, event.result);
        break;
      case 'scenario-ended': {
        const { result } = event;
        results.push(result);
        const before = attempts.get(result.name) ?? null;
        write(logText(result, before) + annotationsOf(result, before, job.folder).map(command).join(''));
        break;
      }
      case 'run-ended':
        write(endText(event.summary, results, announced));
        if (environment !== null) {
          write(text(differenceLines(environment, results, WIDE)));
          job.writeSummary?.(jobSummary(environment, event.summary, results, announced));
        }
        break;
    }
  };
}

const WIDE = Number.POSITIVE_INFINITY;

/** The scenario as the list shows it; what needs attention is in a group. */
function logText(result: ScenarioResult, before: ScenarioResult | null): string {
  const told = before !== null && result.flaky ? before : result;
  const [head = [], ...details] = scenarioLines(told, { columns: WIDE, detail: 'normal' }, true);
  const [own = []] =
    told === result ? [head] : scenarioLines(result, { columns: WIDE, detail: 'normal' }, false);
  if (told.status === 'passed' || told.status === 'skipped') return text([own]);
  const title = told === result ? plain(own) : `${plain(own)}, and what failed before`;
  const shown = details.at(-1)?.length === 0 ? details.slice(0, -1) : details;
  return `::group::${data(title)}\n${text(shown)}::endgroup::\n`;
}

function endText(summary: RunSummary, results: readonly ScenarioResult[], announced: number): string {
  const unrun = announced - results.length;
  const missing: readonly Annotation[] =
    unrun === 0
      ? []
      : [{ level: 'error', properties: {}, message: `${unrun} of ${announced} scenarios were not run` }];
  return `\n${text(endLines(summary, results, announced, false))}${missing.map(command).join('')}`;
}

/** Lines of the log, none of which GitHub takes for a command. */
function text(lines: readonly Line[]): string {
  return lines.map((line) => `${harmless(plain(line).trimEnd())}\n`).join('');
}

/**
 * A line that begins with `::`, and an older form anywhere in it, are commands to the runner: what comes from files
 * must not give any.
 */
function harmless(line: string): string {
  return line.replace(/^(\s*):(?=:)/, '$1\\:').replaceAll('##[', '##\\[');
}

interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly properties: Readonly<Record<string, string | number>>;
  readonly message: string;
}

/** One for each flow that is not as expected and each fault of a file, else one for the scenario. */
function annotationsOf(
  result: ScenarioResult,
  before: ScenarioResult | null,
  folder: string,
): readonly Annotation[] {
  const { name, reason, diagnostics } = result;
  const at = (file: string) => ({ file: folder === '' || file.startsWith('/') ? file : `${folder}/${file}` });
  if (result.status === 'skipped') {
    const message = `skipped: ${reason?.text ?? 'no reason given'}`;
    return [{ level: 'notice', properties: { ...at(result.file), title: name }, message }];
  }
  if (result.status === 'passed') {
    if (!result.flaky) return [];
    const why = before?.reason?.text ?? 'an earlier one did not';
    const line = failedFlows(before)[0]?.line;
    const properties = {
      ...at(result.file),
      ...(line === undefined ? {} : { line }),
      title: `${name} is flaky`,
    };
    return [
      { level: 'warning', properties, message: `passed at attempt ${result.attempts}; before: ${why}` },
    ];
  }
  if (diagnostics.length > 0) {
    return diagnostics.map(({ code, message, hint, place }) => ({
      level: 'error',
      properties: { ...at(place.file), line: place.line, col: place.column, title: code },
      message: hint === '' ? message : `${message}\n${hint}`,
    }));
  }
  const flows = failedFlows(result);
  if (flows.length > 0) {
    return flows.map((flow) => ({
      level: 'error',
      properties: { ...at(result.file), line: flow.line, title: name },
      message: flowMessage(flow),
    }));
  }
  const message = reason?.text ?? result.status;
  return [{ level: 'error', properties: { ...at(result.file), title: name }, message }];
}

function failedFlows(result: ScenarioResult | null): readonly FlowResult[] {
  return result?.steps.flatMap(({ flows }) => flows).filter(({ status }) => status === 'failed') ?? [];
}

function flowMessage(flow: FlowResult): string {
  const { expected, seen } = comparison(flow);
  return [
    `${flow.from} → ${flow.to} ${flow.probe} IPv${flow.family}: ${flow.verdict}`,
    `expected: ${expected}`,
    `seen: ${seen}`,
    ...flow.differences.map((sentence) => `differs: ${sentence}`),
    ...(flow.cause === null ? [] : [`cause: ${flow.cause.text} (${flow.cause.code})`]),
    ...(flow.suggestion ? [`try: ${plain(join(suggestionDetail(flow.suggestion).pieces, ' '))}`] : []),
  ].join('\n');
}

function command({ level, properties, message }: Annotation): string {
  const pairs = Object.entries(properties).map(([key, value]) => `${key}=${property(String(value))}`);
  return `::${level}${pairs.length === 0 ? '' : ` ${pairs.join(',')}`}::${data(message)}\n`;
}

/** Escaped as GitHub's toolkit does (packages/core/src/command.ts). Its lines are kept, nothing else that steers. */
function data(text: string): string {
  return text.split('\n').map(printable).join('\n').replaceAll('%', '%25').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
