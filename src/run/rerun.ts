import type { Lab } from '../build/lab.js';
import type { Repair } from '../model/diagnosis.js';
import type { Journey } from '../model/evidence.js';
import type { FlowPlan } from '../model/plan.js';
import type { CommandReport, Reason } from '../model/result.js';
import type { Deed, Flow, Scenario, Step } from '../model/scenario.js';
import type { CaptureMethod } from '../model/settings.js';
import { planFlows } from '../plan/flows.js';
import { planLab } from '../plan/lab.js';
import type { Sandbox } from '../system/sandbox.js';
import { openLab } from './open.js';
import { reasonOf, reasonOfError } from './reason.js';
import { runStep, type StepEnd } from './step.js';

/** A step carried out anew, in a lab of its own. */
export interface Rerun {
  readonly scenario: Scenario;
  /** Position of the step, from 0. */
  readonly step: number;
  /** Done once all is done that the step does ahead of its flows. */
  readonly deeds: readonly Deed[];
  /** Sent in the place of the step's flows: all of them, some, or others. */
  readonly flows: readonly Flow[];
  /** What of the scenario is left out; absent where nothing is. */
  readonly without?: Repair['without'];
}

/** By what labs are made, and until when. */
export interface RerunMeans {
  readonly sandbox: Promise<Sandbox>;
  readonly capture: CaptureMethod;
  readonly signal: AbortSignal;
}

export interface RerunEnd {
  /** Of its flows, in their order; empty where it did not come to them. */
  readonly journeys: readonly Journey[];
  /** What was done to the lab in the step, the deeds in addition among it. */
  readonly commands: readonly CommandReport[];
  /** What went wrong with the lab, or with what was done to it; null where nothing did, whatever became of the flows. */
  readonly reason: Reason | null;
}

/** What is done around the flows, which `probe` sends. */
export type Around = (
  lab: Lab,
  flows: readonly FlowPlan[],
  probe: () => Promise<StepEnd>,
) => Promise<StepEnd>;

/**
 * Carries out, in a new lab, the steps of a scenario from its last fresh one on up to one of them, and that one with
 * something changed. Tokens and ports are others than the first time. Never rejects, and leaves no lab.
 */
export async function rerunStep(
  rerun: Rerun,
  { sandbox, capture, signal }: RerunMeans,
  around: Around = (_lab, _flows, probe) => probe(),
): Promise<RerunEnd> {
  const scenario = rerun.without === 'impairments' ? unimpaired(rerun.scenario) : rerun.scenario;
  const { before, own, last } = courseOf(rerun);
  const commands: CommandReport[] = [];
  let lab: Lab | null = null;
  const abort = () => void lab?.close();
  signal.addEventListener('abort', abort);
  try {
    // The same links as the first time: how they are made depends on the events of all steps.
    const plan = planLab({ ...scenario, steps: [...scenario.steps, ...own, last] });
    const flows = planFlows({ ...scenario, steps: [...before, ...own, last] });
    const opened = await openLab(plan, await sandbox, capture);
    lab = opened;
    for (const step of [...before, ...own]) {
      signal.throwIfAborted();
      const { outcome, goOn, reason } = await runStep(opened, step, flows.get(step) ?? [], null);
      if (own.includes(step)) commands.push(...outcome.commands);
      if (!goOn) return { journeys: [], commands, reason };
    }
    const planned = flows.get(last) ?? [];
    const end = await around(opened, planned, () => runStep(opened, last, planned, null));
    commands.push(...end.outcome.commands);
    return { journeys: end.journeys, commands, reason: end.goOn ? null : end.reason };
  } catch (error) {
    const reason = signal.aborted ? reasonOf('interrupted') : reasonOfError(error);
    return { journeys: [], commands, reason };
  } finally {
    signal.removeEventListener('abort', abort);
    void lab?.close();
  }
}

interface Course {
  readonly before: readonly Step[];
  /** What the step does ahead of its flows, then each deed in addition. */
  readonly own: readonly Step[];
  /** Its flows, with what is done while they run. */
  readonly last: Step;
}

function unimpaired(scenario: Scenario): Scenario {
  const { topology } = scenario;
  const links = topology.links.map((link) => ({ ...link, impairment: null }));
  const segments = topology.segments.map((segment) => ({ ...segment, impairment: null }));
  return { ...scenario, topology: { ...topology, links, segments } };
}

function courseOf({ scenario, step, deeds, flows, without }: Rerun): Course {
  const rerun = scenario.steps[step];
  if (rerun === undefined) throw new RangeError(`${scenario.name} has no step ${step}`);
  const first = scenario.steps.findLastIndex(({ fresh }, i) => i <= step && (fresh || i === 0));
  const nothing: Step = {
    ...{ title: rerun.title, fresh: false },
    ...{ applies: [], events: [], flows: [], during: [] },
  };
  return {
    before: scenario.steps.slice(first, step),
    own: [
      { ...rerun, flows: [], during: [] },
      ...deeds.map((deed) =>
        'event' in deed ? { ...nothing, events: [deed.event] } : { ...nothing, applies: [deed.apply] },
      ),
    ],
    last: { ...nothing, flows, during: without === 'during' ? [] : rerun.during },
  };
}
