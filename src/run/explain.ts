import type { Lab } from '../build/lab.js';
import { diagnose } from '../diagnose/diagnose.js';
import { explanationOf } from '../diagnose/explanation.js';
import { countersOf, gatherEvidence, type LabCounters } from '../evidence/gather.js';
import { differencesFrom } from '../judge/expectation.js';
import type { Diagnosis } from '../model/diagnosis.js';
import type { FlowEvidence, Journey } from '../model/evidence.js';
import type { FlowPlan, LabPlan } from '../model/plan.js';
import type { CommandReport } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import type { Explained } from '../model/settings.js';
import { repeatFlow } from './repeat.js';
import type { RerunMeans } from './rerun.js';
import { suggestionFor } from './suggest.js';

/** A scenario whose steps can be carried out anew, and by what. */
export interface Repeatable {
  readonly scenario: Scenario;
  readonly means: RerunMeans;
}

/** Each costs two labs; flows of one scenario that fail mostly have one cause. */
const MOST_REPEATED = 4;

/** Looks for the causes of flows that have just ended, in the lab as they have left it. */
export class Explainer {
  readonly #explained: Explained;
  readonly #repeatable: Repeatable | null;
  #lab: Lab | null = null;
  /** What was done to it. */
  #commands: CommandReport[] = [];
  /** Flows of the steps before. */
  #flows = 0;
  #repeated = 0;
  #before: LabCounters = new Map();

  /** @param repeatable null where steps are not known beforehand: nothing is repeated or tried. */
  constructor(explained: Explained, repeatable: Repeatable | null) {
    this.#explained = explained;
    this.#repeatable = repeatable;
  }

  /** What was done to a lab; what was done to the one before it is of no consequence. */
  saw(lab: Lab, commands: readonly CommandReport[]): void {
    this.#commands = this.#lab === lab ? [...this.#commands, ...commands] : [...commands];
    this.#lab = lab;
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
   */
  async end(lab: Lab, journeys: readonly Journey[]): Promise<Journey[]> {
    const first = this.#flows;
    this.#flows += journeys.length;
    const wanted = journeys.filter((journey, i) => this.#isWanted(journey, first + i + 1));
    if (wanted.length === 0) return [...journeys];
    const evidence = await gatherEvidence(lab, wanted, this.#before);
    const explained = new Map<Journey, Journey>();
    for (const each of evidence) {
      const number = first + journeys.indexOf(each.journey) + 1;
      explained.set(each.journey, await this.#explain(each, journeys, number, lab.plan));
    }
    return journeys.map((journey) => explained.get(journey) ?? journey);
  }

  /** @param number of the flow in its scenario, from 1. */
  #isWanted({ result }: Journey, number: number): boolean {
    if (result.verdict === 'inconclusive') return false;
    if (this.#explained === 'all' || this.#explained === number) return true;
    const isNeeded = result.expected.cause !== undefined;
    return isNeeded || (this.#explained !== 'none' && result.status === 'failed');
  }

  async #explain(
    gathered: FlowEvidence,
    journeys: readonly Journey[],
    number: number,
    plan: LabPlan,
  ): Promise<Journey> {
    const { journey } = gathered;
    const cause = diagnose(gathered, plan, this.#commands);
    const judged = withCause(journey, cause);
    const isAsked = this.#explained === 'all' || this.#explained === number;
    if (this.#explained === 'none' || !(isAsked || judged.result.status === 'failed')) return judged;
    const again = this.#again(judged, number);
    const evidence = again ? await repeatFlow(again.scenario, gathered, again.means) : gathered;
    const diagnosis = again ? diagnose(evidence, plan, this.#commands) : cause;
    const explanation = explanationOf(evidence, plan, this.#commands);
    const suggestion =
      again && diagnosis
        ? await suggestionFor(again.scenario, journey, diagnosis, journeys, again.means)
        : null;
    const told = withCause(journey, diagnosis);
    return { ...told, result: { ...told.result, suggestion, explanation } };
  }

  /** By what a flow is repeated: the one that is asked for, and the first ones that are not as expected. */
  #again({ result }: Journey, number: number): Repeatable | null {
    if (this.#explained === number) return this.#repeatable;
    if (result.status === 'passed' || this.#repeated >= MOST_REPEATED) return null;
    this.#repeated++;
    return this.#repeatable;
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
