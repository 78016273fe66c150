import { relative } from 'node:path';
import type { FlowResult } from '../../model/flow-result.js';
import { REASONS, type ReasonCode, type ScenarioResult, type StepResult } from '../../model/result.js';
import { comparisonLines } from '../comparison-layout.js';
import { FlowLayout } from '../flow-layout.js';
import { commandLines } from './command.js';
import { configuredLines } from './configured.js';
import { diagnosticLines } from './diagnostic.js';
import { durationText } from './duration.js';
import { type Detail, wayDetails } from './flow.js';
import { fill, type Line, line, padded, type Span, span, withNotes, words } from './line.js';
import { capturesOfInterest, nextCommands, pathFromHere } from './next.js';
import { streamDetails } from './stream.js';

/** How much of a scenario is told, and how wide. */
export interface Extent {
  /** Width of the terminal; Infinity where there is none. */
  readonly columns: number;
  /** `quiet`: only what did not pass. `verbose`: also every path and every command. */
  readonly detail: 'quiet' | 'normal' | 'verbose';
}

/** Columns that the labels of a flow's details take. */
const LABEL = 10;

/** Columns in front of the flows of a step. */
const FLOWS = 4;

/**
 * A scenario as people read it: a line, and what needs attention below it; `few` shows also flows that passed.
 * `before` are the attempts that were followed by this one.
 */
export function scenarioLines(
  result: ScenarioResult,
  options: Extent,
  few: boolean,
  before: readonly ScenarioResult[] = [],
): readonly Line[] {
  const passed = result.status === 'passed' || result.status === 'skipped';
  if (passed && options.detail === 'quiet') return [];
  const head = [
    ...fill([mark(result), span(' ')], headPieces(result), options.columns),
    ...before.flatMap((attempt) => attemptLines(attempt, options.columns)),
  ];
  if (passed && !few && options.detail !== 'verbose') return head;
  return [
    ...head,
    ...prose('  ', result.title, options.columns),
    ...reasonLines(result, options.columns),
    ...(options.detail === 'verbose' ? claimLines(result, options.columns) : []),
    ...result.diagnostics.flatMap((diagnostic) => indented(2, diagnosticLines(diagnostic))),
    ...stepsLines(result, options),
    ...(passed ? [] : furtherLines(result, options.columns)),
    [],
  ];
}

/** A scenario whose only fault is a lack of proof has a mark of its own. */
export function mark({ status, reason }: Pick<ScenarioResult, 'status' | 'reason'>): Span {
  if (status === 'failed' && reason?.code === 'flow-inconclusive') return span('?', 'doubt');
  const marks = {
    passed: span('✓', 'good'),
    failed: span('✗', 'bad'),
    errored: span('!', 'bad'),
    skipped: span('-', 'faint'),
  } as const;
  return marks[status];
}

function headPieces(result: ScenarioResult): readonly Line[] {
  const { name, status, reason, durationMs } = result;
  const pieces = [line(name, 'strong'), line(` ${durationText(durationMs)}`, 'faint')];
  const attempts = attemptsText(result);
  if (attempts !== '') pieces.push(line(` (${attempts})`, 'doubt'));
  if (status !== 'skipped' || reason === null) return pieces;
  return [...pieces, line(' skipped:', 'faint'), ...words(reason.text, 'faint')];
}

/** `flaky: passed at attempt 2`; empty of a scenario that was tried once. */
export function attemptsText({ attempts, flaky, guestDied }: ScenarioResult): string {
  if (attempts === 1) return '';
  const why = guestDied === undefined ? '' : ', retried after the guest died';
  return `${flaky ? 'flaky: passed ' : ''}at attempt ${attempts}${why}`;
}

/** What an attempt came to that was followed by another: its first flow that was not as expected, or the reason. */
function attemptLines(attempt: ScenarioResult, columns: number): readonly Line[] {
  const failed = attempt.steps.flatMap(({ flows }) => flows).filter(({ status }) => status === 'failed');
  const [first] = failed;
  const more = failed.length > 1 ? ` (and ${failed.length - 1} more)` : '';
  const text =
    first === undefined
      ? (attempt.reason?.text ?? attempt.status)
      : `${first.from} → ${first.to} ${first.probe} IPv${first.family}: ${first.differences[0] ?? first.verdict}${more}`;
  const label = `attempt ${attempt.attempts} ${attempt.status}:`;
  return fill(line('  '), [line(label, 'faint'), ...words(text)], columns);
}

/** Where there is more to see of a scenario that did not pass, and what to type for it. */
function furtherLines(result: ScenarioResult, columns: number): readonly Line[] {
  const folder = result.artifacts === null ? null : pathFromHere(result.artifacts);
  const captures = capturesOfInterest(result)
    .map((path) => relative(folder ?? '', path))
    .join(', ');
  const where = captures === '' ? folder : `${folder}: ${captures}`;
  return [
    ...(where === null ? [] : detailLines({ label: 'captures', pieces: words(where) }, 2, columns)),
    // In one piece at any width: it is there to be copied.
    ...nextCommands(result).map((text, index) => [
      ...line('  '),
      ...padded(line(index === 0 ? 'next' : '', 'faint'), LABEL),
      span(text),
    ]),
  ];
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
    'process-ended': true,
  };
  const text = particulars[reason.code] ? REASONS[reason.code] : reason.text;
  return fill(line('  '), words(text, 'bad'), columns);
}

function claimLines({ claim, finding, lesson }: ScenarioResult, columns: number): readonly Line[] {
  const text =
    finding === null ? '' : [finding.status, finding.text].filter((part) => part !== '').join(': ');
  return [
    ...(claim === null ? [] : detailLines({ label: 'claim', pieces: words(claim) }, 2, columns)),
    ...(finding === null ? [] : detailLines({ label: 'finding', pieces: words(text) }, 2, columns)),
    ...(lesson === null ? [] : detailLines({ label: 'lesson', pieces: words(lesson) }, 2, columns)),
  ];
}

function stepsLines(result: ScenarioResult, options: Extent): readonly Line[] {
  const layout = new FlowLayout(
    result.steps.flatMap((step) => step.flows),
    FLOWS,
    options.columns,
  );
  return result.steps.flatMap((step) => {
    const commands = step.commands.filter((command) => options.detail === 'verbose' || command.unexpected);
    return [
      ...stepTitle(step, options.columns),
      ...commands.flatMap((command) => indented(FLOWS, commandLines(command))),
      ...configuredOf(step, options.detail).flatMap((each) => indented(FLOWS, configuredLines(each))),
      ...step.flows.flatMap((flow) => flowLines(flow, layout, options, result.file)),
    ];
  });
}

/** What is of interest where something went wrong in the step, and in any case to who wants to see all. */
function configuredOf({ configured = [], commands, flows }: StepResult, detail: Extent['detail']) {
  const isWrong =
    commands.some(({ unexpected }) => unexpected) || flows.some(({ status }) => status === 'failed');
  return isWrong || detail === 'verbose' ? configured : [];
}

function stepTitle(step: StepResult, columns: number): readonly Line[] {
  return step.title === '' ? [] : prose('  · ', step.title, columns);
}

/** A flow and, where it is not as expected, all that explains it; `file` is the scenario's. */
export function flowLines(
  flow: FlowResult,
  layout: FlowLayout,
  { columns, detail }: Extent,
  file?: string,
): readonly Line[] {
  const indent = layout.indent + 4;
  const failed = flow.status === 'failed';
  const evidence = detail === 'verbose' ? Number.POSITIVE_INFINITY : 1;
  const details = failed || detail === 'verbose' ? wayDetails(flow, evidence) : [];
  const place =
    failed && file !== undefined ? [{ label: 'written', pieces: [line(`${file}:${flow.line}`)] }] : [];
  return [
    ...layout.lines(flow),
    ...streamDetails(flow).flatMap((each) => detailLines(each, indent, columns)),
    ...(failed ? comparisonLines(flow, indent, columns) : []),
    ...[...details, ...place].flatMap((each) => detailLines(each, indent, columns)),
  ];
}

function detailLines({ label, pieces }: Detail, indent: number, columns: number): readonly Line[] {
  const lead = [span(' '.repeat(indent)), ...padded(line(label, 'faint'), LABEL)];
  return withNotes(fill(lead, pieces, columns), columns);
}

function prose(lead: string, text: string, columns: number): readonly Line[] {
  return text === '' ? [] : fill(line(lead), words(text), columns);
}

function indented(spaces: number, lines: readonly Line[]): readonly Line[] {
  return lines.map((line) => [span(' '.repeat(spaces)), ...line]);
}
