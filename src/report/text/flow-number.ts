import type { NumberedFlow } from '../../model/explanation.js';
import type { ScenarioResult } from '../../model/result.js';

/** The flows of a scenario by the numbers by which they are asked for: in order of the file, from 1. */
export function numberedFlows({ steps }: Pick<ScenarioResult, 'steps'>): readonly NumberedFlow[] {
  return steps
    .flatMap((step) => step.flows.map((flow) => ({ step, flow })))
    .map(({ step, flow: { from, to, probe, family, status, verdict } }, index) => ({
      number: index + 1,
      step: step.title,
      ...{ from, to, probe, family, status, verdict },
    }));
}
