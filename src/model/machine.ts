/** One thing that labs need or can use. */
export interface MachineCheck {
  readonly name: string;
  readonly group: 'system' | 'tools' | 'rights' | 'kernel' | 'disk' | 'guests';
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
  readonly lacking: readonly LackingNeed[];
}

/** What keeps scenarios from running. Of several, what keeps most of them is first; a scenario may stand at more. */
export interface LackingNeed {
  /** The name of a feature, `root`, or a tool as `wg` or `nft>=1.0.6`. */
  readonly feature: string;
  readonly complaint: string;
  /** Names of the scenarios that need it. */
  readonly scenarios: readonly string[];
}

/** What a kernel of the cache can do, in a virtual machine on this one. */
export interface KernelCheck {
  readonly release: string;
  /** Why that could not be found out; null where it was. */
  readonly complaint: string | null;
  /** Each as it is tried here, with what was complained of; null where it works. */
  readonly features: readonly { readonly name: string; readonly complaint: string | null }[];
  /** How many of the suite's scenarios can run there. */
  readonly runnable: number;
  readonly lacking: readonly LackingNeed[];
}

/** What `doctor` found. With `--json` it is printed as it stands here. */
export interface MachineReport {
  readonly version: 1;
  /** Whether scenarios that need nothing special can run. */
  readonly ready: boolean;
  readonly checks: readonly MachineCheck[];
  readonly suite: SuiteCheck;
  /** Of each kernel in the cache; none where no virtual machine can be made. */
  readonly kernels: readonly KernelCheck[];
  /** What to do first: a command, or a sentence where no command does. */
  readonly next: string;
}
