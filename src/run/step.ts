import { endReport } from '../apply/process.js';
import type { Lab } from '../build/lab.js';
import { judgeStep } from '../judge/judge.js';
import { type Matching, matchStep } from '../judge/matching.js';
import type { Journey } from '../model/evidence.js';
import type { StepObservation } from '../model/observation.js';
import type { FlowPlan } from '../model/plan.js';
import type { CommandReport, Reason, StepOutcome } from '../model/result.js';
import { deedsOf, type Step } from '../model/scenario.js';
import { probeStep } from '../probe/probe.js';
import { type DeedEnd, doDeed, mayChangeLinks } from './deed.js';
import { doDuring } from './during.js';
import type { Explainer } from './explain.js';
import { reasonOfEnd, reasonOfFlows } from './reason.js';

export interface StepEnd {
  readonly outcome: StepOutcome;
  /** Of its flows, in their order. */
  readonly journeys: readonly Journey[];
  /** Null where all is as expected. */
  readonly reason: Reason | null;
  /** Whether the lab is in a state in which the next steps mean something. */
  readonly goOn: boolean;
  /** Which packets are whose, and what was captured; null where no flow was sent. */
  readonly traffic: StepTraffic | null;
}

export interface StepTraffic {
  readonly observation: StepObservation;
  readonly matching: Matching;
}

/**
 * One step in a running lab: apply, events, then flows.
 *
 * @param explainer looks for causes; null where what packets tell is enough.
 */
export async function runStep(
  lab: Lab,
  step: Step,
  flows: readonly FlowPlan[],
  explainer: Explainer | null,
): Promise<StepEnd> {
  const before = deedsOf({ ...step, during: [] });
  const done = await doAll(lab, before);
  if (done.reason !== null) return endOf(lab, step, done.commands, [], done.reason);
  if (before.some(mayChangeLinks)) await lab.settle();
  if (flows.length === 0) return endOf(lab, step, done.commands, [], null);
  let meanwhile: DeedEnd = { commands: [], reason: null };
  await explainer?.begin(lab, flows);
  const observation = await probeStep(lab, flows, async (signal) => {
    meanwhile = await doDuring(lab, step.during, signal);
  });
  if (step.during.some(({ deed }) => mayChangeLinks(deed))) await lab.settle();
  const commands = [...done.commands, ...meanwhile.commands];
  const matching = matchStep(lab.plan, observation);
  const journeys = judgeStep(lab.plan, observation, matching);
  const explained = (await explainer?.end(lab, journeys, commands)) ?? journeys;
  return {
    ...endOf(lab, step, commands, explained, meanwhile.reason),
    traffic: { observation, matching },
  };
}

/** Up to the first that goes wrong. */
async function doAll(lab: Lab, deeds: ReturnType<typeof deedsOf>): Promise<DeedEnd> {
  const commands: CommandReport[] = [];
  for (const deed of deeds) {
    const end = await doDeed(lab, deed);
    commands.push(...end.commands);
    if (end.reason !== null) return { commands, reason: end.reason };
  }
  return { commands, reason: null };
}

/** @param fault what went wrong with what was done to the lab; null where nothing did. */
function endOf(
  lab: Lab,
  { title }: Step,
  commands: readonly CommandReport[],
  journeys: readonly Journey[],
  fault: Reason | null,
): StepEnd {
  const ends = [...lab.nodes.values()].flatMap((node) =>
    node.processes.takeUnaskedEnds().map((end) => endReport(node, end)),
  );
  const flows = journeys.map(({ result }) => result);
  // Whatever became of the flows is likely to come of it.
  const ended = ends.find(({ unexpected }) => unexpected);
  return {
    outcome: { title, commands: [...commands, ...ends], flows },
    journeys,
    reason: fault ?? (ended ? reasonOfEnd(ended) : reasonOfFlows(flows)),
    goOn: fault === null,
    traffic: null,
  };
}
