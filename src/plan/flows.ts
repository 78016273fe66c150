import { createHash } from 'node:crypto';
import type { FlowPlan } from '../model/plan.js';
import type { Flow, Scenario, Step } from '../model/scenario.js';
import { SourcePorts } from './source-ports.js';

/**
 * Gives each flow of each step, and each tuple of one that has many, the token that marks its packets, and a source
 * port that no flow of the lab had before.
 */
export function planFlows(scenario: Scenario): ReadonlyMap<Step, readonly FlowPlan[]> {
  const plan = flowPlanner(scenario.name);
  return new Map(scenario.steps.map((step) => [step, plan(step.flows)]));
}

/** The same for a lab whose steps are not known beforehand: plans the flows of one after the other. */
export function flowPlanner(name: string): (flows: readonly Flow[]) => readonly FlowPlan[] {
  const ports = new SourcePorts();
  let step = 0;
  return (flows) => {
    const s = step++;
    return flows.flatMap((flow, f) =>
      sourcePortsOf(flow, ports).map((sourcePort, tuple) => ({
        flow,
        token: tokenOf([name, s, f, ...(tuple === 0 ? [] : [tuple])]),
        sourcePort,
        destinationPort: flow.probe.port,
      })),
    );
  };
}

function sourcePortsOf({ probe, tuples }: Flow, ports: SourcePorts): readonly (number | null)[] {
  if (probe.protocol === 'icmp') return [null];
  if (tuples !== undefined) return ports.draw(tuples.count, tuples.seed);
  return [probe.sourcePort ?? ports.next()];
}

function tokenOf(place: readonly (string | number)[]): string {
  return createHash('sha256').update(place.join('\n')).digest('hex').slice(0, 16);
}

/** The scenario with every seed that it has replaced by another. */
export function withSeed(scenario: Scenario, seed: number): Scenario {
  const steps = scenario.steps.map((step) => ({
    ...step,
    flows: step.flows.map((flow) =>
      flow.tuples === undefined ? flow : { ...flow, tuples: { ...flow.tuples, seed } },
    ),
  }));
  return { ...scenario, steps };
}
