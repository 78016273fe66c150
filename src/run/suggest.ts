import { commandsOf } from '../diagnose/commands.js';
import type { Diagnosis } from '../model/diagnosis.js';
import type { Journey } from '../model/evidence.js';
import type { Suggestion } from '../model/explanation.js';
import type { FlowResult } from '../model/flow-result.js';
import type { Scenario } from '../model/scenario.js';
import type { RerunMeans } from './rerun.js';
import { tryRepair } from './trial.js';

/**
 * What the user can do about a flow: the repair of its cause, where that was tried in a lab of its own and the reply then
 * came back as it should. Null where nothing is known that does.
 *
 * @param journeys of all flows of its step, as they were.
 */
export async function suggestionFor(
  scenario: Scenario,
  journey: Journey,
  { repair }: Diagnosis,
  journeys: readonly Journey[],
  means: RerunMeans,
): Promise<Suggestion | null> {
  if (repair === null || !repair.isAdvice) return null;
  const step = scenario.steps.findIndex(({ flows }) => flows.includes(journey.plan.flow));
  const verdicts = journeys.map(({ result }) => result.verdict);
  const tried = { scenario, step, flow: journeys.indexOf(journey), verdicts };
  const { verdict, changes, reason } = await tryRepair(tried, repair, means);
  if (reason !== null || verdict === null || !isBetter(verdict, journey.result)) return null;
  return {
    text: repair.text,
    commands: commandsOf(repair),
    verdict,
    changes: changes.flatMap(({ flow, before, after }) => {
      const changed = journeys[flow]?.result;
      return changed === undefined ? [] : [{ flow: flowText(changed), from: before, to: after }];
    }),
  };
}

function isBetter(verdict: FlowResult['verdict'], { expected, verdict: before }: FlowResult): boolean {
  return verdict !== before && (verdict === 'symmetric' || verdict === expected.verdict);
}

function flowText({ from, to, probe, family }: FlowResult): string {
  return `${from} → ${to} ${probe} IPv${family}`;
}
