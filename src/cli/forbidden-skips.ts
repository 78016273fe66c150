import type { ScenarioResult } from '../model/result.js';
import { tell } from './streams.js';

/** Whether a skip makes the command fail. */
export interface SkipPolicy {
  readonly failOnSkip: boolean;
  /** On the reason of a skip: `failOnSkip` lets these be. None unless given. */
  readonly allowedSkips?: readonly RegExp[];
}

/** The skipped scenarios that make a run fail. */
export function forbiddenSkips(
  scenarios: readonly ScenarioResult[],
  { failOnSkip, allowedSkips = [] }: SkipPolicy,
): readonly ScenarioResult[] {
  if (!failOnSkip) return [];
  return scenarios.filter(
    ({ status, reason }) =>
      status === 'skipped' && !allowedSkips.some((allowed) => allowed.test(reason?.text ?? '')),
  );
}

export function tellForbiddenSkips(scenarios: readonly ScenarioResult[], policy: SkipPolicy): void {
  for (const { name, reason } of forbiddenSkips(scenarios, policy))
    tell(`a skip that is not allowed: ${name}: ${reason?.text ?? 'no reason given'}`);
}
