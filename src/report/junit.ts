import type { KernelDifference } from '../model/difference.js';
import type { FlowResult } from '../model/flow-result.js';
import {
  type Environment,
  nameOnAnyKernel,
  type Reason,
  type RunEvent,
  type RunReport,
  type ScenarioResult,
  type StepResult,
} from '../model/result.js';
import { ReportCollector } from './collect.js';
import { valueText } from './difference-layout.js';
import { FlowLayout } from './flow-layout.js';
import type { Reporter, Write } from './reporter.js';
import { type Line, plain } from './text/line.js';
import { flowLines, scenarioLines } from './text/scenario.js';
import { type Element, element, xmlDocument } from './text/xml.js';

/**
 * JUnit's XML, as Jenkins, GitLab and others read it, when the run has ended: a test suite for each scenario, and in it
 * a test case for each flow. What befell the scenario as a whole (an invalid file, a recipe that failed, a skip)
 * is a test case that is called as its title. Attempts that did not pass are told in the words of Maven's
 * Surefire: `flakyFailure` where the last one passed, else `rerunFailure`.
 *
 * @see https://github.com/jenkinsci/xunit-plugin, junit-10.xsd, which it keeps to
 */
export function junitReporter(write: Write): Reporter {
  const collector = new ReportCollector();
  const attempts = new Map<string, ScenarioResult[]>();
  return (event: RunEvent) => {
    if (event.type === 'scenario-retried') {
      const { name } = event.result;
      attempts.set(name, [...(attempts.get(name) ?? []), event.result]);
    }
    const report = collector.add(event);
    if (report !== null) write(xmlDocument(suites(report, attempts)));
  };
}

interface Suite {
  readonly result: ScenarioResult;
  /** What is another on other kernels. */
  readonly differences: readonly KernelDifference[];
  readonly cases: readonly Case[];
}

function suites(
  { environment, summary, scenarios, differences = [] }: RunReport,
  attempts: ReadonlyMap<string, readonly ScenarioResult[]>,
): Element {
  const all = scenarios.map((result): Suite => {
    const own = differences.filter(({ scenario }) => scenario === nameOnAnyKernel(result));
    const cases = casesOf(result, attempts.get(result.name) ?? [], own);
    return { result, differences: own, cases };
  });
  const count = countsOf(all.flatMap(({ cases }) => cases));
  return element(
    'testsuites',
    {
      name: 'replypath',
      ...{ tests: count.tests, failures: count.failures, errors: count.errors },
      time: seconds(summary.durationMs),
    },
    all.map((each) => suite(each, environment)),
  );
}

function suite({ result, differences, cases }: Suite, environment: Environment): Element {
  const share = result.durationMs / Math.max(1, cases.length);
  return element(
    'testsuite',
    {
      name: result.name,
      ...countsOf(cases),
      time: seconds(result.durationMs),
      timestamp: result.startedAt,
      file: result.file,
    },
    [
      element('properties', {}, properties(result, environment, differences)),
      ...cases.map(({ name, content }) =>
        element('testcase', { name, classname: result.name, time: seconds(share) }, content),
      ),
      ...(result.artifacts === null ? [] : [element('system-out', {}, `captures  ${result.artifacts}\n`)]),
    ],
  );
}

function properties(
  result: ScenarioResult,
  environment: Environment,
  differences: readonly KernelDifference[],
): Element[] {
  const { replypath, kernel, kernels = {}, rootless } = environment;
  const { id, title, tags, source, finding, variant, attempts, repetition } = result;
  const pairs: readonly (readonly [name: string, value: string | number | undefined])[] = [
    ['replypath', replypath],
    ['kernel', result.kernel ?? kernel],
    ['kernel.name', result.kernelName],
    ...Object.entries(kernels).map(([name, release]) => [`kernel.${name}`, release] as const),
    ['rootless', String(rootless)],
    ['scenario', id],
    ['title', title === '' ? undefined : title],
    ...Object.entries(variant).map(([key, value]) => [`variant.${key}`, value] as const),
    ...tags.map((tag) => ['tag', tag] as const),
    ['source', source?.document],
    ['finding', finding?.status],
    ...streamsOf(result),
    ['attempts', attempts > 1 ? attempts : undefined],
    ['guest.died', result.guestDied],
    ['repetition', repetition > 1 ? repetition : undefined],
    ...differences
      .filter(({ flow }) => flow === null)
      .flatMap((each) => differenceTexts(each).map((text) => ['differs', text] as const)),
  ];
  return pairs.flatMap(([name, value]) =>
    value === undefined ? [] : [element('property', { name, value })],
  );
}

/** The numbers of each stream of requests, by the name of its test case. */
function streamsOf(result: ScenarioResult): readonly (readonly [name: string, value: string])[] {
  return result.steps.flatMap((step) =>
    step.flows.flatMap((flow) => {
      const { stream } = flow;
      if (stream === undefined || stream === null) return [];
      const { sent, lost, longestBlackoutMs, ways, connection } = stream;
      const numbers = `sent ${sent}, lost ${lost}, longest blackout ${longestBlackoutMs} ms, ways ${ways.length}`;
      const fate = connection === null ? '' : `, connection ${connection}`;
      return [[`stream ${caseName(step, flow)}`, `${numbers}${fate}`] as const];
    }),
  );
}

function caseName({ title }: StepResult, flow: FlowResult): string {
  const text = `${flow.from} → ${flow.to} ${flow.probe} IPv${flow.family}`;
  return title === '' ? text : `${title}: ${text}`;
}

interface Case {
  readonly name: string;
  readonly content: readonly Element[];
}

/**
 * A case for each flow, with its own history; a case for the scenario where it has no flows, or where its reason is not
 * one of a flow. Names are the same in each run, whatever the verdict, so that a history can be kept of them.
 */
function casesOf(
  result: ScenarioResult,
  attempts: readonly ScenarioResult[],
  differences: readonly KernelDifference[],
): readonly Case[] {
  const names = new Map<string, number>();
  const unique = (name: string) => {
    const number = (names.get(name) ?? 0) + 1;
    names.set(name, number);
    return number === 1 ? name : `${name} (${number})`;
  };
  const flows = result.steps.flatMap((step, stepIndex) =>
    step.flows.map((flow, flowIndex): Case => {
      const before = attempts.flatMap((attempt) => attempt.steps[stepIndex]?.flows[flowIndex] ?? []);
      return {
        name: unique(caseName(step, flow)),
        content: [
          ...flowContent(flow, before),
          ...differenceContent(
            differences.filter(
              (each) => each.flow?.step === stepIndex + 1 && each.flow.flow === flowIndex + 1,
            ),
          ),
        ],
      };
    }),
  );
  const [whole] = [result, ...attempts].filter((each) => !isOfFlows(each.reason));
  if (flows.length > 0 && whole === undefined) return flows;
  const name = unique(result.title === '' ? result.name : result.title);
  return [{ name, content: scenarioContent(result, attempts) }, ...flows];
}

/** The same in the test cases of all kernels: whichever one is looked at says that another one has another result. */
function differenceContent(differences: readonly KernelDifference[]): readonly Element[] {
  const lines = differences.flatMap(differenceTexts).map((text) => `  ≠ ${text}\n`);
  return lines.length === 0 ? [] : [element('system-out', {}, `kernels differ\n${lines.join('')}`)];
}

/** `verdict  host: symmetric; 6.12: no-reply`, and so on. */
function differenceTexts({ differing }: KernelDifference): readonly string[] {
  return differing.map((row) => {
    const values = Object.keys(row.values).map((kernel) => `${kernel}: ${valueText(row, kernel)}`);
    return `${row.property}  ${values.join('; ')}`;
  });
}

/** Whether flows have all that there is to say: the scenario passed, or a flow is why it did not. */
function isOfFlows(reason: Reason | null): boolean {
  return reason === null || reason.code === 'flow-not-as-expected' || reason.code === 'flow-inconclusive';
}

function flowContent(flow: FlowResult, before: readonly FlowResult[]): readonly Element[] {
  const wrong = before.filter(({ status }) => status === 'failed');
  const again = flow.status === 'passed' ? 'flakyFailure' : 'rerunFailure';
  return [
    ...(flow.status === 'failed' ? [element('failure', flowFault(flow), flowText(flow))] : []),
    ...wrong.map((each) => element(again, flowFault(each), [element('stackTrace', {}, flowText(each))])),
    ...(flow.status === 'passed' ? [element('system-out', {}, flowText(flow))] : []),
  ];
}

function flowFault(flow: FlowResult): Element['attributes'] {
  return { message: flow.differences.join('; '), type: flow.verdict };
}

function scenarioContent(result: ScenarioResult, attempts: readonly ScenarioResult[]): readonly Element[] {
  const again = result.status === 'passed' ? 'flaky' : 'rerun';
  return [
    ...(isOfFlows(result.reason) ? [] : [scenarioFault(result)]),
    ...attempts
      .filter(({ reason }) => !isOfFlows(reason))
      .map((each) =>
        element(`${again}${each.status === 'failed' ? 'Failure' : 'Error'}`, reasonOf(each), [
          element('stackTrace', {}, scenarioText(each)),
        ]),
      ),
  ];
}

function scenarioFault(result: ScenarioResult): Element {
  if (result.status === 'skipped') return element('skipped', { message: result.reason?.text });
  return element(result.status === 'failed' ? 'failure' : 'error', reasonOf(result), scenarioText(result));
}

function reasonOf({ reason }: ScenarioResult): Element['attributes'] {
  return { message: reason?.text, type: reason?.code ?? 'unknown' };
}

const EXTENT = { columns: Number.POSITIVE_INFINITY, detail: 'normal' } as const;

function flowText(flow: FlowResult): string {
  return textOf(flowLines(flow, new FlowLayout([flow], 0, EXTENT.columns), EXTENT));
}

function scenarioText(result: ScenarioResult): string {
  return textOf(scenarioLines(result, EXTENT, true));
}

function textOf(lines: readonly Line[]): string {
  const text = lines.map((line) => plain(line).trimEnd()).join('\n');
  return `${text.trim()}\n`;
}

function countsOf(cases: readonly Case[]) {
  const count = (kind: string) =>
    cases.filter(({ content }) => content.some(({ name }) => name === kind)).length;
  return {
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
  };
}

/** Milliseconds as seconds with three places. */
function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
