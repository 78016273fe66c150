import type { Repair, Trial } from '../model/diagnosis.js';
import type { Flow, Scenario } from '../model/scenario.js';
import type { VerdictName } from '../model/verdict.js';
import { type Around, type RerunMeans, rerunStep } from './rerun.js';

/** The flow for which something is tried, among the flows of its step. */
export interface Tried {
  readonly scenario: Scenario;
  /** Position of the step, from 0. */
  readonly step: number;
  /** Position of the flow in its step, from 0. */
  readonly flow: number;
  /** Of all flows of the step, as they were without it. */
  readonly verdicts: readonly VerdictName[];
}

/**
 * Carries the step out anew with a repair and all of its flows, in a lab of its own. Never rejects.
 *
 * @param around what is done around the flows there
 */
export async function tryRepair(
  { scenario, step, flow, verdicts }: Tried,
  { deeds, responder }: Repair,
  means: RerunMeans,
  around?: Around,
): Promise<Trial> {
  const all = scenario.steps[step]?.flows ?? [];
  const flows = all.map((each, i) => (i === flow && responder ? boundBy(each, responder) : each));
  const { journeys, reason } = await rerunStep({ scenario, step, deeds, flows }, means, around);
  const now = journeys.map(({ result }) => result.verdict);
  return {
    verdict: now[flow] ?? null,
    changes: verdicts.flatMap((before, i) => {
      const after = now[i];
      return i === flow || after === undefined || after === before ? [] : [{ flow: i, before, after }];
    }),
    reason,
  };
}

function boundBy(flow: Flow, responder: NonNullable<Repair['responder']>): Flow {
  return { ...flow, probe: { ...flow.probe, responder } };
}
