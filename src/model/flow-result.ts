import type { Connection } from './connection.js';
import type { Explanation, Suggestion } from './explanation.js';
import type { Family } from './family.js';
import type { Expectation } from './scenario.js';
import type { Spread } from './spread.js';
import type { CauseCode, ConnectionFate, Direction, LossReason, Role, VerdictName } from './verdict.js';

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
  /** The tag (IEEE 802.1Q, the outermost) of its frame on the judged node's wire: where it entered, else where it left; null for none. */
  readonly vlan: number | null;
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

/** What was measured of a stream. Times are in milliseconds since the flows of its step began, by the clock of the captures. */
export interface StreamResult {
  readonly intervalMs: number;
  /** Requests that were due, those included that the sender's system did not send; for TCP the handshake is one. */
  readonly sent: number;
  /** Those answered in time. */
  readonly received: number;
  readonly lost: number;
  /** Of the longest blackout, in milliseconds; 0 without one. */
  readonly longestBlackoutMs: number;
  readonly blackouts: readonly Blackout[];
  /** By which ways answered requests and their replies went, in order. */
  readonly ways: readonly StreamWay[];
  /** What became of the connection; null where it is no stream over TCP. */
  readonly connection: ConnectionFate | null;
}

/**
 * A run of requests without an answer: from the time at which the first was sent to that at which the first that was
 * answered after it was sent, or to the stream's end. Over TCP, which sends again by itself: from the time at which a
 * round was due that had to be sent again to its answer.
 */
export interface Blackout {
  readonly beginMs: number;
  readonly durationMs: number;
  /** Requests that got no answer. */
  readonly lost: number;
  /** False where it lasted to the stream's end. */
  readonly recovered: boolean;
}

/** Answered requests, one after the other, that went one way at the judged node, and their replies another one. */
export interface StreamWay {
  /** When the first of them was sent. */
  readonly beginMs: number;
  /** When the last of them was answered. */
  readonly endMs: number;
  readonly packets: number;
  /** Of these, those that were on their way when it changed: the request went by the way before, and the reply by this one, or the other way round. */
  readonly crossing: number;
  readonly verdict: VerdictName;
  readonly request: StreamPassage;
  readonly reply: StreamPassage;
}

export interface StreamPassage {
  readonly in: string | null;
  readonly out: string | null;
  readonly nexthop: string | null;
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
  /** Each packet's verdict where they do not agree, else empty; empty for a stream, of which the ways tell it. */
  readonly packets: readonly PacketVerdict[];
  readonly sent: number;
  readonly received: number;
  readonly duplicates: number;
  /** Null where the flow is no stream. Reports of earlier versions lack it. */
  readonly stream?: StreamResult | null;
  /**
   * How the tuples of a flow that has many were spread; null for other flows. Then verdict and counts are of all
   * tuples, and the rest is of the first that differs from the expectation, else of the first that is not symmetric, else
   * of the first. Reports of earlier versions lack it.
   */
  readonly spread?: Spread | null;
  /** What the nodes on its way tracked of it when the flows of its step had ended. Reports of earlier versions lack it. */
  readonly connections?: readonly Connection[];
  readonly request: DirectionReport;
  readonly reply: ReplyReport;
  readonly lost: Loss | null;
  readonly cause: Cause | null;
  /** What would change the verdict, tried; null where nothing that was tried does. Only of flows that were diagnosed. */
  readonly suggestion?: Suggestion | null;
  /** What was decided at each node, and what that is known by. Only of flows that were to be explained. */
  readonly explanation?: Explanation;
  /** What differs from the expectation, in a sentence each; empty when passed. */
  readonly differences: readonly string[];
}
