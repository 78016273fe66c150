import type { Feature } from './feature.js';

/** One thing that labs need or can use. */
export interface MachineCheck {
  readonly name: string;
  readonly group: 'system' | 'tools' | 'rights' | 'kernel' | 'disk';
  /** Whether no scenario can run without it. */
  readonly required: boolean;
  /** `missing`: no scenario can run; `limited`: those that need this cannot. */
  readonly status: 'ok' | 'missing' | 'limited';
  readonly detail: string;
  /** What to do about it, as a command where one does; null where nothing is to be done or known. */
  readonly remedy: string | null;
}

/** What of a set of scenarios this machine can run. */
export interface SuiteCheck {
  /** Where the scenarios were read from. */
  readonly paths: readonly string[];
  /** Every variant of every valid file. */
  readonly scenarios: number;
  /** Those of them that can run here. */
  readonly runnable: number;
  /** Faults of files; `replypath validate` shows them. */
  readonly faults: number;
  /** What keeps the others from running, what keeps most of them first; a scenario may stand at several. */
  readonly lacking: readonly {
    readonly feature: Feature;
    readonly complaint: string;
    /** Names of the scenarios that need it. */
    readonly scenarios: readonly string[];
  }[];
}

/** What `doctor` found. With `--json` it is printed as it stands here. */
export interface MachineReport {
  readonly version: 1;
  /** Whether scenarios that need nothing special can run. */
  readonly ready: boolean;
  readonly checks: readonly MachineCheck[];
  readonly suite: SuiteCheck;
  /** What to do first: a command, or a sentence where no command does. */
  readonly next: string;
}
