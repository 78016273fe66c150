import type { Need } from '../model/need.js';
import type { NodeDeed } from '../model/plan.js';
import type { ConfigureItem, PolicyItem } from '../model/policy.js';
import type { Asked } from './asked.js';
import type { ScriptCommand } from './transcript.js';

/** How a configuration tool is run. It says what is to be done; `src/apply` does it, in a node. */
export interface Tool {
  /** What a machine has to have for it. */
  readonly needs: readonly Need[];
  /** What brings up what its files say, once these are written. It is over when the last action is. */
  start(item: ConfigureItem): readonly Action[];
  /** What an administrator does after a change of the files. */
  restart(item: ConfigureItem): readonly Action[];
  stop(item: ConfigureItem): readonly Action[];
  /** What the files ask for, as far as they say it without being run. */
  asked(item: ConfigureItem): readonly Asked[];
  /** What it cannot be run without, and is not given; null where all is there. */
  faultOf(item: ConfigureItem): ToolFault | null;
}

export interface ToolFault {
  readonly message: string;
  /** What to do. */
  readonly hint: string;
}

/** One of the things that a tool is run by. */
export type Action =
  | Program
  | Layer
  | Elsewhere
  | Extract<PolicyItem, { readonly kind: 'files' | 'process' | 'stop' | 'await' }>;

/** A program that runs to its end. */
export interface Program {
  readonly kind: 'program';
  readonly argv: readonly [string, ...string[]];
  /** What it did, command by command. */
  readonly read: (end: ProgramEnd) => readonly ScriptCommand[];
}

export interface ProgramEnd {
  /** Exit status; 128 and the signal's number where a signal ended it. */
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the other end of a link does, which is not the node's own. */
export interface Elsewhere {
  readonly kind: 'elsewhere';
  readonly deed: NodeDeed;
}

/** A Debian package that is not to be installed on a machine: its files are laid over /usr of the node alone. */
export interface Layer {
  readonly kind: 'layer';
  readonly package: string;
  /** One of its programs, by which it is seen whether it is there already. */
  readonly program: string;
}
