import type { Refusal } from '../model/flow-result.js';
import type { ObservedFlow } from '../model/observation.js';
import type { Flow, Probe } from '../model/scenario.js';
import type { VerdictName } from '../model/verdict.js';
import { beginsAt, type Chain, chainsOf, enters, pathOf } from './chain.js';
import { HANDSHAKE } from './connection.js';
import { LOOPBACK } from './device.js';
import type { Sighting } from './sighting.js';
import { exchangeNumber, type FlowTraffic } from './traffic.js';

/** What came of one request, before it is known which node is judged. `returned`: symmetric or asymmetric. */
export type Outcome =
  | Exclude<VerdictName, 'inconclusive' | 'symmetric' | 'asymmetric' | 'mixed'>
  | 'returned';

/** One request and what came of it. */
export interface Exchange {
  readonly number: number;
  readonly outcome: Outcome;
  readonly request: Chain;
  /** The way of the reply, or of what came instead of one. */
  readonly reply: Chain;
  /** What refused the request, where that reached the sender. */
  readonly refusal: Refusal | null;
  /** The node whose answer `from` got where the answering node's did not come; null where there was none. */
  readonly standIn: string | null;
  /** Whether the request was sighted leaving `from`. */
  readonly sent: boolean;
  /** Whether the request was sighted entering the answering node. */
  readonly arrived: boolean;
  /** Whether a reply was sighted entering `from` before the probe gave up. */
  readonly received: boolean;
  /** False where the program never got what was sighted entering `from`, as far as it tells. */
  readonly taken: boolean;
  /** When the first copy of the request left `from`; null where none was sighted doing so. Nanoseconds since 1970. */
  readonly sentAt: bigint | null;
  /** When the reply entered `from`; null where none did in time. */
  readonly answeredAt: bigint | null;
  /** Whether the request or its reply was sent more than once. */
  readonly repeated: boolean;
  readonly duplicates: number;
}

/** The exchanges of a flow in order. The next round of a TCP flow takes place only once the one before is answered as asked. */
export function exchangesOf(traffic: FlowTraffic): Exchange[] {
  const { observed } = traffic;
  const last = exchangeNumber(observed, roundsOf(traffic));
  const isConnection = observed.plan.flow.probe.protocol === 'tcp';
  const exchanges: Exchange[] = [];
  for (let number = 1; number <= last; number++) {
    const broken = exchanges.some(({ outcome }) => outcome !== 'returned');
    if (isConnection && broken && !traffic.requests.has(number)) break;
    exchanges.push(judgeExchange(traffic, number, exchanges.at(-1)));
  }
  return exchanges;
}

/** A stream over TCP has as many rounds as were answered soon enough for another to be sent. */
function roundsOf({ observed: { plan, sender }, requests }: FlowTraffic): number {
  const { count, protocol, stream } = plan.flow.probe;
  if (protocol !== 'tcp' || stream === null) return count;
  return Math.min(count, Math.max(sender.sent, 0, ...[...requests.keys()].map((number) => number - 1)));
}

/**
 * How long an answer is waited for: over TCP, which sends again by itself, to the end of a stream and then as long as for
 * any other. Milliseconds.
 */
function patienceOf({ protocol, stream, timeoutMs }: Probe): number {
  return protocol === 'tcp' && stream !== null ? stream.durationMs + timeoutMs : timeoutMs;
}

function judgeExchange(traffic: FlowTraffic, number: number, previous: Exchange | undefined): Exchange {
  const { flow } = traffic.observed.plan;
  const { from, answeredBy } = flow;
  const requests = chainsOf(traffic.requests.get(number) ?? [], from);
  const request = pathOf(requests, from, answeredBy);
  const replies = chainsOf(traffic.replies.get(number) ?? [], answeredBy);
  const answer = answeredBy === null ? [] : pathOf(replies, answeredBy, from);
  const begin = request[0] ?? previous?.reply.at(-1);
  const inTime = (chain: Chain) => isInTime(begin, chain, patienceOf(flow.probe));
  const received = enters(answer, from) && inTime(answer);
  const errors = chainsOf(traffic.errors.get(number) ?? [], null);
  // A connection may well be reset once it has had its answer, but not while that came from somebody not asked.
  const isAnswered = received && asAsked(answer, request, flow.address) !== false;
  const resets = isAnswered || answeredBefore(traffic, number) ? [] : chainsOf(traffic.resets, null);
  const refusals = [...errors, ...resets].filter((chain) => !isOwnReset(chain, from) && inTime(chain));
  const overcame = received && flow.probe.stream !== null && flow.probe.protocol === 'tcp';
  const refusing = refusals.find(
    (chain) => enters(chain, from) && !(received && isTooBig(chain)) && !overcame,
  );
  const lostRefusal = refusals.find((chain) => answeredBy !== null && beginsAt(chain, answeredBy));
  const reply = refusing ?? (answer.length > 0 ? answer : (lostRefusal ?? []));
  const substitutes = received ? [] : replies.filter((chain) => isSubstitute(chain, flow));
  const departures = requests.flatMap((chain) => (beginsAt(chain, from) ? [chain[0]?.frame.time ?? 0n] : []));
  const sent = departures.length > 0;
  const arrived = answeredBy !== null && enters(request, answeredBy);
  const facts = { sent, arrived, received, refused: refusing !== undefined, answered: reply.length > 0 };
  return {
    number,
    outcome: outcomeOf(traffic, number, facts, asAsked(reply, request, flow.address)),
    request,
    reply,
    refusal: refusing === undefined ? null : refusalOf(refusing),
    standIn: substitutes[0]?.[0]?.node ?? null,
    sent,
    arrived,
    received,
    taken: !received || isTaken(traffic.observed, number),
    sentAt: departures.reduce<bigint | null>(
      (first, time) => (first === null || time < first ? time : first),
      null,
    ),
    answeredAt: received ? (answer.at(-1)?.frame.time ?? null) : null,
    repeated: copies(requests) > 0 || copies(replies) > 0,
    duplicates: copies(requests) + copies(replies.filter((chain) => !substitutes.includes(chain))),
  };
}

/** Of datagrams a program tells how many answers it got, and not which: it is believed where it got none at all. */
function isTaken({ plan, sender: { sent, answers } }: ObservedFlow, number: number): boolean {
  const { protocol, stream } = plan.flow.probe;
  if (answers === null || stream !== null) return true;
  if (protocol !== 'tcp') return answers > 0;
  return number === HANDSHAKE ? sent > 0 : answers >= number - HANDSHAKE;
}

/** What another node sent in answer, and `from` got: a SYN proxy's SYN-ACK, an echo reply of whoever has the address. */
function isSubstitute(chain: Chain, { from, answeredBy }: Flow): boolean {
  const origin = chain[0];
  return origin?.direction === 'out' && origin.node !== answeredBy && enters(chain, from);
}

/**
 * The timeout is part of what is expected (CONTRACTS): a reply after it is none, and a refusal neither. For a
 * request that never left, waiting began with the reply before it.
 */
function isInTime(first: Sighting | undefined, reply: Chain, timeoutMs: number): boolean {
  const [begin, end] = [first?.frame.time, reply.at(-1)?.frame.time];
  return begin === undefined || end === undefined || end - begin <= BigInt(timeoutMs) * 1_000_000n;
}

interface Facts {
  readonly sent: boolean;
  readonly arrived: boolean;
  readonly received: boolean;
  readonly refused: boolean;
  readonly answered: boolean;
}

/**
 * The contract's table from `send-failed` to `wrong-source`: the first that applies. An error that `from`
 * tells itself of counts as `refused` where its system took the request without a word.
 */
function outcomeOf(traffic: FlowTraffic, number: number, facts: Facts, asked: boolean | null): Outcome {
  if (!facts.sent && isRefusedAtOnce(traffic, number, facts)) return 'send-failed';
  if (facts.refused) return 'refused';
  if (!facts.arrived) return 'request-lost';
  if (!facts.answered) return 'no-reply';
  if (!facts.received) return 'reply-lost';
  return asked === false ? 'wrong-source' : 'returned';
}

/** Where the sender does not tell which requests were refused, it was not one of which an error came later. */
function isRefusedAtOnce({ observed }: FlowTraffic, number: number, { refused }: Facts): boolean {
  const { errno, refused: numbers } = observed.sender;
  return errno !== null && (numbers?.includes(number) ?? !refused);
}

/**
 * Whether a reply as sighted last came from the address asked; null without a sighting. Where `from`
 * itself translates what it sends, that is the address which it really asked.
 */
export function asAsked(reply: Chain, request: Chain, address: string): boolean | null {
  const source = reply.at(-1)?.ip.source;
  if (source === undefined) return null;
  return source === address || source === request[0]?.ip.destination;
}

/** A reset is about the first request that got no reply. */
function answeredBefore({ requests, replies, observed }: FlowTraffic, number: number): boolean {
  const { from } = observed.plan.flow;
  for (let earlier = 1; earlier < number; earlier++) {
    const reached = (replies.get(earlier) ?? []).some(
      (each) => each.node === from && each.direction === 'in',
    );
    if (requests.has(earlier) && !reached) return true;
  }
  return false;
}

/** What `from` sends to end a connection is no refusal of its own request, unless it tells itself, by loopback. */
function isOwnReset(chain: Chain, from: string): boolean {
  return beginsAt(chain, from) && chain[0]?.interface !== LOOPBACK;
}

/** "Fragmentation needed" and "packet too big": part of finding the path's MTU, no refusal where the request then got through. */
function isTooBig(chain: Chain): boolean {
  const icmp = chain[0] === undefined ? null : icmpOf(chain[0]);
  if (icmp === null) return false;
  return icmp.kind === 'icmp' ? icmp.type === 3 && icmp.code === 4 : icmp.type === 2;
}

function refusalOf(chain: Chain): Refusal {
  const icmp = chain[0] === undefined ? null : icmpOf(chain[0]);
  return icmp ?? { kind: 'tcp-reset', type: null, code: null };
}

function icmpOf({ ip }: Sighting): Refusal | null {
  if (ip.transport?.kind !== 'icmp') return null;
  return { kind: ip.family === 4 ? 'icmp' : 'icmp6', type: ip.transport.type, code: ip.transport.code };
}

/** Copies beyond the first: chains that begin with a node sending. */
function copies(chains: readonly Chain[]): number {
  return Math.max(0, chains.filter((chain) => chain[0]?.direction === 'out').length - 1);
}
