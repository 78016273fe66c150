import type { Lab } from '../build/lab.js';
import type { Frame } from '../model/packet.js';

/** Where a frame is seen to leave and not to enter: on a veth between two nodes, or on a segment. */
export type Imbalance = 'link' | 'segment';

/**
 * Whether everything that left an interface since the flows began has entered another one, null where it
 * has: every veth shows as many frames in at one end as out at the other, and every frame that a node gave
 * to a segment was seen by another node there as often as it was given.
 *
 * @param starts how many frames each capture had before the flows.
 */
export function imbalance(lab: Lab, starts: ReadonlyMap<string, number>): Imbalance | null {
  const links = new Map<string, number>();
  const segments = new Map<string, SegmentFrames>();
  for (const { name, capture } of lab.nodes.values()) {
    for (const frame of capture.frames.slice(starts.get(name) ?? 0)) {
      const wire = lab.plan.interfaces.get(frame.interfaceIndex);
      if (wire?.endpoint.node !== name) continue;
      const out = frame.packetType === 'outgoing';
      if (!wire.pointToPoint) {
        count(segments, frame, out);
        continue;
      }
      const sender = out ? wire.endpoint : wire.neighbours[0];
      const key = `${sender?.node}:${sender?.interface}`;
      links.set(key, (links.get(key) ?? 0) + (out ? 1 : -1));
    }
  }
  if ([...links.values()].some((balance) => balance !== 0)) return 'link';
  const unseen = [...segments.values()].some(({ sent, seen }) => sent > Math.max(0, ...seen.values()));
  return unseen ? 'segment' : null;
}

/** Frames of a segment that are alike. */
interface SegmentFrames {
  sent: number;
  /** How many each other interface saw: one of them all, wherever it was meant to go. */
  readonly seen: Map<number, number>;
}

/** SLL2 does not have the destination of a frame, so that frames are told apart by their sender and content. */
function count(segments: Map<string, SegmentFrames>, frame: Frame, out: boolean): void {
  const key = `${frame.linkSource} ${Buffer.from(frame.payload).toString('latin1')}`;
  const alike = segments.get(key) ?? { sent: 0, seen: new Map<number, number>() };
  segments.set(key, alike);
  if (out) alike.sent++;
  else alike.seen.set(frame.interfaceIndex, (alike.seen.get(frame.interfaceIndex) ?? 0) + 1);
}
