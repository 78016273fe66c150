import { resolve } from 'node:path';
import type { RunEvent } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { type CaptureMethod, HOST, type StatesKept } from '../model/settings.js';
import { kernelChoices } from '../run/kernels.js';
import { type RunOutcome as Outcome, run as runAll } from '../run/run.js';
import { EventLog } from './event-log.js';
import { DEFAULT_PATH } from './load.js';
import { type SelectOptions, selectionOf } from './select.js';

export interface RunOptions extends SelectOptions {
  /** What paths are relative to; the working directory of the process unless given. */
  readonly cwd?: string;
  /** How often each scenario is run, 1 unless given; each time has a result of its own. */
  readonly repeatEach?: number;
  /** How often a scenario that did not pass is tried again, 0 unless given; the event is `scenario-retried`. */
  readonly retries?: number;
  /** After this many that did not pass no other scenario is begun. */
  readonly bail?: number;
  /** Draws the source ports of flows that have many, in the place of every seed in the files. */
  readonly seed?: number;
  /**
   * Where labs are made: on this machine (`host`), unless given, or in virtual machines with a kernel of Debian's
   * archive (`6.12`, `6.1-cloud`, a whole release), or with the image at a path. Fetched where it is not in the cache.
   * `auto`: on this machine, and for what it lacks in virtual machines with the newest kernel.
   * Of several, each runs everything, and `report.differences` says what is not the same on all of them.
   */
  readonly kernel?: string | readonly string[];
  /** Labs at a time, on each kernel; two for each core unless given. */
  readonly workers?: number;
  /** Who captures: each node's own agent, unless given, or a tcpdump beside it. */
  readonly capture?: CaptureMethod;
  /** Of which flows the cause is looked for: of those that are not as expected, unless given. */
  readonly explain?: 'failed' | 'all' | 'none';
  /** Of which labs the folder has how their nodes were configured before and after: of those in which something went wrong, unless given. */
  readonly state?: StatesKept;
  /** Folder for captures and reports, made where it is not there. Nothing is written unless given. */
  readonly output?: string | null;
  /** Ends the run in order: its outcome says `interrupted`, and has what ran until then. */
  readonly signal?: AbortSignal;
}

export interface RunOutcome extends Outcome {
  /**
   * Whether something was selected, all of it was run, and all of it passed or was skipped: what makes the
   * command exit with 0.
   */
  readonly passed: boolean;
}

/**
 * A run under way. Awaited, it gives the outcome; iterated, the events, all of them from the first, however
 * late or slowly they are read. Leaving the loop before the last event ends the run, and waits until it has ended.
 */
export interface Run extends Promise<RunOutcome>, AsyncIterable<RunEvent> {}

/**
 * Runs scenarios, beginning at once. Faults of scenarios, labs and recipes are results, not exceptions. It adds
 * no listeners to the process, prints nothing, and leaves nothing behind.
 *
 * @param scenarios files (with a line: `file:line`), folders or glob patterns; `scenarios` unless given. Or
 * scenarios that `load` gave.
 * @throws ResultsFolderError (the promise rejects) where `output` cannot be written, GuestError where a kernel
 * cannot be had, KernelNamesError where two are the same
 */
export function run(
  scenarios: string | readonly string[] | readonly Scenario[] = DEFAULT_PATH,
  options: RunOptions = {},
): Run {
  const leaving = new AbortController();
  const signals = [leaving.signal, ...(options.signal === undefined ? [] : [options.signal])];
  const log = new EventLog<RunEvent>();
  const outcome = drive(scenarios, options, AbortSignal.any(signals), log).finally(() => log.end());
  return Object.assign(outcome, {
    async *[Symbol.asyncIterator](): AsyncGenerator<RunEvent, void, undefined> {
      // From here on the loop tells what went wrong.
      outcome.catch(() => {});
      try {
        yield* log.read();
      } finally {
        leaving.abort();
        await outcome;
      }
    },
  });
}

async function drive(
  given: string | readonly string[] | readonly Scenario[],
  options: RunOptions,
  signal: AbortSignal,
  log: EventLog<RunEvent>,
): Promise<RunOutcome> {
  const { cwd, repeatEach, retries, bail, seed, kernel, workers, capture, explain, state, output } = options;
  const outcome = await runAll(
    {
      ...inputOf(given),
      cwd: resolve(cwd ?? process.cwd()),
      selection: selectionOf(options),
      repeatEach: repeatEach ?? 1,
      retries: retries ?? 0,
      bail: bail ?? null,
      seed: seed ?? null,
      kernels: await kernelChoices(typeof kernel === 'string' ? [kernel] : (kernel ?? [HOST])),
      workers: workers ?? null,
      capture: capture ?? 'agent',
      explained: explain ?? 'failed',
      states: state ?? 'failed',
      output: output ?? null,
      signal,
    },
    (event) => log.add(event),
  );
  return { ...outcome, passed: hasPassed(outcome) };
}

/** An empty list is nothing, whatever it would have been a list of: never the default folder. */
function inputOf(given: string | readonly string[] | readonly Scenario[]) {
  const list: readonly (string | Scenario)[] = typeof given === 'string' ? [given] : given;
  const paths = list.filter((item) => typeof item === 'string');
  return paths.length > 0 ? { paths } : { paths, scenarios: list.filter((item) => typeof item !== 'string') };
}

function hasPassed(outcome: Outcome): boolean {
  const { report, nothingSelected, bailed, leftBehind, interrupted, missingTools } = outcome;
  const { failed, errored } = report.summary;
  const troubles = failed + errored + bailed.length + leftBehind.length + missingTools.length;
  return troubles === 0 && !nothingSelected && !interrupted;
}
