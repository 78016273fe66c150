/*
 * The words that a flag, an environment variable and the config file have in common. They stand apart from the
 * schemas, so that `--help` names them without loading those.
 */

export const REPORTERS = ['list', 'dot', 'tap', 'json', 'jsonl', 'junit', 'github'] as const;
export type ReporterName = (typeof REPORTERS)[number];

/** Who captures: the agent of each node, or a tcpdump beside it. Both write the same. */
export const CAPTURE_METHODS = ['agent', 'tcpdump'] as const;
export type CaptureMethod = (typeof CAPTURE_METHODS)[number];

/** Of which flows the cause is looked for beyond what their packets tell, but for those whose expectation names one. */
export const EXPLAINED = ['failed', 'all', 'none'] as const;
/** A number is that of one flow in its scenario, from 1. */
export type Explained = (typeof EXPLAINED)[number] | number;

/** Of which labs it is kept how their nodes were configured: of those in which something went wrong, of all, or of none. */
export const STATES_KEPT = ['failed', 'all', 'none'] as const;
export type StatesKept = (typeof STATES_KEPT)[number];

/** `quiet`: only what did not pass. `verbose`: also every path and every command. */
export const DETAILS = ['quiet', 'normal', 'verbose'] as const;
export type Detail = (typeof DETAILS)[number];

/** The kernel's name for no virtual machine at all. */
export const HOST = 'host';

/** The kernel's name for virtual machines where this machine lacks what a scenario needs, and none elsewhere. */
export const AUTO = 'auto';

/** The folder of a run's results, unless another is named. */
export const DEFAULT_OUTPUT = 'replypath-results';
