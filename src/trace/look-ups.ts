import type { Passage, TracedLookUp } from '../model/evidence.js';
import type { Anchor } from './anchor.js';
import type { LookUpEvent, TraceEvent } from './event.js';

/** Number of the loopback device: the input of what a node sends, and of reverse paths. */
const LOOPBACK_INDEX = 1;

/** The input of a question what kind of address one is: inet_addr_type() in net/ipv4/fib_frontend.c. */
const NO_INPUT = 0;

/** A look-up of the flow, with the time by which it is put in order. */
export type TimedLookUp = readonly [time: bigint, lookUp: TracedLookUp];

/** `EAGAIN`: nothing in this table, so that the next rule is asked; fib_rules_lookup() in net/core/fib_rules.c. */
const NOT_HERE = 11;

/** A program that sends at once looks up at once. */
const BEFORE_SENDING_NS = 20_000_000n;

const UNSPECIFIED: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/**
 * What happened on a processor between the reception of a packet of the flow and that of the next one: what was looked
 * up for it, what came of it, and what the node itself sent in answer.
 */
export function contextOf({ event, position }: Anchor, events: readonly TraceEvent[]): readonly TraceEvent[] {
  const context: TraceEvent[] = [];
  for (let i = position + 1; i < events.length; i += 1) {
    const other = events[i] as TraceEvent;
    if (other.processor !== event.processor || !other.isSoftInterrupt) continue;
    if (other.kind === 'received') break;
    context.push(other);
  }
  return context;
}

/** The look-ups of a packet that was received, of the way back to its source, and of an answer by the kernel itself. */
export function lookUpsOfReceived(
  anchor: Anchor,
  passages: readonly Passage[],
  events: readonly TraceEvent[],
): TimedLookUp[] {
  const { passage } = anchor;
  const { packet } = passage;
  const context = contextOf(anchor, events).filter(
    (event) => event.kind === 'look-up' && event.inputInterface !== NO_INPUT,
  ) as LookUpEvent[];
  const forward = context.filter((each) => isOf(each, packet.source, packet.destination));
  const own = forward.map((each) => told(each, passage, 'way'));
  const back = context.filter((each) => isOf(each, packet.destination, packet.source ?? ''));
  // Rules that select by protocol or port make the kernel look at them for the reverse path, too: fib_validate_source().
  const areDissected = forward.some(({ protocol }) => protocol !== 0);
  const first = areDissected ? back.findIndex(({ error }) => error !== NOT_HERE) : -1;
  const isReverse = ({ family, protocol }: LookUpEvent, i: number) =>
    // IPv6 has no reverse-path filter.
    family === 4 && (protocol === 0 || i <= first);
  const answer = passages.find(({ node, in: entered }) => node === passage.node && entered === null);
  return [
    ...own,
    ...back.filter(isReverse).map((each) => told(each, passage, 'reverse-path')),
    ...(answer === undefined
      ? []
      : back.filter((each, i) => !isReverse(each, i)).map((each) => told(each, answer, 'way'))),
  ];
}

export interface Sent {
  readonly lookUps: readonly TimedLookUp[];
  /** By what they were made, in the order made. */
  readonly events: readonly LookUpEvent[];
  /** Whether programs of several labs may have sent it. */
  readonly isAmbiguous: boolean;
}

/** The look-ups of a packet that a program of a node sent, or was to send. */
export function lookUpsOfSent(
  passage: Passage,
  anchors: readonly Anchor[],
  events: readonly TraceEvent[],
): Sent {
  const { packet } = passage;
  const own = anchors.filter((each) => each.passage === passage && each.sighting.direction === 'out');
  const senders = new Set(own.map(({ event }) => event.process));
  const found = events.filter(
    (event): event is LookUpEvent =>
      event.kind === 'look-up' &&
      !event.isSoftInterrupt &&
      event.inputInterface === LOOPBACK_INDEX &&
      event.protocol === packet.protocol &&
      isOf(event, packet.source, packet.destination) &&
      isPort(event.sourcePort, packet.sourcePort) &&
      isPort(event.destinationPort, packet.destinationPort) &&
      (own.length === 0 ||
        (senders.has(event.process) && own.some((anchor) => isShortlyBefore(event, anchor)))),
  );
  const isAmbiguous = new Set(found.map(({ process }) => process)).size > Math.max(1, senders.size);
  if (isAmbiguous) return { lookUps: [], events: [], isAmbiguous };
  return { lookUps: found.map((each) => told(each, passage, 'way')), events: found, isAmbiguous };
}

function isShortlyBefore({ time }: LookUpEvent, { event }: Anchor): boolean {
  return time <= event.time && event.time - time < BEFORE_SENDING_NS;
}

/** What is still to be chosen has no address yet. */
function isOf(event: LookUpEvent, source: string | null, destination: string): boolean {
  if (event.destination !== destination) return false;
  return source === null || event.source === source || UNSPECIFIED.has(event.source);
}

function isPort(seen: number, port: number | null): boolean {
  return seen === 0 || port === null || seen === port;
}

function told(
  { time, table, device, gateway, error, text }: LookUpEvent,
  { node, leg }: Passage,
  purpose: TracedLookUp['purpose'],
): TimedLookUp {
  const found = error === 0 && device !== '-' ? device : null;
  return [time, { node, leg, purpose, table, device: found, gateway: gateway || null, error, text }];
}
