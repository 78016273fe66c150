import { endReport } from '../apply/process.js';
import type { Lab } from '../build/lab.js';
import { judgeStep } from '../judge/judge.js';
import { type Matching, matchStep } from '../judge/matching.js';
import type { Journey } from '../model/evidence.js';
import type { StepObservation } from '../model/observation.js';
import type { FlowPlan } from '../model/plan.js';
import type { DoneDeed, Reason, StepOutcome } from '../model/result.js';
import { deedsOf, type Step } from '../model/scenario.js';
import type { Configured } from '../model/tool.js';
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
  /** What was done ahead of the flows, up to the first that went wrong; times are those of performance.now(). */
  readonly deeds: readonly DoneDeed[];
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
  explainer?.saw(lab, done.commands);
  const { deeds } = done;
  if (done.reason !== null) return { ...endOf(lab, step, done, []), deeds };
  if (before.some(mayChangeLinks)) await lab.settle();
  if (flows.length === 0) return { ...endOf(lab, step, done, []), deeds };
  let meanwhile: DeedEnd = { commands: [], configured: [], reason: null };
  await explainer?.begin(lab, flows);
  const observation = await probeStep(lab, flows, async (signal) => {
    meanwhile = await doDuring(lab, step.during, signal);
  });
  if (step.during.some(({ deed }) => mayChangeLinks(deed))) await lab.settle();
  const all: DeedEnd = {
    commands: [...done.commands, ...meanwhile.commands],
    configured: [...done.configured, ...meanwhile.configured],
    reason: meanwhile.reason,
  };
  const matching = matchStep(lab.plan, observation);
  explainer?.saw(lab, meanwhile.commands);
  const journeys = judgeStep(lab.plan, observation, matching);
  const explained = (await explainer?.end(lab, journeys)) ?? journeys;
  return {
    ...endOf(lab, step, all, explained),
    deeds,
    traffic: { observation, matching },
  };
}

/** Up to the first that goes wrong. */
async function doAll(lab: Lab, deeds: ReturnType<typeof deedsOf>): Promise<DeedEnd & Pick<StepEnd, 'deeds'>> {
  const done: DoneDeed[] = [];
  const configured: Configured[] = [];
  let reason: Reason | null = null;
  for (const deed of deeds) {
    const begin = performance.now();
    const end = await doDeed(lab, deed);
    done.push({ atMs: begin, tookMs: performance.now() - begin, commands: end.commands });
    configured.push(...end.configured);
    ({ reason } = end);
    if (reason !== null) break;
  }
  return { commands: done.flatMap(({ commands }) => commands), configured, deeds: done, reason };
}

/** @param done what was done to the lab; its reason is what went wrong with that. */
function endOf(
  lab: Lab,
  { title }: Step,
  { commands, configured, reason: fault }: DeedEnd,
  journeys: readonly Journey[],
): StepEnd {
  const ends = [...lab.nodes.values()].flatMap((node) =>
    node.processes.takeUnaskedEnds().map((end) => endReport(node, end)),
  );
  const flows = journeys.map(({ result }) => result);
  // Whatever became of the flows is likely to come of it.
  const ended = ends.find(({ unexpected }) => unexpected);
  return {
    outcome: {
      ...{ title, commands: [...commands, ...ends], flows },
      ...(configured.length === 0 ? {} : { configured }),
    },
    journeys,
    reason: fault ?? (ended ? reasonOfEnd(ended) : reasonOfFlows(flows)),
    goOn: fault === null,
    deeds: [],
    traffic: null,
  };
}
