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
  const taken = new Set<TraceEvent>();
  const anchors: Anchor[] = [];
  const inOrder = sightings.toSorted((a, b) => Number(a.time - b.time));
  for (const sighting of inOrder) {
    let nearest: { readonly event: PassingEvent; readonly position: number } | null = null;
    for (const [position, event] of events.entries()) {
      if (!isLike(sighting, event) || taken.has(event)) continue;
      const distance = apart(event.time, sighting.time);
      if (distance > NEAR_NS) continue;
      if (nearest === null || distance < apart(nearest.event.time, sighting.time))
        nearest = { event, position };
    }
    if (nearest === null) continue;
    taken.add(nearest.event);
    const { passage } = sighting;
    if (passage !== null) anchors.push({ passage, sighting, ...nearest });
  }
  const isAlone = ({ sighting, event }: Anchor) =>
    !events.some(
      (other) => !taken.has(other) && isLike(sighting, other) && apart(other.time, event.time) < SAME_NS,
    );
  const alone = anchors.filter(isAlone);
  return { anchors: alone, ambiguous: anchors.length - alone.length };
}

function isLike({ device, direction, length }: TracedSighting, event: TraceEvent): event is PassingEvent {
  if (event.kind === 'received')
    return direction === 'in' && event.device === device && event.length === length;
  if (event.kind !== 'queued' || direction !== 'out' || event.device !== device) return false;
  return event.length >= length && event.length <= length + MOST_HEADER;
}

function apart(a: bigint, b: bigint): bigint {
  return a < b ? b - a : a - b;
}
