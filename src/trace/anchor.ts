import type { Passage } from '../model/evidence.js';
import type { PassingEvent, TraceEvent } from './event.js';

/** A packet as its node's capture has it. */
export interface TracedSighting {
  /** Of the flow; null for what is none of its packets. */
  readonly passage: Passage | null;
  readonly device: string;
  readonly direction: 'in' | 'out';
  /** Nanoseconds of CLOCK_MONOTONIC. */
  readonly time: bigint;
  /** Of the IP packet, in bytes. */
  readonly length: number;
}

/** The event of the trace that a sighting of the flow is one with. */
export interface Anchor {
  readonly passage: Passage;
  readonly sighting: TracedSighting;
  readonly event: PassingEvent;
  /** Position among the events. */
  readonly position: number;
}

export interface Anchored {
  readonly anchors: readonly Anchor[];
  /** Sightings for which the trace has more than one event: another lab of this machine had packets like them. */
  readonly ambiguous: number;
}

/** A packet may wait that long from the device to the look at it, on a machine that is busy with other things. */
const NEAR_NS = 20_000_000n;

/** What is no further apart cannot be told from each other. */
const SAME_NS = 100_000n;

/** Of Ethernet, with a VLAN's tag; a tunnel's device has none. */
const MOST_HEADER = 18;

/**
 * Events name no namespace: that one is of a packet of the flow, and so of its node, only its device, its length and
 * its time can tell.
 *
 * @param sightings all that the lab's captures have, so that what else passed there is not taken for another lab's.
 */
export function anchorsOf(sightings: readonly TracedSighting[], events: readonly TraceEvent[]): Anchored {
  const passing = passingOf(events);
  const taken = new Set<TraceEvent>();
  const anchors: Anchor[] = [];
  const inOrder = sightings.toSorted((a, b) => Number(a.time - b.time));
  for (const sighting of inOrder) {
    let nearest: Passing | null = null;
    for (const each of near(sighting, sighting.time, NEAR_NS, passing)) {
      if (taken.has(each.event)) continue;
      const distance = apart(each.event.time, sighting.time);
      if (nearest === null || distance < apart(nearest.event.time, sighting.time)) nearest = each;
    }
    if (nearest === null) continue;
    taken.add(nearest.event);
    const { passage } = sighting;
    if (passage !== null) anchors.push({ passage, sighting, ...nearest });
  }
  const isAlone = ({ sighting, event }: Anchor) =>
    near(sighting, event.time, SAME_NS - 1n, passing).every((other) => taken.has(other.event));
  const alone = anchors.filter(isAlone);
  return { anchors: alone, ambiguous: anchors.length - alone.length };
}

/** What passed a device, with its position among all events. */
type Passing = Pick<Anchor, 'event' | 'position'>;

/** What passed each device in each direction, by its time: the whole machine's, many thousands in a second. */
function passingOf(events: readonly TraceEvent[]): ReadonlyMap<string, readonly Passing[]> {
  const passing = new Map<string, Passing[]>();
  for (const [position, event] of events.entries()) {
    if (event.kind !== 'received' && event.kind !== 'queued') continue;
    const key = keyOf(event.device, event.kind);
    const known = passing.get(key);
    if (known === undefined) passing.set(key, [{ event, position }]);
    else known.push({ event, position });
  }
  for (const each of passing.values()) each.sort((a, b) => Number(a.event.time - b.event.time));
  return passing;
}

function keyOf(device: string, kind: PassingEvent['kind']): string {
  return `${kind} ${device}`;
}

/** What is like a sighting, and no further from a time than so many nanoseconds. */
function near(
  { device, direction, length }: TracedSighting,
  time: bigint,
  within: bigint,
  passing: ReadonlyMap<string, readonly Passing[]>,
): readonly Passing[] {
  const all = passing.get(keyOf(device, direction === 'in' ? 'received' : 'queued')) ?? [];
  const header = direction === 'in' ? 0 : MOST_HEADER;
  const found: Passing[] = [];
  for (let i = firstFrom(time - within, all); i < all.length; i += 1) {
    const each = all[i] as Passing;
    if (each.event.time > time + within) break;
    if (each.event.length >= length && each.event.length <= length + header) found.push(each);
  }
  return found;
}

/** The position of the first that is not before a time. */
function firstFrom(time: bigint, all: readonly Passing[]): number {
  let [from, to] = [0, all.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((all[middle] as Passing).event.time < time) from = middle + 1;
    else to = middle;
  }
  return from;
}

function apart(a: bigint, b: bigint): bigint {
  return a < b ? b - a : a - b;
}
