import { diagnose } from '../../src/diagnose/diagnose.js';
import { countersOf, gatherEvidence } from '../../src/evidence/gather.js';
import type { Diagnosis, Repair, Trial } from '../../src/model/diagnosis.js';
import type { FlowEvidence, Journey } from '../../src/model/evidence.js';
import type { LabPlan } from '../../src/model/plan.js';
import type { CommandReport, Reason } from '../../src/model/result.js';
import type { Scenario } from '../../src/model/scenario.js';
import type { VerdictName } from '../../src/model/verdict.js';
import { repeatFlow } from '../../src/run/repeat.js';
import { type RerunMeans, rerunStep } from '../../src/run/rerun.js';
import { type Tried, tryRepair } from '../../src/run/trial.js';

/** A flow that was lost or misled, with what is said of it and whether that is so. */
export interface Checked {
  /** Scenario, step and flow. */
  readonly name: string;
  readonly verdict: VerdictName;
  /** Null where nothing was found. */
  readonly diagnosis: Diagnosis | null;
  /** What became of it with the repair of just what is blamed; null where there is no repair. */
  readonly trial: Trial | null;
  /** What is blamed then, where the verdict is still the same: one of several faults is mended. */
  readonly next: Checked | null;
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
    const earlier = [...commands];
    commands.push(...end.commands);
    if (end.reason !== null || plan === null) return { checked, reason: end.reason };
    const verdicts = end.journeys.map(({ result }) => result.verdict);
    for (const gathered of evidence) {
      const flow = end.journeys.indexOf(gathered.journey);
      const place = { scenario, step, flow, verdicts, plan, earlier, name: title };
      const check = (each: FlowEvidence) => checkFlow(place, each, { done: NOTHING, commands }, means);
      const repeated = () => repeatFlow(scenario, gathered, means);
      const first = await check(withRepeats ? await repeated() : gathered);
      // As a run does it: what nothing else explains the kernel's trace may.
      const isOpen = first.diagnosis === null && !withRepeats;
      checked.push(isOpen ? await check(await repeated()) : first);
    }
  }
  return { checked, reason: null };
}

const NOTHING: Repair = { text: '', deeds: [], isAdvice: false };

/** Faults one behind the other, of which each is mended only to meet the next. */
const MOST_FAULTS = 5;

interface Place extends Tried {
  readonly plan: LabPlan;
  /** Of the steps before this one. */
  readonly earlier: readonly CommandReport[];
  /** Title of the step. */
  readonly name: string;
}

/** The lab in which a flow went astray. */
interface Lab {
  /** What was mended before. */
  readonly done: Repair;
  /** What was done to it, up to its flows. */
  readonly commands: readonly CommandReport[];
}

async function checkFlow(
  place: Place,
  gathered: FlowEvidence,
  { done, commands }: Lab,
  means: RerunMeans,
  mended = 1,
): Promise<Checked> {
  const { verdict } = gathered.journey.result;
  const diagnosis = diagnose(gathered, place.plan, commands);
  const name = `${place.scenario.name}, ${place.name}: ${flowText(gathered.journey)}`;
  const repair = diagnosis?.repair ?? null;
  if (repair === null) return { name, verdict, diagnosis, trial: null, next: null };
  const all = {
    ...{ ...done, ...repair },
    deeds: [...done.deeds, ...repair.deeds],
    probe: { ...done.probe, ...repair.probe },
  };
  let after: FlowEvidence | null = null;
  const trial = await tryRepair(place, all, means, async (lab, _flows, probe) => {
    const before = await countersOf(lab);
    const end = await probe();
    const journey = end.journeys[place.flow];
    if (journey !== undefined) [after = null] = await gatherEvidence(lab, [journey], before);
    return end;
  });
  const isSame = trial.reason === null && trial.verdict === verdict;
  if (!isSame || after === null || mended === MOST_FAULTS)
    return { name, verdict, diagnosis, trial, next: null };
  const lab = { done: all, commands: [...place.earlier, ...trial.commands] };
  const next = diagnose(after, place.plan, lab.commands);
  const isMoved = next !== null && next.text !== diagnosis?.text;
  return {
    ...{ name, verdict, diagnosis, trial },
    next: isMoved ? await checkFlow(place, after, lab, means, mended + 1) : null,
  };
}

function isAstray({ result: { verdict } }: Journey): boolean {
  return verdict !== 'symmetric' && verdict !== 'inconclusive';
}

function flowText({ result: { from, to, probe, family } }: Journey): string {
  return `${from} to ${to}, ${probe}, IPv${family}`;
}

/** What the check of a flow comes to. `one-of-several`: only with what is blamed then mended too the verdict is another one. */
export type Outcome =
  | 'changed'
  | 'one-of-several'
  | 'unchanged'
  | 'failed'
  | 'without-repair'
  | 'without-cause';

export function outcomeOf({ verdict, diagnosis, trial, next }: Checked): Outcome {
  if (diagnosis === null) return 'without-cause';
  if (trial === null) return 'without-repair';
  if (trial.reason !== null || trial.verdict === null) return 'failed';
  if (trial.verdict !== verdict) return 'changed';
  const then = next === null ? 'unchanged' : outcomeOf(next);
  return then === 'changed' || then === 'one-of-several' ? 'one-of-several' : 'unchanged';
}
