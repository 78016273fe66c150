import type { Lab } from '../build/lab.js';
import { diagnose } from '../diagnose/diagnose.js';
import { explanationOf } from '../diagnose/explanation.js';
import { countersOf, gatherEvidence, type LabCounters } from '../evidence/gather.js';
import { differencesFrom } from '../judge/expectation.js';
import type { Diagnosis } from '../model/diagnosis.js';
import type { Journey } from '../model/evidence.js';
import type { FlowPlan } from '../model/plan.js';
import type { CommandReport } from '../model/result.js';
import type { Explained } from '../model/settings.js';

/** Looks for the causes of flows that have just ended, in the lab as they have left it. */
export class Explainer {
  readonly #explained: Explained;
  readonly #commands: CommandReport[] = [];
  /** Flows of the steps before. */
  #flows = 0;
  #before: LabCounters = new Map();

  constructor(explained: Explained) {
    this.#explained = explained;
  }

  /** Ahead of the flows of a step. */
  async begin(lab: Lab, flows: readonly FlowPlan[]): Promise<void> {
    const mayBeWanted =
      this.#explained !== 'none' || flows.some(({ flow }) => flow.expected.cause !== undefined);
    if (mayBeWanted) this.#before = await countersOf(lab);
  }

  /**
   * The same journeys, with causes where those are asked for: of what is not as expected, of what is expected to have a
   * certain cause, and of what the caller asks for.
   *
   * @param commands what the step did to the lab.
   */
  async end(lab: Lab, journeys: readonly Journey[], commands: readonly CommandReport[]): Promise<Journey[]> {
    this.#commands.push(...commands);
    const first = this.#flows;
    this.#flows += journeys.length;
    const wanted = journeys.filter((journey, i) => this.#isWanted(journey, first + i + 1));
    if (wanted.length === 0) return [...journeys];
    const evidence = await gatherEvidence(lab, wanted, this.#before);
    const explained = new Map(
      evidence.map((each) => {
        const journey = withCause(each.journey, diagnose(each, lab.plan, this.#commands));
        const number = first + journeys.indexOf(each.journey) + 1;
        if (!this.#isTold(journey, number)) return [each.journey, journey] as const;
        const explanation = explanationOf(each, lab.plan, this.#commands);
        return [each.journey, { ...journey, result: { ...journey.result, explanation } }] as const;
      }),
    );
    return journeys.map((journey) => explained.get(journey) ?? journey);
  }

  /** @param number of the flow in its scenario, from 1. */
  #isWanted({ result }: Journey, number: number): boolean {
    if (result.verdict === 'inconclusive') return false;
    if (this.#explained === 'all' || this.#explained === number) return true;
    const isNeeded = result.expected.cause !== undefined;
    return isNeeded || (this.#explained !== 'none' && result.status === 'failed');
  }

  /** Whether a report has all that is known of it, and not its cause alone. */
  #isTold({ result }: Journey, number: number): boolean {
    return this.#explained === 'all' || this.#explained === number || result.status === 'failed';
  }
}

/** What packets alone tell of a cause stands where nothing more is known. */
function withCause(journey: Journey, diagnosis: Diagnosis | null): Journey {
  if (diagnosis === null) return journey;
  const { code, text, evidence } = diagnosis;
  const result = { ...journey.result, cause: { code, text, evidence } };
  // Those of many tuples are of all of them, and the cause is of one.
  if (result.spread) return { ...journey, result };
  const differences = differencesFrom(result.expected, result);
  return {
    ...journey,
    result: { ...result, differences, status: differences.length === 0 ? 'passed' : 'failed' },
  };
}
