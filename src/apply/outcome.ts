import type { Configured } from '../model/tool.js';
import type { ScriptCommand } from '../tools/transcript.js';

/** What came of one item of a policy. */
export interface Outcome {
  readonly commands: readonly ScriptCommand[];
  readonly timedOut: boolean;
  /** Of a configuration tool that was started. */
  readonly configured?: Configured;
}
