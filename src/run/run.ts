import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import pLimit from 'p-limit';
import type { CaptureMethod } from '../build/lab.js';
import { loadScenarios } from '../load/load.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Environment, RunEvent, RunReport, RunSummary, ScenarioResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { findLeftovers } from '../system/leftovers.js';
import { Machine } from '../system/machine.js';
import { packageFolder } from '../system/package-folder.js';
import { type Sandbox, startSandbox } from '../system/sandbox.js';
import { missingTools } from '../system/tools.js';
import { validate } from '../validate/validate.js';
import { environment } from './environment.js';
import { invalidResult } from './invalid.js';
import { ResultsFolder } from './results-folder.js';
import { runScenario } from './scenario.js';

export { ResultsFolderError } from './results-folder.js';

export interface RunOptions {
  /** Files, folders or patterns. */
  readonly paths: readonly string[];
  readonly cwd: string;
  /** Selects scenarios by name, variant included; null selects all. */
  readonly grep: RegExp | null;
  /** Labs at a time; null for two a core. */
  readonly workers: number | null;
  /** Who captures. */
  readonly capture: CaptureMethod;
  /** Folder for captures and reports; null for `replypath-results`. */
  readonly output: string | null;
  /** Ends the run in order: what ran is reported. */
  readonly signal: AbortSignal;
}

export interface RunOutcome {
  readonly report: RunReport;
  /** Nothing at all, or nothing by one of the paths. */
  readonly nothingSelected: boolean;
  /** Paths that name nothing. */
  readonly diagnostics: readonly Diagnostic[];
  /** Processes of ours that are still there. */
  readonly leftBehind: readonly string[];
  readonly interrupted: boolean;
  /** Required tools that this machine lacks; then nothing was run. */
  readonly missingTools: readonly string[];
}

/**
 * Runs what the options select. Faults of scenarios and labs are results.
 *
 * @throws ResultsFolderError where the results cannot be written
 */
export async function run(options: RunOptions, onEvent: (event: RunEvent) => void): Promise<RunOutcome> {
  const begin = performance.now();
  const labDirs = [join(options.cwd, 'lab'), join(packageFolder(), 'lab')];
  const machine = environment();
  const loaded = await loadScenarios([...options.paths], { cwd: options.cwd, labDirs });
  const missing = missingTools();
  // Begins while the scenarios are validated. Where it does not, each of them says so.
  const sandbox = loaded.scenarios.length > 0 && missing.length === 0 ? startSandbox() : null;
  sandbox?.catch(() => {});
  const closeSandbox = () =>
    sandbox?.then(
      ({ close }) => close(),
      () => {},
    );
  try {
    return await runLoaded({ begin, loaded, machine, missing, sandbox, closeSandbox }, options, onEvent);
  } finally {
    await closeSandbox();
  }
}

/** What a run has once its files are read. */
interface Beginning {
  /** In the time of performance.now(). */
  readonly begin: number;
  readonly loaded: Awaited<ReturnType<typeof loadScenarios>>;
  readonly machine: Promise<Environment>;
  readonly missing: readonly string[];
  /** Null where there is nothing to run in it. */
  readonly sandbox: Promise<Sandbox> | null;
  readonly closeSandbox: () => Promise<void> | undefined;
}

async function runLoaded(
  { begin, loaded, machine, missing, sandbox, closeSandbox }: Beginning,
  options: RunOptions,
  onEvent: (event: RunEvent) => void,
): Promise<RunOutcome> {
  const { scenarios, invalid } = validate(loaded);
  const selected = scenarios.filter(({ name }) => options.grep?.test(name) ?? true);
  const broken = invalid.filter(({ id }) => options.grep?.test(id) ?? true);

  const folder = await ResultsFolder.open(resolve(options.cwd, options.output ?? 'replypath-results'));
  const results: ScenarioResult[] = [];
  const tell = (event: RunEvent) => {
    if (event.type === 'scenario-ended') results.push(event.result);
    folder.note(event);
    onEvent(event);
  };

  tell({
    type: 'run-started',
    environment: await machine,
    scenarios: [...broken.map(({ id }) => id), ...selected.map(({ name }) => name)],
  });
  for (const file of broken) tell({ type: 'scenario-ended', result: invalidResult(file) });
  if (sandbox !== null) await runAll(selected, sandbox, options, folder, tell);
  await closeSandbox();
  const summary = summarise(results, performance.now() - begin);
  tell({ type: 'run-ended', summary });
  const report: RunReport = { version: 1, environment: await machine, summary, scenarios: results };
  await folder.finish(report);
  return {
    report,
    nothingSelected: selected.length + broken.length === 0 || loaded.diagnostics.length > 0,
    diagnostics: loaded.diagnostics,
    leftBehind: await findLeftovers(),
    interrupted: options.signal.aborted,
    missingTools: missing,
  };
}

async function runAll(
  scenarios: readonly Scenario[],
  sandbox: Promise<Sandbox>,
  { workers, capture, signal }: RunOptions,
  folder: ResultsFolder,
  tell: (event: RunEvent) => void,
): Promise<void> {
  // Labs spend much of their time waiting for answers that do not come.
  const machine = new Machine(sandbox);
  const limit = pLimit(workers ?? 2 * availableParallelism());
  await limit.map(scenarios, async (scenario) => {
    if (signal.aborted) return;
    tell({ type: 'scenario-started', name: scenario.name });
    const result = await runScenario(scenario, sandbox, machine, capture, signal, (of, lab) =>
      folder.keepCaptures(of, lab),
    );
    tell({ type: 'scenario-ended', result });
  });
}

function summarise(results: readonly ScenarioResult[], durationMs: number): RunSummary {
  const count = (status: ScenarioResult['status']) =>
    results.filter((result) => result.status === status).length;
  return {
    passed: count('passed'),
    failed: count('failed'),
    errored: count('errored'),
    skipped: count('skipped'),
    inconclusive: results.filter(({ reason }) => reason?.code === 'flow-inconclusive').length,
    flaky: results.filter(({ flaky }) => flaky).length,
    durationMs: Math.round(durationMs),
  };
}
