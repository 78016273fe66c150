import type { Passage, TracedDrop, TracedLookUp } from '../model/evidence.js';
import { type Anchor, anchorsOf, type TracedSighting } from './anchor.js';
import type { DropEvent, LookUpEvent, TraceEvent } from './event.js';
import { contextOf, lookUpsOfReceived, lookUpsOfSent } from './look-ups.js';

/** What of the kernel's trace is of one flow. */
export interface Attributed {
  readonly fibLookUps: readonly TracedLookUp[];
  readonly drops: readonly TracedDrop[];
  /** What was left out and why, a sentence each. */
  readonly missing: readonly string[];
}

/** A program that sends is told at once that what it sent is dropped. */
const AFTER_SENDING_NS = 1_000_000n;

/** Finds in the events of the whole machine those of the packets of one flow. */
export function attribute(
  events: readonly TraceEvent[],
  sightings: readonly TracedSighting[],
  passages: readonly Passage[],
): Attributed {
  const { anchors, ambiguous } = anchorsOf(sightings, events);
  const received = anchors.filter(({ sighting }) => sighting.direction === 'in');
  const sent = passages
    .filter((passage) => passage.in === null)
    .map((passage) => ({ passage, ...lookUpsOfSent(passage, anchors, events) }));
  const lookUps = [
    ...received.flatMap((anchor) => lookUpsOfReceived(anchor, passages, events)),
    ...sent.flatMap((each) => each.lookUps),
  ].toSorted(([a], [b]) => Number(a - b));
  const drops = [
    ...anchors.filter((anchor) => isLast(anchor, passages)).flatMap((anchor) => dropOf(anchor, events)),
    ...received.flatMap((anchor) => dropOfAnswer(anchor, passages, events)),
    ...sent.flatMap(({ passage, events: made }) => dropOfSent(passage, made, events)),
  ];
  return {
    fibLookUps: withoutRepetition(lookUps.map(([, lookUp]) => lookUp)),
    drops: withoutRepetition(drops),
    missing: ambiguous + sent.filter(({ isAmbiguous }) => isAmbiguous).length > 0 ? [AMBIGUOUS] : [],
  };
}

const AMBIGUOUS =
  'another lab of this machine had packets of the same kind at the same time, so that some trace events were left out';

/** Whether the packet ended there. What was delivered and answered is freed, too, and not always as consumed. */
function isLast({ passage, sighting: { direction } }: Anchor, passages: readonly Passage[]): boolean {
  if (passage.end === 'stopped') return true;
  if (direction === 'out') return passage.nexthop === null;
  return (
    passage.end === 'delivered' &&
    passages.some(({ node, end }) => node === passage.node && end === 'missing')
  );
}

/** The packet was dropped before it went anywhere else. */
function dropOf({ event, position, passage, sighting }: Anchor, events: readonly TraceEvent[]): TracedDrop[] {
  const next = events.find(
    (other, i) => i > position && other.kind !== 'look-up' && other.buffer === event.buffer,
  );
  if (next?.kind !== 'dropped' || isConsumed(next)) return [];
  return [told(next, passage, sighting.device, event.time)];
}

/** A message of ICMP that was taken care of is freed by kfree_skb(), without a reason: net/ipv4/icmp.c, net/ipv6/icmp.c. */
function isConsumed({ reason, location }: DropEvent): boolean {
  return (reason === '' || reason === 'NOT_SPECIFIED') && /^icmp(v6)?_rcv\b/.test(location);
}

/** What the kernel itself sent in answer was dropped before it was at a device. */
function dropOfAnswer(
  anchor: Anchor,
  passages: readonly Passage[],
  events: readonly TraceEvent[],
): TracedDrop[] {
  const missing = passages.find(({ node, end }) => node === anchor.passage.node && end === 'missing');
  if (missing === undefined) return [];
  const dropped = contextOf(anchor, events).find(
    (event) => event.kind === 'dropped' && event.buffer !== anchor.event.buffer,
  );
  return dropped?.kind === 'dropped' ? [told(dropped, missing, null, anchor.event.time)] : [];
}

/** The same of what a program sent: after its look-up the program is at work until the packet is away. */
function dropOfSent(
  passage: Passage,
  made: readonly LookUpEvent[],
  events: readonly TraceEvent[],
): TracedDrop[] {
  const last = made.at(-1);
  if (passage.end !== 'missing' || last === undefined) return [];
  const dropped = events.find(
    (event): event is DropEvent =>
      event.kind === 'dropped' &&
      !event.isSoftInterrupt &&
      event.process === last.process &&
      event.time >= last.time &&
      event.time - last.time < AFTER_SENDING_NS,
  );
  return dropped === undefined ? [] : [told(dropped, passage, null, last.time)];
}

function told(
  { reason, location, time }: DropEvent,
  { node, leg }: Passage,
  device: string | null,
  since: bigint,
): TracedDrop {
  // `ip_rcv_finish_core+0x25b/0x470`
  const [name = ''] = location.split('+');
  return { node, leg, interface: device, reason, location: name, afterUs: Number((time - since) / 1000n) };
}

/** The packets of a flow are treated alike. */
function withoutRepetition<T extends TracedDrop | TracedLookUp>(told: readonly T[]): T[] {
  const seen = new Map<string, T>();
  for (const each of told) {
    const key = JSON.stringify({ ...each, afterUs: null });
    if (!seen.has(key)) seen.set(key, each);
  }
  return [...seen.values()];
}
