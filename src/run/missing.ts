import type { Reason } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { needsOf } from '../plan/needs.js';
import type { Machine } from '../system/machine.js';
import { reasonOf } from './reason.js';

/**
 * Why a scenario has to be skipped: what it needs and this machine lacks, with what the machine said. Null
 * where nothing is missing.
 */
export async function missingFor(scenario: Scenario, machine: Machine): Promise<Reason | null> {
  const needs = needsOf(scenario);
  if (needs.length === 0) return null;
  const lacks = await machine.lacks(needs);
  const named = lacks.map(({ feature, complaint }) => `${feature} (${complaint})`);
  return named.length === 0 ? null : reasonOf('feature-missing', named.join(', '));
}
