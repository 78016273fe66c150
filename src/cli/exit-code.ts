import type { RunReport, ScenarioResult } from '../model/result.js';
import { forbiddenSkips, type SkipPolicy } from './forbidden-skips.js';

/** The contract's exit codes; users' CI relies on them. */
export const EXIT = {
  /** All passed or skipped. */
  passed: 0,
  /** A scenario failed, or was skipped with `--fail-on-skip`. */
  failed: 1,
  usage: 2,
  /** A scenario, or a file that it names, is invalid. */
  invalid: 3,
  /** A lab was not built, a recipe failed unexpectedly, or a required tool is missing. */
  lab: 4,
  nothingSelected: 5,
  /** Something of the run is still on the machine. */
  leftBehind: 6,
  /** replypath itself failed. */
  bug: 70,
  SIGINT: 130,
  SIGTERM: 143,
} as const;

export type EndingSignal = 'SIGINT' | 'SIGTERM';

/** What of a run's outcome decides how the command exits. */
export interface Ending extends SkipPolicy {
  readonly report: Pick<RunReport, 'scenarios'>;
  readonly nothingSelected: boolean;
  readonly leftBehind: readonly string[];
  readonly missingTools: readonly string[];
  /** The signal that ended the run before its last scenario; null where none did. */
  readonly signal: EndingSignal | null;
  /** A report that was asked for could not be written into its file. */
  readonly reportUnwritten?: boolean;
}

/** Where several codes apply, the first of 70, 6, 130/143, 2, 4, 3, 1, 5, 0. */
export function exitCode(ending: Ending): number {
  const { scenarios } = ending.report;
  const some = (test: (result: ScenarioResult) => boolean) => scenarios.some(test);
  if (some(({ reason }) => reason?.code === 'internal-error')) return EXIT.bug;
  if (ending.leftBehind.length > 0) return EXIT.leftBehind;
  if (ending.signal !== null) return EXIT[ending.signal];
  if (ending.reportUnwritten) return EXIT.usage;
  if (ending.missingTools.length > 0) return EXIT.lab;
  if (some(({ status, reason }) => status === 'errored' && reason?.code !== 'scenario-invalid'))
    return EXIT.lab;
  if (some(({ status }) => status === 'errored')) return EXIT.invalid;
  if (some(({ status }) => status === 'failed')) return EXIT.failed;
  if (forbiddenSkips(scenarios, ending).length > 0) return EXIT.failed;
  return ending.nothingSelected ? EXIT.nothingSelected : EXIT.passed;
}
