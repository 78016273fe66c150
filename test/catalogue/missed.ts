import type { CommandReport, ScenarioResult } from '../../src/model/result.js';

/** What only looks, and fails where something is not as it should be. */
const CHECK = /^(\[|test|grep|diff|cmp)\s/;

/**
 * Whether a scenario misses what was taken out of it: a flow is another one, or what was made was looked at and is not
 * there. A command that fails because it cannot be carried out says nothing of what the line was good for.
 */
export function isMissed({ reason, steps }: Pick<ScenarioResult, 'reason' | 'steps'>): boolean {
  return hasFailedFlow(steps) || (reason?.code === 'recipe-failed' && isCheck(failedIn(steps)));
}

/** Of flows before what ended the scenario, too. */
export function hasFailedFlow(steps: ScenarioResult['steps']): boolean {
  const flows = steps.flatMap((step) => step.flows);
  return flows.some(({ status, verdict }) => status === 'failed' && verdict !== 'inconclusive');
}

function isCheck(command: Pick<CommandReport, 'text'> | undefined): boolean {
  return command !== undefined && CHECK.test(command.text);
}

function failedIn(steps: ScenarioResult['steps']): CommandReport | undefined {
  return steps.flatMap(({ commands }) => commands).find(({ unexpected }) => unexpected);
}
