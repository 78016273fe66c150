import type { CommandReport, Reason } from './result.js';
import type { Deed, Probe } from './scenario.js';
import type { CauseCode, VerdictName } from './verdict.js';

/** Why a flow went as it did, and what would change it. */
export interface Diagnosis {
  readonly code: CauseCode;
  /** One sentence with names and numbers, without a full stop. */
  readonly text: string;
  /** What it rests on, a line each. */
  readonly evidence: readonly string[];
  /** Changes just what the sentence blames; null where nothing that a lab can do would. */
  readonly repair: Repair | null;
}

export interface Repair {
  /** What it does, in the imperative: `add a rule for 198.51.100.10`. */
  readonly text: string;
  /** Carried out ahead of the flows of the step. */
  readonly deeds: readonly Deed[];
  /** What of the flow's probe is another thing then; absent where nothing is. */
  readonly probe?: Partial<Probe>;
  /** What of the scenario is left out: what happens while the flows run, or how links delay, lose and limit. */
  readonly without?: 'during' | 'impairments';
  /** The node at which the flow is judged instead; absent where that stays. */
  readonly at?: string;
  /** Whether it is something that the user of the node under test can do, and not a provider or the lab alone. */
  readonly isAdvice: boolean;
}

/** What a repair did in a lab of its own, in which all flows of the step were sent again. */
export interface Trial {
  /** Of the flow that it is for; null where it did not come to that. */
  readonly verdict: VerdictName | null;
  /** What of it differs from its expectation, a sentence each, but for a cause that was expected. */
  readonly differences: readonly string[];
  /** Other flows of the step whose verdict is another one with it. */
  readonly changes: readonly TrialChange[];
  /** What was done to the lab in the step, the repair among it. */
  readonly commands: readonly CommandReport[];
  /** What went wrong, such as a command of the repair that failed; null where nothing did. */
  readonly reason: Reason | null;
}

export interface TrialChange {
  /** Position in the step, from 0. */
  readonly flow: number;
  readonly before: VerdictName;
  readonly after: VerdictName;
}
