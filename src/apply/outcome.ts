import type { ScriptCommand } from './transcript.js';

/** What came of one item of a policy. */
export interface Outcome {
  readonly commands: readonly ScriptCommand[];
  readonly timedOut: boolean;
}
