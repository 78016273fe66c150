import type { Journey } from '../model/evidence.js';
import type { StepObservation } from '../model/observation.js';
import type { LabPlan } from '../model/plan.js';
import type { Flow } from '../model/scenario.js';
import { incompleteness } from './completeness.js';
import { judgeFlow } from './flow.js';
import { type Matching, matchStep } from './matching.js';
import { vainQuestions } from './neighbour.js';
import { trackingFinder } from './tracked.js';
import type { FlowTraffic } from './traffic.js';

/**
 * The verdict on each flow of a step, in their order, from what the captures saw and nothing else
 * but the errors with which a local system refused to send. CONTRACTS.md has the table.
 */
export function judgeStep(
  plan: LabPlan,
  observation: StepObservation,
  matching: Matching = matchStep(plan, observation),
): Journey[] {
  const { begun, captures, connections } = observation;
  const { devices, traffics, carriage } = matching;
  const questions = captures.flatMap((capture) => vainQuestions(devices, capture));
  const incomplete = incompleteness(plan, devices, observation);
  const circumstances = {
    plan,
    incomplete,
    questions,
    carriage,
    begun,
    tracking: trackingFinder(connections),
  };
  return byFlow(traffics).map((each) => judgeFlow(each, circumstances));
}

/** What belongs to the tuples of one flow together, flows in their order. */
function byFlow(traffics: readonly FlowTraffic[]): FlowTraffic[][] {
  const groups = new Map<Flow, FlowTraffic[]>();
  for (const traffic of traffics) {
    const { flow } = traffic.observed.plan;
    const group = groups.get(flow);
    if (group === undefined) groups.set(flow, [traffic]);
    else group.push(traffic);
  }
  return [...groups.values()];
}
