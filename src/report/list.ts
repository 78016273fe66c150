import type { FlowResult } from '../model/flow-result.js';
import {
  type Environment,
  REASONS,
  type ReasonCode,
  type RunSummary,
  type ScenarioResult,
  type StepResult,
} from '../model/result.js';
import { FlowLayout } from './flow-layout.js';
import { painter } from './paint.js';
import type { Reporter, Write } from './reporter.js';
import { commandLines } from './text/command.js';
import { diagnosticLines } from './text/diagnostic.js';
import { durationText } from './text/duration.js';
import { type Detail, failureDetails, wayDetails } from './text/flow.js';
import { fill, type Line, line, padded, type Span, span, words } from './text/line.js';
import { skippedLines, summaryLine } from './text/summary.js';

export interface ListOptions {
  readonly write: Write;
  readonly colours: boolean;
  /** Width of the terminal; Infinity where there is none. */
  readonly columns: number;
  /** `quiet`: only what did not pass. `verbose`: also every path and every command. */
  readonly detail: 'quiet' | 'normal' | 'verbose';
}

/** Up to this many scenarios, the flows of those that passed are shown as well. */
const FEW = 6;

/** Columns that the labels of a flow's details take. */
const LABEL = 10;

/** For people: a line for each scenario, more for what needs attention, and a summary. */
export function listReporter(options: ListOptions): Reporter {
  const paint = painter(options.colours);
  const results: ScenarioResult[] = [];
  let announced = 0;
  let few = true;
  let afterGap = true;
  const write = (lines: readonly Line[]) => {
    const last = lines.at(-1);
    if (last === undefined) return;
    afterGap = last.length === 0;
    options.write(lines.map((line) => `${paint(line)}\n`).join(''));
  };
  return (event) => {
    switch (event.type) {
      case 'run-started':
        announced = event.scenarios.length;
        few = announced <= FEW;
        if (options.detail !== 'quiet') write([...environmentLines(event.environment, options), []]);
        break;
      case 'scenario-started':
      case 'scenario-retried':
        break;
      case 'scenario-ended':
        results.push(event.result);
        write(scenarioLines(event.result, options, few));
        break;
      case 'run-ended':
        if (!afterGap) write([[]]);
        write(endLines(event.summary, results, announced, few));
        break;
    }
  };
}

function environmentLines(environment: Environment, { columns, detail }: ListOptions): readonly Line[] {
  const tools = Object.entries(environment.tools).map(([tool, version]) => `${tool} ${version},`);
  const parts = [
    `replypath ${environment.replypath},`,
    `Linux ${environment.kernel},`,
    ...(detail === 'verbose' ? tools : []),
    environment.rootless ? 'without root' : 'as root',
  ];
  const pieces = parts.map((part) => line(part, 'faint'));
  return fill([], pieces, columns);
}

function scenarioLines(result: ScenarioResult, options: ListOptions, few: boolean): readonly Line[] {
  const passed = result.status === 'passed' || result.status === 'skipped';
  if (passed && options.detail === 'quiet') return [];
  const head = fill([mark(result), span(' ')], headPieces(result), options.columns);
  if (passed && !few && options.detail !== 'verbose') return head;
  return [
    ...head,
    ...prose('  ', result.title, options.columns),
    ...reasonLines(result, options.columns),
    ...(options.detail === 'verbose' ? claimLines(result, options.columns) : []),
    ...result.diagnostics.flatMap((diagnostic) => indented(2, diagnosticLines(diagnostic))),
    ...stepsLines(result, options),
    ...(passed || result.artifacts === null ? [] : [[span('  captures  ', 'faint'), span(result.artifacts)]]),
    [],
  ];
}

/** A scenario whose only fault is a lack of proof has a mark of its own. */
function mark({ status, reason }: ScenarioResult): Span {
  if (status === 'failed' && reason?.code === 'flow-inconclusive') return span('?', 'doubt');
  const marks = {
    passed: span('✓', 'good'),
    failed: span('✗', 'bad'),
    errored: span('!', 'bad'),
    skipped: span('-', 'faint'),
  } as const;
  return marks[status];
}

function headPieces({ name, status, reason, durationMs }: ScenarioResult): readonly Line[] {
  const pieces = [line(name, 'strong'), line(` ${durationText(durationMs)}`, 'faint')];
  if (status !== 'skipped' || reason === null) return pieces;
  return [...pieces, line(' skipped:', 'faint'), ...words(reason.text, 'faint')];
}

/** Why a scenario did not pass: in general words where what follows has the particulars. */
function reasonLines(
  { status, reason, diagnostics, steps }: ScenarioResult,
  columns: number,
): readonly Line[] {
  if (reason === null || status === 'skipped' || reason.code === 'flow-not-as-expected') return [];
  const particulars: Partial<Record<ReasonCode, boolean>> = {
    'scenario-invalid': diagnostics.length > 0,
    'recipe-failed': steps.some((step) => step.commands.some(({ unexpected }) => unexpected)),
  };
  const text = particulars[reason.code] ? REASONS[reason.code] : reason.text;
  return fill(line('  '), words(text, 'bad'), columns);
}

function claimLines({ claim, finding }: ScenarioResult, columns: number): readonly Line[] {
  const text =
    finding === null ? '' : [finding.status, finding.text].filter((part) => part !== '').join(': ');
  return [
    ...(claim === null ? [] : detailLines({ label: 'claim', pieces: words(claim) }, 2, columns)),
    ...(finding === null ? [] : detailLines({ label: 'finding', pieces: words(text) }, 2, columns)),
  ];
}

function stepsLines(result: ScenarioResult, options: ListOptions): readonly Line[] {
  const layout = new FlowLayout(
    result.steps.flatMap((step) => step.flows),
    4,
    options.columns,
  );
  return result.steps.flatMap((step) => {
    const commands = step.commands.filter((command) => options.detail === 'verbose' || command.unexpected);
    return [
      ...stepTitle(step, options.columns),
      ...commands.flatMap((command) => indented(4, commandLines(command))),
      ...step.flows.flatMap((flow) => flowLines(flow, layout, options)),
    ];
  });
}

function stepTitle(step: StepResult, columns: number): readonly Line[] {
  return step.title === '' ? [] : prose('  · ', step.title, columns);
}

function flowLines(flow: FlowResult, layout: FlowLayout, options: ListOptions): readonly Line[] {
  const details =
    flow.status === 'failed' ? failureDetails(flow) : options.detail === 'verbose' ? wayDetails(flow) : [];
  return [...layout.lines(flow), ...details.flatMap((detail) => detailLines(detail, 8, options.columns))];
}

function detailLines({ label, pieces }: Detail, indent: number, columns: number): readonly Line[] {
  return fill([span(' '.repeat(indent)), ...padded(line(label, 'faint'), LABEL)], pieces, columns);
}

function endLines(
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

function prose(lead: string, text: string, columns: number): readonly Line[] {
  return text === '' ? [] : fill(line(lead), words(text), columns);
}

function indented(spaces: number, lines: readonly Line[]): readonly Line[] {
  return lines.map((line) => [span(' '.repeat(spaces)), ...line]);
}
