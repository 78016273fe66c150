import type { Reason } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { needsOf } from '../plan/needs.js';
import type { Lack, Machine } from '../system/machine.js';
import { reasonOf } from './reason.js';

/** What a scenario needs and a machine lacks. @throws SandboxError where something has to be tried and no lab can be made */
export async function lacksFor(scenario: Scenario, machine: Machine): Promise<readonly Lack[]> {
  const needs = needsOf(scenario);
  return needs.length === 0 ? [] : machine.lacks(needs);
}

/** Why a scenario has to be skipped, with what the machine said. Null where nothing is missing. */
export function missingReason(lacks: readonly Lack[]): Reason | null {
  const named = lacks.map(({ need, complaint }) =>
    typeof need === 'string' ? `${need} (${complaint})` : complaint,
  );
  return named.length === 0 ? null : reasonOf('feature-missing', named.join(', '));
}
