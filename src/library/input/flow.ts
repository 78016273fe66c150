import type { FlowInput as FlowShape } from '../../format/flow.js';
import type { Family } from '../../model/family.js';
import type { ResponderBinding } from '../../model/scenario.js';
import type { SpreadKey } from '../../model/spread.js';
import type { CauseCode, ConnectionFate, Direction, LossReason, VerdictName } from '../../model/verdict.js';
import type { Agree, SameKeys } from './agree.js';
import type { Duration, When } from './common.js';

/** One probe, and who asks whom. */
export interface ProbeInput {
  readonly title?: string;
  /** The node that asks. */
  readonly from: string;
  /** `node:interface`, one flow for each of its addresses, or a literal address. */
  readonly to: string;
  /** `'ping'`, `'tcp/PORT'`, `'udp/PORT'`, or with settings. */
  readonly probe: string | ProbeSettingsInput;
  /** The node judged; by default the node under test where it takes part. */
  readonly at?: string;
  /** The node that answers, where it is not the node of `to`, as with DNAT. */
  readonly answeredBy?: string;
  readonly family?: Family;
  readonly bind?: { readonly address?: string; readonly device?: string };
  readonly sourcePort?: number;
  /** Sends it from so many source ports, drawn by the seed (1 unless given), each a tuple of its own. */
  readonly tuples?: number | { readonly count: number; readonly seed?: number };
  readonly responder?: ResponderBinding;
  readonly when?: When;
}

export interface ProbeSettingsInput {
  readonly protocol: 'ping' | 'tcp' | 'udp';
  readonly port?: number;
  /** Requests to send; 1 unless given. */
  readonly count?: number;
  /** Instead of `count`: requests at an interval; for `tcp`, rounds of data in one connection. */
  readonly stream?: { readonly every: Duration; readonly for: Duration };
  /** Payload of each request in bytes; 56 unless given. */
  readonly size?: number;
  /** How long an answer is waited for; 1 s unless given. */
  readonly timeout?: Duration;
}

/** A probe with what is expected of it. */
export interface FlowInput extends ProbeInput {
  readonly expect: ExpectationInput;
}

/** A verdict, what is expected in detail, or a list of which the first that applies counts. */
export type ExpectationInput =
  | VerdictName
  | ExpectedFlowInput
  | readonly (VerdictName | (ExpectedFlowInput & { readonly when?: When }))[];

export interface ExpectedFlowInput {
  readonly verdict: VerdictName;
  readonly request?: ExpectedWayInput;
  readonly reply?: ExpectedWayInput & { readonly source?: string };
  readonly sameNexthop?: boolean;
  readonly by?: string;
  readonly errno?: string;
  readonly lost?: {
    readonly node?: string;
    readonly interface?: string;
    readonly direction?: Direction;
    readonly reason?: LossReason;
  };
  readonly cause?: CauseCode;
  readonly stream?: ExpectedStreamInput;
  /** How the tuples of a flow that has many are spread. */
  readonly spread?: ExpectedSpreadInput;
  /** Documents a deliberate asymmetry; never changes what passes. */
  readonly intended?: boolean;
}

/** What is expected of a stream of requests beyond its verdict. */
export interface ExpectedStreamInput {
  /** Requests without an answer in time: a number, `'<= 40'` or `'>= 10'`. */
  readonly lost?: number | string;
  /** The longest run of requests without an answer: 0, `'<= 800ms'`, `'>= 1s'`. */
  readonly blackout?: number | string;
  /** All ways that answered requests and their replies take, in order. */
  readonly ways?: readonly {
    readonly verdict?: VerdictName;
    readonly request?: StreamPassageInput;
    readonly reply?: StreamPassageInput;
  }[];
  readonly connection?: ConnectionFate;
}

export interface StreamPassageInput {
  readonly in?: string;
  readonly out?: string;
  readonly nexthop?: string;
}

export interface ExpectedSpreadInput {
  readonly by: SpreadKey;
  /** The weight of each value; `'one'`: all by one, whichever it is. */
  readonly share: Readonly<Record<string, number>> | 'one';
  /** 0.999999 unless given. */
  readonly confidence?: number;
  /** So many tuples may stray at most; 0 unless given. */
  readonly strayed?: number;
}

export interface ExpectedWayInput {
  readonly in?: string;
  readonly out?: string;
  /** `node:interface`; null where it is expected to stay unresolved. */
  readonly nexthop?: string | null;
  /** The VLAN tag of its frame on the wire of the judged node; null for none. */
  readonly vlan?: number | null;
}

true satisfies Agree<FlowInput, FlowShape>;
true satisfies SameKeys<FlowInput, FlowShape>;
