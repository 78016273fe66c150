import type { Place } from './diagnostic.js';
import type { Family } from './family.js';
import type { Need } from './need.js';
import type { ExpectedFailure, PolicyItem } from './policy.js';
import type { ExpectedSpread, Tuples } from './spread.js';
import type { Endpoint, InterfaceAddress, PppEnd, Topology } from './topology.js';
import type { ConnectionFate, Direction, VerdictName } from './verdict.js';

/** A cell of a matrix: the value of each key, in the file's order. Empty without a matrix. */
export type Variant = Readonly<Record<string, string | number>>;

export type FindingStatus = 'confirmed' | 'refined' | 'refuted' | 'unresolved';

export interface Finding {
  readonly status: FindingStatus;
  /** What the kernel does, where it differs from the claim or adds to it; empty where there is nothing to say. */
  readonly text: string;
}

export interface Source {
  readonly document: string;
  /** The comment's number, where the source is a reader's comment. */
  readonly comment: number | null;
}

/** One lab's worth of work: a scenario, or one cell of its matrix, with nothing left to look up. */
export interface Scenario {
  /** Path below `scenarios/`, without `.yaml`. */
  readonly id: string;
  /** The id, with the variant in brackets where there is one: `id [isp=bcp38 family=6]`. */
  readonly name: string;
  readonly file: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly source: Source | null;
  readonly claim: string | null;
  readonly finding: Finding | null;
  readonly lesson: string | null;
  readonly variant: Variant;
  /** What it says that it needs of the machine. */
  readonly requires: readonly Need[];
  readonly topology: Topology;
  /** What each parameter of the topology, each key of the matrix, and the family where it is fixed, come to. */
  readonly parameters: Variant;
  readonly steps: readonly Step[];
}

/** Apply, then events, then flows, in the lab as the steps before left it (or in a new one, if `fresh`). */
export interface Step {
  readonly title: string;
  readonly fresh: boolean;
  readonly applies: readonly Apply[];
  readonly events: readonly LabEvent[];
  readonly flows: readonly Flow[];
  /** What is done while the flows run, in order of time. */
  readonly during: readonly Timed[];
}

/** Something that is done at a time after the flows of its step began. */
export interface Timed {
  readonly atMs: number;
  readonly deed: Deed;
}

/** Something that is done to a lab: a policy applied, or an event. */
export type Deed = { readonly apply: Apply } | { readonly event: LabEvent };

/** All that a step does to its lab, in order. */
export function deedsOf({
  applies,
  events,
  during,
}: Omit<Step, 'title' | 'fresh' | 'flows'>): readonly Deed[] {
  return [
    ...applies.map((apply) => ({ apply })),
    ...events.map((event) => ({ event })),
    ...during.map(({ deed }) => deed),
  ];
}

export function appliesOf(step: Step): readonly Apply[] {
  return deedsOf(step).flatMap((deed) => ('apply' in deed ? [deed.apply] : []));
}

export function eventsOf(step: Step): readonly LabEvent[] {
  return deedsOf(step).flatMap((deed) => ('event' in deed ? [deed.event] : []));
}

export interface Apply {
  readonly node: string;
  readonly items: readonly PolicyItem[];
  readonly expectedFailures: readonly ExpectedFailure[];
  /** The longest that one item may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly place: Place;
}

export type LabEvent =
  | DialEvent
  | { readonly kind: 'link-up' | 'link-down'; readonly endpoint: Endpoint; readonly place: Place }
  | { readonly kind: WireEvent; readonly endpoint: Endpoint; readonly place: Place }
  | {
      readonly kind: 'address';
      readonly endpoint: Endpoint;
      readonly remove: readonly InterfaceAddress[];
      readonly add: readonly InterfaceAddress[];
      readonly place: Place;
    }
  | {
      readonly kind: 'shell';
      readonly node: string;
      readonly script: string;
      readonly timeoutMs: number;
      readonly place: Place;
    };

/** A ppp link is dialled, or hung up, from its first end. */
export interface DialEvent {
  readonly kind: 'connect' | 'disconnect';
  readonly endpoint: Endpoint;
  /** The end named and the other one. */
  readonly ends: readonly [PppEnd, PppEnd];
  readonly place: Place;
}

/**
 * What befalls a link, or a port of a segment. `unplug`: no carrier any more, at both ends of a link. `silence`: both
 * ends keep their carrier, and nothing passes. `plug` and `restore` undo them.
 */
export type WireEvent = 'unplug' | 'plug' | 'silence' | 'restore';

export type Protocol = 'icmp' | 'tcp' | 'udp';

/**
 * How the answering program is bound. `pktinfo` (UDP) answers from the address that was asked, by
 * IP_PKTINFO; see ip(7), ipv6(7). `none`: nobody listens.
 */
export type ResponderBinding = 'wildcard' | 'address' | 'pktinfo' | 'none';

/** Requests at an interval, whether the ones before are answered or not; over TCP, rounds of data in one connection. */
export interface Stream {
  readonly intervalMs: number;
  readonly durationMs: number;
}

export interface Probe {
  readonly protocol: Protocol;
  /** The port asked; null for ICMP. */
  readonly port: number | null;
  /** Requests to send: echo requests, datagrams, or rounds of data in one connection; of a stream, the most that it has time for. */
  readonly count: number;
  /** Null where requests are sent at once, and rounds as soon as they can. */
  readonly stream: Stream | null;
  /** Payload of each request in bytes. */
  readonly size: number;
  /** How long an answer is waited for, in milliseconds. */
  readonly timeoutMs: number;
  /** Local address to bind to; null leaves the choice to the kernel. */
  readonly bindAddress: string | null;
  /** Device to bind to (SO_BINDTODEVICE); null for none. */
  readonly bindDevice: string | null;
  /** A fixed source port; null takes a fresh one. */
  readonly sourcePort: number | null;
  readonly responder: ResponderBinding;
  /** As the author wrote it or would have: `ping`, `tcp/22`. */
  readonly text: string;
}

export interface Flow {
  readonly from: string;
  /** As written: `node:interface`, or a literal address. */
  readonly to: string;
  readonly family: Family;
  /** The address asked. */
  readonly address: string;
  /** The node that is to answer; null where the address belongs to no node. */
  readonly answeredBy: string | null;
  /** The node judged, where the author names it; null takes the default of the contract. */
  readonly at: string | null;
  readonly probe: Probe;
  /** Absent where it is one tuple. */
  readonly tuples?: Tuples;
  readonly expected: Expectation;
  readonly place: Place;
}

/** What the author expects of a flow. Absent (undefined) members are not compared. */
export interface Expectation {
  readonly verdict: VerdictName;
  readonly request?: ExpectedDirection;
  readonly reply?: ExpectedDirection & { readonly source?: string };
  /** True: the reply's next hop may not be known to differ from the request's previous hop. */
  readonly sameNexthop?: boolean;
  /** The node whose RST or ICMP error came back. */
  readonly by?: string;
  readonly errno?: string;
  readonly lost?: {
    readonly node?: string;
    readonly interface?: string;
    readonly direction?: Direction;
    readonly reason?: string;
  };
  readonly cause?: string;
  readonly stream?: ExpectedStream;
  /** How the tuples of a flow that has many are spread; without it none may stray. */
  readonly spread?: ExpectedSpread;
  /** Documents a deliberate asymmetry; it never changes what passes. */
  readonly intended: boolean;
}

/** What is expected of a stream beyond its verdict. */
export interface ExpectedStream {
  readonly lost?: Bounds;
  /** The longest blackout in milliseconds; 0 where there was none. */
  readonly blackout?: Bounds;
  /** All ways that it took, in order. */
  readonly ways?: readonly ExpectedWay[];
  readonly connection?: ConnectionFate;
}

/** Both included. */
export interface Bounds {
  readonly least?: number;
  readonly most?: number;
}

export interface ExpectedWay {
  readonly verdict?: VerdictName;
  readonly request?: ExpectedPassage;
  readonly reply?: ExpectedPassage;
}

export interface ExpectedPassage {
  readonly in?: string;
  readonly out?: string;
  readonly nexthop?: string;
}

export interface ExpectedDirection {
  readonly in?: string;
  readonly out?: string;
  /** `node:interface`; null where the next hop is expected to stay unresolved. */
  readonly nexthop?: string | null;
  /** Tag of its frame on the judged node's wire; null for none. */
  readonly vlan?: number | null;
  /** `node:interface` of hops of its whole path, in this order, with others between them or not. */
  readonly passes?: readonly string[];
}
