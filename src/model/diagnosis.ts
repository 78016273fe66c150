import type { Deed, ResponderBinding } from './scenario.js';
import type { CauseCode } from './verdict.js';

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
  /** How the answering program is bound instead; absent where that stays. */
  readonly responder?: ResponderBinding;
  /** Whether it is something that the user of the node under test can do, and not a provider or the lab alone. */
  readonly isAdvice: boolean;
}
