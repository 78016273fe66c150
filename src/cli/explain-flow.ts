import type { ExplanationReport, NumberedFlow } from '../model/explanation.js';
import type { RunReport, ScenarioResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { type Explained, HOST } from '../model/settings.js';
import { painter } from '../report/paint.js';
import { explanationLines } from '../report/text/explanation.js';
import { numberedFlows } from '../report/text/flow-number.js';
import { scenarioLines } from '../report/text/scenario.js';
import type { KernelChoice } from '../run/kernels.js';
import { type RunOutcome, run } from '../run/run.js';
import { EVERYTHING } from '../run/select.js';
import { EXIT, exitCode } from './exit-code.js';
import type { ExplainFlags } from './explain.js';
import { kernelsNamed } from './kernels-named.js';
import { oneScenario } from './one-scenario.js';
import { EndingSignals } from './signals.js';
import { print, tell } from './streams.js';
import { terminalOf } from './terminal.js';

/** Tells the story of a flow. Gives the exit code. */
export async function explain(given: string, flags: ExplainFlags, cwd: string): Promise<number> {
  const chosen = await oneScenario(given, flags.grep ?? null, cwd);
  if (typeof chosen === 'number') return chosen;
  const { scenario, line } = chosen;
  const number = flags.flow ?? (line === null ? null : flowAt(scenario, line));
  const fault = faultOf(scenario, number, line);
  if (fault !== null) {
    tell(fault);
    return EXIT.usage;
  }
  const kernels = await kernelsNamed([flags.kernel ?? process.env.REPLYPATH_KERNEL ?? HOST]);
  if (typeof kernels === 'number') return kernels;
  const signals = new EndingSignals();
  const runs = new Runs(scenario, kernels, cwd, signals.abort);
  const told = await storyOf(runs, number);
  signals.stopListening();
  return report(told, runs, flags, signals);
}

/** The last flow that begins at a line or above it, in the step that the line is in; null where there is none. */
function flowAt({ steps }: Scenario, line: number): number | null {
  const lines = steps.flatMap(({ flows }) => flows.map(({ place }) => place.line));
  const begin = lines.findLast((each) => each <= line);
  return begin === undefined ? null : lines.indexOf(begin) + 1;
}

/** Why there is no such flow to explain; null where there is. */
function faultOf({ name, steps }: Scenario, number: number | null, line: number | null): string | null {
  const count = steps.reduce((sum, { flows }) => sum + flows.length, 0);
  if (count === 0) return `${name} has no flow`;
  if (number === null && line !== null) return `no flow of ${name} stands at line ${line} or above it`;
  if (number === null || number <= count) return null;
  return `${name} has ${count === 1 ? 'one flow' : `${count} flows`}, and no number ${number}`;
}

/** The runs of a scenario that it takes to find the flow, and to have it explained. */
class Runs {
  last: RunOutcome | null = null;

  constructor(
    private readonly scenario: Scenario,
    private readonly kernels: readonly KernelChoice[],
    private readonly cwd: string,
    private readonly signal: AbortSignal,
  ) {}

  async run(explained: Explained): Promise<RunOutcome> {
    this.last = await run(
      {
        ...{ paths: [], scenarios: [this.scenario], cwd: this.cwd, selection: EVERYTHING },
        ...{ workers: null, capture: 'agent', explained, states: 'none', kernels: this.kernels },
        ...{ repeatEach: 1, retries: 0, bail: null, seed: null, output: null, signal: this.signal },
      },
      () => {},
    );
    return this.last;
  }
}

/** What there is to tell; null where the scenario did not come to the flow. */
async function storyOf(runs: Runs, asked: number | null): Promise<ExplanationReport | null> {
  if (asked !== null) return storyIn((await runs.run(asked)).report, asked);
  const { report } = await runs.run('failed');
  const [result] = report.scenarios;
  const flows = result === undefined ? [] : numberedFlows(result);
  const wrong = flows.find(({ status }) => status === 'failed');
  if (wrong !== undefined) return storyIn(report, wrong.number);
  const first = soleFlow(flows);
  if (first === undefined) return storyIn(report, null);
  return storyIn((await runs.run(first.number)).report, first.number);
}

/** Of flows as expected: the only one that is not symmetric, or the first where all are; none where it is to be chosen. */
function soleFlow(flows: readonly NumberedFlow[]): NumberedFlow | undefined {
  const others = flows.filter(({ verdict }) => verdict !== 'symmetric');
  return others.length === 0 ? flows[0] : others.length === 1 ? others[0] : undefined;
}

function storyIn(
  { environment, scenarios: [result] }: RunReport,
  number: number | null,
): ExplanationReport | null {
  if (result === undefined) return null;
  const { steps, diagnostics: _, ...scenario } = result;
  const all = steps.flatMap(({ flows }) => flows);
  const flow = number === null ? null : (all[number - 1] ?? null);
  if (all.length === 0 || (number !== null && flow === null)) return null;
  return { version: 1, environment, scenario, flows: numberedFlows(result), number, flow };
}

function report(
  told: ExplanationReport | null,
  { last }: Runs,
  { json, verbose }: ExplainFlags,
  signals: EndingSignals,
): number {
  if (last === null) throw new Error('nothing was run');
  const { report, leftBehind, missingTools, nothingSelected, interrupted } = last;
  const signal = interrupted ? signals.received : null;
  if (missingTools.length > 0)
    tell(`required tools are missing: ${missingTools.join(', ')}; replypath doctor says how to get them`);
  if (leftBehind.length > 0)
    tell(`something was left behind on this machine: ${leftBehind.join(', ')}; please report this`);
  if (told !== null) tellStory(told, json === true, verbose === true);
  const [result] = report.scenarios;
  if (told === null && result !== undefined) tellResult(result);
  const code = exitCode({
    ...{ report, leftBehind, missingTools, nothingSelected, signal },
    ...{ failOnSkip: told === null, allowedSkips: [] },
  });
  const isWorse: readonly number[] = [EXIT.bug, EXIT.leftBehind, EXIT.SIGINT, EXIT.SIGTERM];
  if (told !== null && !isWorse.includes(code)) return EXIT.passed;
  return code;
}

function tellStory(told: ExplanationReport, json: boolean, verbose: boolean): void {
  if (json) {
    print(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  const { colours, columns } = terminalOf(process.stdout, process.env);
  const paint = painter(colours);
  print(
    explanationLines(told, { columns, verbose })
      .map((line) => `${paint(line)}\n`)
      .join(''),
  );
}

/** What came of a scenario that did not come to the flow. */
function tellResult(result: ScenarioResult): void {
  tell('the scenario did not come to the flow:');
  const { colours, columns } = terminalOf(process.stderr, process.env);
  const paint = painter(colours);
  for (const line of scenarioLines(result, { columns, detail: 'normal' }, true))
    process.stderr.write(`${paint(line)}\n`);
}
