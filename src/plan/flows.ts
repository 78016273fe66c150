import { createHash } from 'node:crypto';
import type { FlowPlan } from '../model/plan.js';
import type { Flow, Scenario, Step } from '../model/scenario.js';

/** Below the range that the kernel picks from by itself (32768 to 60999), so that the two never meet. */
const FIRST_SOURCE_PORT = 20_000;

/**
 * Gives each flow of each step the token that marks its packets, and a source port that no flow of the
 * lab had before: state that an earlier flow left (connection tracking, TIME-WAIT) cannot answer for it.
 */
export function planFlows(scenario: Scenario): ReadonlyMap<Step, readonly FlowPlan[]> {
  const plan = flowPlanner(scenario.name);
  return new Map(scenario.steps.map((step) => [step, plan(step.flows)]));
}

/** The same for a lab whose steps are not known beforehand: plans the flows of one after the other. */
export function flowPlanner(name: string): (flows: readonly Flow[]) => readonly FlowPlan[] {
  let port = FIRST_SOURCE_PORT;
  let step = 0;
  return (flows) => {
    const s = step++;
    return flows.map((flow, f) => {
      const { probe } = flow;
      return {
        flow,
        token: createHash('sha256').update(`${name}\n${s}\n${f}`).digest('hex').slice(0, 16),
        sourcePort: probe.protocol === 'icmp' ? null : (probe.sourcePort ?? port++),
        destinationPort: probe.port,
      };
    });
  };
}
