import { setMaxListeners } from 'node:events';
import { join, resolve } from 'node:path';
import pLimit from 'p-limit';
import type { Diagnostic } from '../model/diagnostic.js';
import {
  type Environment,
  onKernel,
  type RunEvent,
  type RunReport,
  type ScenarioResult,
} from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import type { CaptureMethod, Explained, StatesKept } from '../model/settings.js';
import { withSeed } from '../plan/flows.js';
import { reportOf, summaryOf } from '../report/collect.js';
import { findLeftovers } from '../system/leftovers.js';
import { packageFolder } from '../system/package-folder.js';
import { runAttempts } from './attempts.js';
import { environment } from './environment.js';
import { type Input, read, validated } from './input.js';
import { invalidResult } from './invalid.js';
import type { KernelChoice } from './kernels.js';
import type { Place } from './place.js';
import { type Repetition, repeat } from './repetition.js';
import { openResults, type Results } from './results-folder.js';
import { type Known, knownOf, type Selection, select } from './select.js';

export { ResultsFolderError } from './writing.js';

export interface RunOptions {
  /** Files (with a line: `file:line`), folders or patterns. */
  readonly paths: readonly string[];
  /** Scenarios that are validated already, in the place of what paths name. */
  readonly scenarios?: readonly Scenario[];
  readonly cwd: string;
  readonly selection: Selection;
  /** How often each scenario is run; each time has a result of its own. */
  readonly repeatEach: number;
  /** How often a scenario that did not pass is tried again; an invalid one never is. */
  readonly retries: number;
  /** After this many that did not pass no other scenario is begun; null goes on to the end. */
  readonly bail: number | null;
  /** On which each scenario is run: at least one. Where there are several, each has results of its own. */
  readonly kernels: readonly KernelChoice[];
  /** In the place of every seed that the scenarios have; null leaves them. */
  readonly seed: number | null;
  /** Labs at a time, of each kernel; null for two a core. */
  readonly workers: number | null;
  /** Who captures. */
  readonly capture: CaptureMethod;
  /** Of which flows the cause is looked for. */
  readonly explained: Explained;
  /** Folder for captures and reports; null for none. */
  readonly output: string | null;
  /** Of which labs it is kept there how their nodes were configured. */
  readonly states: StatesKept;
  /** Ends the run in order: what ran is reported. */
  readonly signal: AbortSignal;
}

export interface RunOutcome {
  readonly report: RunReport;
  /** Nothing at all, but for an empty shard, or nothing by one of the paths. */
  readonly nothingSelected: boolean;
  /** Paths that name nothing. */
  readonly diagnostics: readonly Diagnostic[];
  /** What there was to select from, for suggestions. */
  readonly known: Known;
  /** Selected, and not begun because of `bail`. */
  readonly bailed: readonly string[];
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
  const loaded = options.scenarios
    ? validated(options.scenarios)
    : await read([...options.paths], { cwd: options.cwd, labDirs });
  const labels = options.kernels.map(({ label }) => label);
  const places = options.kernels.map(({ label, place }): LabelledPlace => {
    const isNeeded = loaded.count > 0;
    return { label, place: place({ cwd: options.cwd, isNeeded, labels }) };
  });
  try {
    return await runLoaded({ begin, loaded, machine, places }, options, onEvent);
  } finally {
    await closeAll(places);
  }
}

/** What a run has once its files are read. */
interface Beginning {
  /** In the time of performance.now(). */
  readonly begin: number;
  readonly loaded: Input;
  readonly machine: Promise<Environment>;
  readonly places: readonly LabelledPlace[];
}

/** A place with the name of its kernel. */
interface LabelledPlace {
  readonly label: string;
  readonly place: Place;
}

async function runLoaded(
  { begin, loaded, machine, places }: Beginning,
  options: RunOptions,
  onEvent: (event: RunEvent) => void,
): Promise<RunOutcome> {
  const found = loaded.validate();
  const { scenarios, invalid, emptyShard } = select(found, options.selection);
  const { seed } = options;
  const seeded = seed === null ? scenarios : scenarios.map((scenario) => withSeed(scenario, seed));
  const repetitions = repeat(seeded, options.repeatEach);

  const output = options.output === null ? null : resolve(options.cwd, options.output);
  const folder = await openResults(output, options.states);
  const results: ScenarioResult[] = [];
  const tell = (event: RunEvent) => {
    if (event.type === 'scenario-ended') results.push(event.result);
    folder.note(event);
    onEvent(event);
  };

  const environment = environmentOf(places, await machine);
  const lanes = places.map((each) => laneOf(each, repetitions, places.length));
  // A scenario's results on all kernels are beside one another.
  const names = repetitions.flatMap((_, index) =>
    lanes.flatMap((lane) => lane.repetitions[index]?.scenario.name ?? []),
  );
  const announced = [...invalid.map(({ id }) => id), ...names];
  tell({
    type: 'run-started',
    version: 1,
    environment,
    scenarios: announced,
  });
  for (const file of invalid)
    tell({ type: 'scenario-ended', result: invalidResult(file, environment.kernel) });
  const isEnough = () =>
    options.bail !== null && results.filter(({ status }) => isFailure(status)).length >= options.bail;
  const missingTools = [...new Set(places.flatMap(({ place }) => place.missingTools))];
  const running: Running = { options, folder, isEnough, tell };
  if (missingTools.length === 0) await Promise.all(lanes.map((lane) => runAll(lane, running)));
  await closeAll(places);
  const summary = summaryOf(results, performance.now() - begin);
  tell({ type: 'run-ended', summary });
  const report = reportOf({ environment, summary, results, announced });
  await folder.finish(report);
  const ended = new Set(results.map(({ name }) => name));
  return {
    report,
    nothingSelected:
      (scenarios.length + invalid.length === 0 && !emptyShard) || loaded.diagnostics.length > 0,
    diagnostics: loaded.diagnostics,
    known: knownOf(found),
    bailed: isEnough() && missingTools.length === 0 ? names.filter((name) => !ended.has(name)) : [],
    leftBehind: await findLeftovers(),
    interrupted: options.signal.aborted,
    missingTools,
  };
}

/** What one of the kernels has to do, beside the others. */
interface Lane {
  readonly place: Place;
  readonly repetitions: readonly Repetition[];
  /** What is special about results, where there are several kernels. */
  readonly mark: Pick<ScenarioResult, 'kernelName'>;
}

/** Where there are several kernels, each has scenarios of its own name. */
function laneOf({ label, place }: LabelledPlace, repetitions: readonly Repetition[], kernels: number): Lane {
  if (kernels === 1) return { place, repetitions, mark: {} };
  const own = repetitions.map(
    ({ scenario, repetition }): Repetition => ({
      scenario: { ...scenario, name: onKernel(scenario.name, label) },
      repetition,
    }),
  );
  return { place, repetitions: own, mark: { kernelName: label } };
}

function environmentOf(places: readonly LabelledPlace[], machine: Environment): Environment {
  const all = places.map(({ label, place }) => [label, place.environment(machine)] as const);
  const [, first = machine] = all[0] ?? [];
  if (all.length === 1) return first;
  return { ...first, kernels: Object.fromEntries(all.map(([label, { kernel }]) => [label, kernel])) };
}

async function closeAll(places: readonly LabelledPlace[]): Promise<void> {
  await Promise.all(places.map(({ place }) => place.close()));
}

interface Running {
  readonly options: RunOptions;
  readonly folder: Results;
  /** Whether enough scenarios have failed for the run to stop. */
  readonly isEnough: () => boolean;
  readonly tell: (event: RunEvent) => void;
}

async function runAll(
  { place, repetitions, mark }: Lane,
  { options, folder, isEnough, tell }: Running,
): Promise<void> {
  const { workers, capture, explained, retries, signal } = options;
  const { artifacts } = folder;
  const limit = pLimit(workers ?? place.parallel);
  // Each lab hears of it: eleven are no leak.
  setMaxListeners(0, signal);
  await limit.map(repetitions, async ({ scenario, repetition }) => {
    if (signal.aborted || isEnough()) return;
    tell({ type: 'scenario-started', name: scenario.name });
    const runOnce = async (attempt: number): Promise<ScenarioResult> => ({
      ...(await place.carryOut(scenario, { attempt, capture, explained, artifacts, signal })),
      ...mark,
      repetition,
    });
    const onRetry = (result: ScenarioResult) => tell({ type: 'scenario-retried', result });
    tell({ type: 'scenario-ended', result: await runAttempts(runOnce, { retries, signal, onRetry }) });
  });
}

function isFailure(status: ScenarioResult['status']): boolean {
  return status === 'failed' || status === 'errored';
}
