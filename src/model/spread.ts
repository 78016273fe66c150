import type { VerdictName } from './verdict.js';

/** A flow that is sent from many source ports: each is a tuple of its own to whatever hashes or tracks flows. */
export interface Tuples {
  /** How many source ports. */
  readonly count: number;
  /** Of the generator that draws them: the same seed draws the same ports. */
  readonly seed: number;
}

/** By what the tuples of a flow are counted. */
export const SPREAD_KEYS = {
  'request.in': 'the interface by which requests enter the judged node',
  'request.out': 'the interface by which requests leave it',
  'request.nexthop': 'the endpoint where requests are sighted next, node:interface',
  'reply.in': 'the interface by which replies enter the judged node',
  'reply.out': 'the interface by which replies leave it',
  'reply.nexthop': 'the endpoint where replies are sighted next, node:interface',
  verdict: 'the verdict',
} as const;

export type SpreadKey = keyof typeof SPREAD_KEYS;

export interface ExpectedSpread {
  readonly by: SpreadKey;
  /** The weight of each value; 0 demands none, and so does what is not named. `one`: all by one, whichever it is. */
  readonly share: Readonly<Record<string, number>> | 'one';
  /** The probability with which a count lies within its bounds where the shares are as expected. */
  readonly confidence: number;
  /** At most so many tuples may stray. */
  readonly strayed: number;
}

/** A direction of a tuple at the judged node. */
export interface SpreadWay {
  readonly in: string | null;
  readonly out: string | null;
  readonly nexthop: string | null;
}

/** Tuples that went the same way and came to the same verdict. */
export interface SpreadPart {
  readonly request: SpreadWay;
  readonly reply: SpreadWay;
  readonly verdict: VerdictName;
  readonly tuples: number;
}

/** One share as expected and as counted. */
export interface SpreadShare {
  readonly value: string;
  readonly tuples: number;
  /** The mean of what is to be expected. */
  readonly expected: number;
  /** The bounds, themselves within. */
  readonly least: number;
  readonly most: number;
}

/** How the tuples of one flow were spread over ways and verdicts. */
export interface Spread {
  readonly seed: number;
  readonly tuples: number;
  /** The largest part first. */
  readonly by: readonly SpreadPart[];
  /** Empty where the scenario expects no weights. */
  readonly shares: readonly SpreadShare[];
  /** Tuples of which packets in the same direction went different ways. */
  readonly strayed: number;
}
