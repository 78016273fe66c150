import type { ReasonCode, ScenarioResult } from '../model/result.js';

/** What another attempt cannot change, or must not hide. */
const FINAL: ReadonlySet<ReasonCode> = new Set([
  'scenario-invalid',
  'feature-missing',
  'results-not-written',
  'interrupted',
  'internal-error',
]);

export interface AttemptOptions {
  /** How often a scenario that did not pass is tried again. */
  readonly retries: number;
  /** Once aborted, nothing is tried again. */
  readonly signal: AbortSignal;
  /** Hears of each attempt that is followed by another. */
  readonly onRetry: (result: ScenarioResult) => void;
}

/**
 * Runs a scenario until it passes or has been tried often enough: once more for a guest that died with it, where the
 * place says that it did. Gives the result of the last attempt.
 */
export async function runAttempts(
  runOnce: (attempt: number) => Promise<ScenarioResult>,
  { retries, signal, onRetry }: AttemptOptions,
): Promise<ScenarioResult> {
  let allowed = retries;
  let before: Pick<ScenarioResult, 'guestDied'> = {};
  for (let attempts = 1; ; attempts++) {
    const once = await runOnce(attempts);
    const result = { ...before, ...once, attempts, flaky: once.status === 'passed' && attempts > 1 };
    if (once.guestDied !== undefined) {
      allowed++;
      before = { guestDied: once.guestDied };
    }
    if (attempts > allowed || signal.aborted || !canDiffer(result)) return result;
    onRetry(result);
  }
}

function canDiffer({ status, reason }: ScenarioResult): boolean {
  return (status === 'failed' || status === 'errored') && !(reason !== null && FINAL.has(reason.code));
}
