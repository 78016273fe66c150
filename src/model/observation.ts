import type { Connection } from './connection.js';
import type { Frame } from './packet.js';
import type { FlowPlan } from './plan.js';

/** A network device of a node from a moment on, as the kernel told of it; rtnetlink(7). */
export interface DeviceChange {
  /** Nanoseconds since 1970, a little after the change. */
  readonly time: bigint;
  readonly index: number;
  /** Null where it is no more. */
  readonly device: Device | null;
}

export interface Device {
  readonly name: string;
  /** `veth`, `bridge`, `vlan`, …, ip-link(8); empty for what the kernel has no word for. */
  readonly kind: string;
  /** Number of the bridge, bond or VRF that it is in; null for none. */
  readonly master: number | null;
  /** Number of the device that it stands on (a VLAN), or of its other end (veth); null for none in this node. */
  readonly link: number | null;
  /** Layer-2 address; empty where it has none. */
  readonly address: string;
}

/** What one node's capture delivered during a step, and what is known of its completeness. */
export interface NodeCapture {
  readonly node: string;
  /** In the order captured. */
  readonly frames: readonly Frame[];
  /** Since the lab began, in order. */
  readonly devices: readonly DeviceChange[];
  /** Whether the capture was live before the first packet of the step. */
  readonly liveBefore: boolean;
  /** Whether the capture process still runs. */
  readonly alive: boolean;
  /** Packets that the kernel dropped before the capture read them, since the lab began; null where it did not say. */
  readonly dropped: number | null;
  /** Whether the control packet that was sent after the last flow was captured. */
  readonly sentinel: boolean;
}

/** What the sending program of a flow says of it. Verdicts never come from here, but for `errno`. */
export interface SenderReport {
  /**
   * The error with which the local system refused a call to send, for example `ENETUNREACH`; null where it
   * took what it was given. What it reports later (an ICMP error, a reset) is not this.
   */
  readonly errno: string | null;
  /** Numbers of the requests that it refused so; null where the program does not tell which they were. */
  readonly refused: readonly number[] | null;
  /** Requests handed to the system. */
  readonly sent: number;
  /** Answers that the program got, rounds of data over TCP; null where it does not tell. */
  readonly answers: number | null;
  /** What the program printed or met, for the reader. */
  readonly text: string;
}

export interface ObservedFlow {
  readonly plan: FlowPlan;
  readonly sender: SenderReport;
}

/** One step's flows with all that was observed while they ran. */
export interface StepObservation {
  /** When the flows began, in nanoseconds since 1970 by the clock of the captures. */
  readonly begun: bigint;
  readonly flows: readonly ObservedFlow[];
  readonly captures: readonly NodeCapture[];
  /** What the nodes tracked when the flows had ended. */
  readonly connections: readonly Connection[];
}
