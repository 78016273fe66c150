import { createHash } from 'node:crypto';
import type { FlowPlan } from '../model/plan.js';
import type { Scenario, Step } from '../model/scenario.js';

/** Below the range that the kernel picks from by itself (32768 to 60999), so that the two never meet. */
const FIRST_SOURCE_PORT = 20_000;

/**
 * Gives each flow of each step the token that marks its packets, and a source port that no flow of the
 * lab had before: state that an earlier flow left (connection tracking, TIME-WAIT) cannot answer for it.
 */
export function planFlows(scenario: Scenario): ReadonlyMap<Step, readonly FlowPlan[]> {
  let port = FIRST_SOURCE_PORT;
  const byStep = scenario.steps.map((step, s) => {
    const flows = step.flows.map((flow, f): FlowPlan => {
      const { probe } = flow;
      return {
        flow,
        token: createHash('sha256').update(`${scenario.name}\n${s}\n${f}`).digest('hex').slice(0, 16),
        sourcePort: probe.protocol === 'icmp' ? null : (probe.sourcePort ?? port++),
        destinationPort: probe.port,
      };
    });
    return [step, flows] as const;
  });
  return new Map(byStep);
}
