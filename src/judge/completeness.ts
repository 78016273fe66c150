import type { Cause } from '../model/flow-result.js';
import type { NodeCapture, StepObservation } from '../model/observation.js';
import type { LabPlan } from '../model/plan.js';
import type { CauseCode } from '../model/verdict.js';
import type { Devices } from './device.js';
import { isTraffic } from './sighting.js';

/**
 * Why the captures of a step prove nothing: the first failing node in the plan's order; null where
 * every capture was live before, lost nothing, outlived the sentinel and names known interfaces only.
 */
export function incompleteness(plan: LabPlan, devices: Devices, observation: StepObservation): Cause | null {
  for (const { name } of plan.nodes) {
    const capture = observation.captures.find((each) => each.node === name);
    const cause = capture === undefined ? missing(name) : flaw(devices, capture);
    if (cause !== null) return cause;
  }
  return null;
}

function missing(node: string): Cause {
  return makeCause('capture-late', `no capture was live on ${node}`);
}

function flaw(devices: Devices, capture: NodeCapture): Cause | null {
  const { node, dropped } = capture;
  if (!capture.liveBefore)
    return makeCause('capture-late', `the capture on ${node} was not live before the flow began`);
  if (!capture.alive) return makeCause('capture-ended', `the capture on ${node} ended before the flow did`);
  if (dropped === null)
    return makeCause('capture-dropped', `the capture on ${node} did not say how many packets it lost`);
  if (dropped > 0) return makeCause('capture-dropped', `the capture on ${node} lost ${dropped} packets`);
  if (!capture.sentinel) {
    return makeCause(
      'sentinel-missing',
      `the capture on ${node} did not see the control packet sent after the flows`,
    );
  }
  const index = unmappedIndex(devices, capture);
  if (index === null) return null;
  return makeCause(
    'unmapped-interface',
    `the capture on ${node} has traffic on interface number ${index}, which is none that the node has had`,
  );
}

function unmappedIndex(devices: Devices, capture: NodeCapture): number | null {
  const frame = capture.frames.find(
    (each) => isTraffic(each.packet) && devices.of(capture.node, each) === null,
  );
  return frame?.interfaceIndex ?? null;
}

function makeCause(code: CauseCode, text: string): Cause {
  return { code, text, evidence: [] };
}
