import type { FlowResult } from '../../model/flow-result.js';
import { REASONS, type ReasonCode, type ScenarioResult, type StepResult } from '../../model/result.js';
import { FlowLayout } from '../flow-layout.js';
import { commandLines } from './command.js';
import { diagnosticLines } from './diagnostic.js';
import { durationText } from './duration.js';
import { type Detail, failureDetails, wayDetails } from './flow.js';
import { fill, type Line, line, padded, type Span, span, words } from './line.js';

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

/** A scenario as people read it: a line, and what needs attention below it; `few` shows also flows that passed. */
export function scenarioLines(result: ScenarioResult, options: Extent, few: boolean): readonly Line[] {
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
export function mark({ status, reason }: ScenarioResult): Span {
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
      ...step.flows.flatMap((flow) => flowLines(flow, layout, options)),
    ];
  });
}

function stepTitle(step: StepResult, columns: number): readonly Line[] {
  return step.title === '' ? [] : prose('  · ', step.title, columns);
}

/** A flow and, where it is not as expected, all that explains it. */
export function flowLines(flow: FlowResult, layout: FlowLayout, options: Extent): readonly Line[] {
  const details =
    flow.status === 'failed' ? failureDetails(flow) : options.detail === 'verbose' ? wayDetails(flow) : [];
  return [
    ...layout.lines(flow),
    ...details.flatMap((detail) => detailLines(detail, layout.indent + 4, options.columns)),
  ];
}

function detailLines({ label, pieces }: Detail, indent: number, columns: number): readonly Line[] {
  return fill([span(' '.repeat(indent)), ...padded(line(label, 'faint'), LABEL)], pieces, columns);
}

function prose(lead: string, text: string, columns: number): readonly Line[] {
  return text === '' ? [] : fill(line(lead), words(text), columns);
}

function indented(spaces: number, lines: readonly Line[]): readonly Line[] {
  return lines.map((line) => [span(' '.repeat(spaces)), ...line]);
}
