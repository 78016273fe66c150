import type { Family } from './family.js';
import type { Expectation } from './scenario.js';
import type { CauseCode, Direction, LossReason, Role, VerdictName } from './verdict.js';

/** One sighting of one packet at a layer-3 interface. */
export interface Hop {
  readonly node: string;
  readonly interface: string;
  readonly direction: Direction;
  /** The packet's source address as sighted here: address translation shows as a change along the path. */
  readonly address: string;
  /** Only of an outer packet: the device by which the flow's own packet went into this tunnel. */
  readonly tunnel?: string;
}

export interface Loss {
  readonly node: string;
  readonly interface: string | null;
  readonly direction: Direction;
  readonly reason: LossReason;
}

/** The way of one direction of a flow, at the judged node and as a whole. */
export interface DirectionReport {
  /** Interface by which it entered the judged node. */
  readonly in: string | null;
  /** Interface by which it left the judged node. */
  readonly out: string | null;
  /** `node:interface` where it was sighted next after leaving the judged node. */
  readonly nexthop: string | null;
  /** The address that the judged node asked for in vain, where the next hop stayed unresolved. */
  readonly unresolved: string | null;
  /** `node:interface` where it was sighted last before entering the judged node. */
  readonly previousHop: string | null;
  /** Layer-2 address: of the next hop where there is one, else of the previous one. */
  readonly mac: string | null;
  readonly path: readonly Hop[];
}

export interface ReplyReport extends DirectionReport {
  /** Source address of the reply as it reached the sender, or where it was sighted last. */
  readonly source: string | null;
  /** Whether that is the address asked; null without a reply. */
  readonly asAsked: boolean | null;
}

export interface Cause {
  readonly code: CauseCode;
  readonly text: string;
  readonly evidence: readonly string[];
}

/** What came back instead of a reply: a TCP reset, or an ICMP error with its type and code (RFC 792, RFC 4443). */
export interface Refusal {
  readonly kind: 'tcp-reset' | 'icmp' | 'icmp6';
  readonly type: number | null;
  readonly code: number | null;
}

/** The verdict on one request and what came of it. */
export interface PacketVerdict {
  /** From 1, in the order sent; for TCP the handshake is 1. */
  readonly sequence: number;
  readonly verdict: VerdictName;
  readonly request: DirectionReport;
  readonly reply: ReplyReport;
}

/** What was judged of one flow; the JSON report's flow object (CONTRACTS). */
export interface FlowResult {
  readonly from: string;
  readonly to: string;
  readonly at: string;
  readonly role: Role;
  readonly probe: string;
  readonly family: Family;
  /** Line of the scenario file at which the flow stands, from 1. */
  readonly line: number;
  readonly status: 'passed' | 'failed';
  readonly expected: Expectation;
  readonly verdict: VerdictName;
  readonly intended: boolean;
  /** Whether the reply's next hop is the request's previous hop; null where either is unknown. */
  readonly sameNexthop: boolean | null;
  /** The node that refused. */
  readonly by: string | null;
  readonly refusal: Refusal | null;
  readonly errno: string | null;
  /** Each packet's verdict where they do not agree, else empty. */
  readonly packets: readonly PacketVerdict[];
  readonly sent: number;
  readonly received: number;
  readonly duplicates: number;
  readonly request: DirectionReport;
  readonly reply: ReplyReport;
  readonly lost: Loss | null;
  readonly cause: Cause | null;
  /** What differs from the expectation, in a sentence each; empty when passed. */
  readonly differences: readonly string[];
}
