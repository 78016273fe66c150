import type { Family } from './family.js';

/** Which flow of a scenario, in the words of its file. */
export interface FlowPlace {
  /** From 1. */
  readonly step: number;
  readonly title: string;
  /** From 1, in its step. */
  readonly flow: number;
  readonly from: string;
  readonly to: string;
  readonly probe: string;
  readonly family: Family;
}

/** What of a scenario or a flow can be another on another kernel; times, counts and layer-2 addresses are none of it. */
export const DIFFERING = {
  status: 'what came of it',
  reason: 'why it did not pass',
  verdict: "the flow's verdict",
  by: 'the node that refused',
  errno: 'what the local system said',
  cause: 'the code of the cause',
  packets: 'the verdict on each packet, where they do not agree',
  'request in': 'the interface by which the request entered the judged node',
  'request out': 'that by which it left',
  'request via': "the request's next hop",
  'reply in': 'the interface by which the reply entered the judged node',
  'reply out': 'that by which it left',
  'reply via': "the reply's next hop",
  'reply from': 'the address from which the reply came',
  'request path': 'every interface that the request passed, and in which direction',
  'reply path': 'the same of the reply',
} as const;

export type DifferingProperty = keyof typeof DIFFERING;

/** One property that is not the same on all kernels. */
export interface Differing {
  readonly property: DifferingProperty;
  /** By the kernel's name; null where there is no such thing. A kernel on which it was not come to has none. */
  readonly values: Readonly<Record<string, string | null>>;
}

/** A scenario that came to another end on one of several kernels, or a flow of it that went another way. */
export interface KernelDifference {
  /** The scenario's name, without a kernel. */
  readonly scenario: string;
  readonly file: string;
  /** Null where the scenario as a whole differs: skipped on one kernel, for example. */
  readonly flow: FlowPlace | null;
  readonly differing: readonly Differing[];
}
