import { stringify } from 'yaml';
import type { FlowResult } from '../model/flow-result.js';
import type { Environment, RunEvent, ScenarioResult } from '../model/result.js';
import { differenceLines } from './difference-layout.js';
import type { Reporter, Write } from './reporter.js';
import { comparison, failureDetails, flowColumns } from './text/flow.js';
import { join, plain } from './text/line.js';
import { printable } from './text/printable.js';

/**
 * TAP version 14 (testanything.org): a test point for each scenario, with a subtest that has one for each
 * flow. The plan comes first, so that a stream that breaks off is seen to be incomplete.
 */
export function tapReporter(write: Write): Reporter {
  const results: ScenarioResult[] = [];
  let environment: Environment | null = null;
  let planned = 0;
  return (event: RunEvent) => {
    switch (event.type) {
      case 'run-started':
        environment = event.environment;
        planned = event.scenarios.length;
        write(`TAP version 14\n${planned === 0 ? '1..0 # SKIP no scenario selected' : `1..${planned}`}\n`);
        break;
      case 'scenario-started':
        break;
      case 'scenario-retried':
        write(retryComment(event.result));
        break;
      case 'scenario-ended':
        results.push(event.result);
        write(scenarioPoint(event.result, results.length));
        break;
      case 'run-ended':
        if (environment !== null) write(differenceComments(environment, results));
        if (results.length < planned)
          write(`Bail out! the run was ended after ${results.length} of ${planned} scenarios\n`);
        break;
    }
  };
}

/** Nor has it one for what test points have to do with each other. */
function differenceComments(environment: Environment, results: readonly ScenarioResult[]): string {
  const lines = differenceLines(environment, results, Number.POSITIVE_INFINITY);
  return lines
    .map((line) => `# ${plain(line)}`.trimEnd())
    .map((text) => `${text}\n`)
    .join('');
}

/** TAP has no word for a test that is tried again; its point comes with the last attempt. */
function retryComment({ name, attempts, reason }: ScenarioResult): string {
  return `# ${printable(`${name}: attempt ${attempts} did not pass: ${reason?.text ?? 'no reason given'}`)}\n`;
}

function scenarioPoint(result: ScenarioResult, number: number): string {
  const ok = result.status === 'passed' || result.status === 'skipped';
  const directive =
    result.status === 'skipped' ? ` # SKIP ${escaped(result.reason?.text ?? 'no reason given')}` : '';
  const point = `${ok ? 'ok' : 'not ok'} ${number} - ${escaped(result.name)}${directive}\n`;
  return subtest(result) + point + (result.status === 'skipped' ? '' : yaml(scenarioDiagnostics(result), ''));
}

function subtest(result: ScenarioResult): string {
  const indent = '    ';
  const points = result.steps.flatMap((step) => step.flows.map((flow) => ({ step, flow })));
  if (points.length === 0) return '';
  const lines = points.map(({ step, flow }, index) => {
    const title = step.title === '' ? '' : `${step.title}: `;
    const text = escaped(`${title}${flowText(flow)}`);
    const point = `${indent}${flow.status === 'passed' ? 'ok' : 'not ok'} ${index + 1} - ${text}\n`;
    return flow.status === 'passed' ? point : point + yaml(flowDiagnostics(flow), indent);
  });
  return `# Subtest: ${escaped(result.name)}\n${lines.join('')}${indent}1..${points.length}\n`;
}

function flowText(flow: FlowResult): string {
  const { ends, probe, family, way, verdict, remark } = flowColumns(flow);
  const columns = [ends, probe, family, way, verdict, remark].filter((column) => column.length > 0);
  return columns.map(plain).join(' ');
}

function scenarioDiagnostics(result: ScenarioResult): Record<string, unknown> {
  const commands = result.steps.flatMap((step) => step.commands).filter(({ unexpected }) => unexpected);
  return {
    ...(result.title === '' ? {} : { title: result.title }),
    duration_ms: Math.round(result.durationMs),
    ...(result.attempts > 1 ? { attempts: result.attempts, flaky: result.flaky } : {}),
    ...(result.guestDied === undefined ? {} : { guestDied: result.guestDied }),
    ...(result.repetition > 1 ? { repetition: result.repetition } : {}),
    ...(result.reason === null ? {} : { reason: result.reason.code, message: result.reason.text }),
    ...(result.diagnostics.length === 0 ? {} : { diagnostics: result.diagnostics }),
    ...(commands.length === 0 ? {} : { commands: commands.map(({ unexpected: _, ...command }) => command) }),
    ...(result.artifacts === null ? {} : { artifacts: result.artifacts }),
  };
}

/** The texts that the list for people shows; a label that occurs several times becomes a list. */
function flowDiagnostics(flow: FlowResult): Record<string, unknown> {
  const details = failureDetails(flow).filter(({ label }) => label !== 'expected' && label !== 'seen');
  const byLabel = new Map<string, string[]>();
  for (const { label, pieces } of details) {
    byLabel.set(label, [...(byLabel.get(label) ?? []), plain(join(pieces, ' '))]);
  }
  return {
    ...comparison(flow),
    ...Object.fromEntries(
      [...byLabel].map(([label, texts]) => [label, texts.length === 1 ? texts[0] : texts]),
    ),
  };
}

function yaml(document: Record<string, unknown>, indent: string): string {
  const body = stringify(document, printableLines, { lineWidth: 0 }).trimEnd().split('\n');
  return ['---', ...body, '...'].map((line) => `${indent}  ${line}\n`).join('');
}

/** Strings keep their line breaks, which YAML has a form for; everything else that steers a terminal is escaped. */
function printableLines(_key: unknown, value: unknown): unknown {
  return typeof value === 'string' ? value.split('\n').map(printable).join('\n') : value;
}

/** In a description, `#` begins a directive unless it is escaped, and so does the escape itself. */
function escaped(text: string): string {
  return printable(text).replace(/[\\#]/g, '\\$&');
}
