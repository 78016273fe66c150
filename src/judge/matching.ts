import type { StepObservation } from '../model/observation.js';
import type { LabPlan } from '../model/plan.js';
import { type Carriage, carriageFinder } from './carriage.js';
import { Devices } from './device.js';
import { matchFlows } from './match.js';
import { sightingsOf } from './sighting.js';
import { type FlowTraffic, sightingsIn } from './traffic.js';

/** A step's packets, each given to the flow that it belongs to. */
export interface Matching {
  readonly devices: Devices;
  /** Of each flow, or of each of its tuples, in their order. */
  readonly traffics: readonly FlowTraffic[];
  /** Finds what went through tunnels in packets that are no flow's. */
  readonly carriage: Carriage;
}

export function matchStep(plan: LabPlan, { captures, flows }: StepObservation): Matching {
  const devices = new Devices(plan, captures);
  const sightings = captures.flatMap((capture) => sightingsOf(devices, capture));
  const traffics = matchFlows(flows, sightings);
  const carriage = carriageFinder(() => {
    const own = new Set(traffics.flatMap(sightingsIn));
    return sightings.filter((sighting) => !own.has(sighting));
  });
  return { devices, traffics, carriage };
}
