import { resolve } from 'node:path';
import type { CaptureMethod } from '../build/lab.js';
import type { RunEvent } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { type RunOutcome as Outcome, run as runAll } from '../run/run.js';
import { EventLog } from './event-log.js';
import { stateless } from './load.js';

export interface RunOptions {
  /** What paths are relative to; the working directory of the process unless given. */
  readonly cwd?: string;
  /** Only scenarios whose name, variant included, matches. */
  readonly grep?: RegExp;
  /** Labs at a time; two for each core unless given. */
  readonly workers?: number;
  /** Who captures: each node's own agent, unless given, or a tcpdump beside it. */
  readonly capture?: CaptureMethod;
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
 * @param scenarios files, folders or glob patterns, or scenarios that `load` gave.
 * @throws ResultsFolderError (rejects) where `output` cannot be written
 */
export function run(
  scenarios: string | readonly string[] | readonly Scenario[],
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
  { cwd, grep, workers, capture, output, ...more }: RunOptions,
  signal: AbortSignal,
  log: EventLog<RunEvent>,
): Promise<RunOutcome> {
  const list = [given].flat() as readonly string[] | readonly Scenario[];
  const paths = list.filter((item) => typeof item === 'string');
  const scenarios = list.filter((item) => typeof item !== 'string');
  const outcome = await runAll(
    {
      ...more,
      paths,
      ...(scenarios.length > 0 ? { scenarios } : {}),
      cwd: resolve(cwd ?? process.cwd()),
      grep: stateless(grep),
      workers: workers ?? null,
      capture: capture ?? 'agent',
      output: output ?? null,
      signal,
    },
    (event) => log.add(event),
  );
  return { ...outcome, passed: hasPassed(outcome) };
}

function hasPassed({ report, nothingSelected, leftBehind, interrupted, missingTools }: Outcome): boolean {
  const { failed, errored } = report.summary;
  return failed + errored + leftBehind.length + missingTools.length === 0 && !nothingSelected && !interrupted;
}
