import type { NodeCapture } from '../model/observation.js';
import type { Frame, Ip, Packet } from '../model/packet.js';
import type { Direction } from '../model/verdict.js';
import { type Devices, LOOPBACK, type SeenDevice } from './device.js';

/** One IP packet seen once: at a node, on an interface, on its way in or out. */
export interface Sighting {
  readonly node: string;
  readonly interface: string;
  readonly direction: Direction;
  /** Of the interface. */
  readonly device: SeenDevice;
  /** The tag of the frame that carries it on the wire below the device, the outermost; null for none. */
  readonly vlan: number | null;
  /** Position in the node's capture. */
  readonly order: number;
  readonly frame: Frame;
  readonly ip: Ip;
}

export function directionOf(frame: Frame): Direction | null {
  if (frame.packetType === 'otherhost') return null;
  return frame.packetType === 'outgoing' ? 'out' : 'in';
}

/**
 * A node's sightings in the order captured, where it speaks IP: at the bridge and not at its port, at the VLAN and not
 * at the trunk. A unicast frame that the kernel classed as meant for another host is none (CONTRACTS), nor is what
 * stands on an unmapped interface.
 */
export function sightingsOf(devices: Devices, { node, frames }: NodeCapture): Sighting[] {
  const seen = frames.flatMap((frame) => {
    const device = frame.packet?.kind === 'ip' ? devices.of(node, frame) : null;
    return device === null ? [] : [{ frame, ip: frame.packet as Ip, device }];
  });
  const carried = new Set(seen.flatMap(({ device }) => device.carries));
  const above = new Copies(frames.filter(({ interfaceIndex }) => carried.has(interfaceIndex)));
  const tagged = new Tags(seen.map(({ frame }) => frame).filter(isTagged));
  const sightings: Sighting[] = [];
  for (const { frame, ip, device } of seen) {
    if (device.isPort || isTagged(frame) || (device.carries.length > 0 && above.take(frame))) continue;
    const vlan = tagged.take(frame);
    for (const direction of directionsOf(frame, device.name)) {
      const order = sightings.length;
      sightings.push({ node, interface: device.name, direction, device, vlan, order, frame, ip });
    }
  }
  return sightings;
}

/** What has a VLAN's tag is that VLAN's, and dropped where there is none; 0 is no VLAN: IEEE 802.1Q, vlan_do_receive(). */
function isTagged({ vlans }: Frame): boolean {
  return vlans.some((id) => id !== 0);
}

/** The tags of frames, by what they carry: a device above the wire shows the same without. */
class Tags {
  readonly #tags = new Map<string, number[]>();

  constructor(frames: readonly Frame[]) {
    for (const frame of frames) {
      const tag = frame.vlans.find((id) => id !== 0);
      const tags = this.#tags.get(contentOf(frame)) ?? [];
      if (tag !== undefined) this.#tags.set(contentOf(frame), [...tags, tag]);
    }
  }

  /** That of the first that is left with the same content; null where there is none. */
  take(frame: Frame): number | null {
    return this.#tags.size === 0 ? null : (this.#tags.get(contentOf(frame))?.shift() ?? null);
  }
}

/** Frames that each stand for one of the same content, seen below. */
class Copies {
  readonly #counts = new Map<string, number>();

  constructor(frames: readonly Frame[]) {
    for (const frame of frames) this.#add(frame, 1);
  }

  /** Whether there was one left. */
  take(frame: Frame): boolean {
    if ((this.#counts.get(contentOf(frame)) ?? 0) === 0) return false;
    this.#add(frame, -1);
    return true;
  }

  #add(frame: Frame, change: number): void {
    const content = contentOf(frame);
    this.#counts.set(content, (this.#counts.get(content) ?? 0) + change);
  }
}

function contentOf({ packetType, payload }: Frame): string {
  return `${packetType} ${Buffer.from(payload).toString('latin1')}`;
}

/**
 * A packet over loopback leaves and enters in one: libpcap shows it once, inbound (pcap-linux.c hides
 * the outgoing copy), and here it is sighted twice.
 */
function directionsOf(frame: Frame, name: string): readonly Direction[] {
  const direction = directionOf(frame);
  if (direction === null) return [];
  if (name !== LOOPBACK) return [direction];
  return direction === 'in' ? ['out', 'in'] : [];
}

/**
 * Whether a packet is routed traffic. What goes to a link-local multicast group (multicast listener
 * reports, router and neighbour solicitations) is made by every new interface and says nothing of a flow.
 */
export function isTraffic(packet: Packet | null): boolean {
  if (packet?.kind !== 'ip') return false;
  return !packet.destination.startsWith('ff02:') && !packet.destination.startsWith('224.0.0.');
}
