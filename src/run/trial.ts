import { differencesFrom } from '../judge/expectation.js';
import type { Repair, Trial } from '../model/diagnosis.js';
import type { Journey } from '../model/evidence.js';
import type { Scenario } from '../model/scenario.js';
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
  { deeds, probe, at, without }: Repair,
  means: RerunMeans,
  around?: Around,
): Promise<Trial> {
  const all = scenario.steps[step]?.flows ?? [];
  const flows = all.map((each, i) =>
    i === flow ? { ...each, at: at ?? each.at, probe: { ...each.probe, ...probe } } : each,
  );
  const rerun = { scenario, step, deeds, flows, without };
  const { journeys, commands, reason } = await rerunStep(rerun, means, around);
  const now = journeys.map(({ result }) => result.verdict);
  return {
    verdict: now[flow] ?? null,
    differences: journeys[flow] ? withoutCause(journeys[flow]) : [],
    changes: verdicts.flatMap((before, i) => {
      const after = now[i];
      return i === flow || after === undefined || after === before ? [] : [{ flow: i, before, after }];
    }),
    ...{ commands, reason },
  };
}

/** What is repaired has no cause any more, and none is looked for. */
function withoutCause({ result }: Journey): readonly string[] {
  const { cause: _, ...expected } = result.expected;
  return result.spread ? result.differences : differencesFrom(expected, result);
}
