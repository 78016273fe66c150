import { diagnose } from '../../src/diagnose/diagnose.js';
import { countersOf, gatherEvidence } from '../../src/evidence/gather.js';
import type { Diagnosis, Trial } from '../../src/model/diagnosis.js';
import type { FlowEvidence, Journey } from '../../src/model/evidence.js';
import type { LabPlan } from '../../src/model/plan.js';
import type { CommandReport, Reason } from '../../src/model/result.js';
import type { Scenario } from '../../src/model/scenario.js';
import type { VerdictName } from '../../src/model/verdict.js';
import { repeatFlow } from '../../src/run/repeat.js';
import { type RerunMeans, rerunStep } from '../../src/run/rerun.js';
import { tryRepair } from '../../src/run/trial.js';

/** A flow that was lost or misled, with what is said of it and whether that is so. */
export interface Checked {
  /** Scenario, step and flow. */
  readonly name: string;
  readonly verdict: VerdictName;
  /** Null where nothing was found. */
  readonly diagnosis: Diagnosis | null;
  /** What became of it with the repair of just what is blamed; null where there is no repair. */
  readonly trial: Trial | null;
}

export interface ScenarioCheck {
  readonly checked: readonly Checked[];
  /** Why a step could not be carried out; null where all were. */
  readonly reason: Reason | null;
}

/** Carries out each step of a scenario, and tries the repair of whatever is blamed for a flow that is not symmetric. */
export async function checkScenario(
  scenario: Scenario,
  means: RerunMeans,
  withRepeats: boolean,
): Promise<ScenarioCheck> {
  const checked: Checked[] = [];
  const commands: CommandReport[] = [];
  for (const [step, { title, flows }] of scenario.steps.entries()) {
    let evidence: readonly FlowEvidence[] = [];
    let plan: LabPlan | null = null;
    const rerun = { scenario, step, deeds: [], flows };
    const end = await rerunStep(rerun, means, async (lab, _flows, probe) => {
      const before = await countersOf(lab);
      const ended = await probe();
      evidence = await gatherEvidence(lab, ended.journeys.filter(isAstray), before);
      plan = lab.plan;
      return ended;
    });
    commands.push(...end.commands);
    if (end.reason !== null || plan === null) return { checked, reason: end.reason };
    const verdicts = end.journeys.map(({ result }) => result.verdict);
    for (const gathered of evidence) {
      const { journey } = gathered;
      const each = withRepeats ? await repeatFlow(scenario, gathered, means) : gathered;
      const diagnosis = diagnose(each, plan, commands);
      const tried = { scenario, step, flow: end.journeys.indexOf(journey), verdicts };
      const repair = diagnosis?.repair ?? null;
      checked.push({
        name: `${scenario.name}, ${title}: ${flowText(journey)}`,
        verdict: journey.result.verdict,
        diagnosis,
        trial: repair === null ? null : await tryRepair(tried, repair, means),
      });
    }
  }
  return { checked, reason: null };
}

function isAstray({ result: { verdict } }: Journey): boolean {
  return verdict !== 'symmetric' && verdict !== 'inconclusive';
}

function flowText({ result: { from, to, probe, family } }: Journey): string {
  return `${from} to ${to}, ${probe}, IPv${family}`;
}

/** What the check of a flow comes to. */
export type Outcome = 'without-cause' | 'without-repair' | 'failed' | 'unchanged' | 'changed';

export function outcomeOf({ verdict, diagnosis, trial }: Checked): Outcome {
  if (diagnosis === null) return 'without-cause';
  if (trial === null) return 'without-repair';
  if (trial.reason !== null || trial.verdict === null) return 'failed';
  return trial.verdict === verdict ? 'unchanged' : 'changed';
}
