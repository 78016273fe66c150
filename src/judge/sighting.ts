import type { NodeCapture } from '../model/observation.js';
import type { Frame, Ip, Packet } from '../model/packet.js';
import type { InterfacePlan, LabPlan } from '../model/plan.js';
import type { Endpoint } from '../model/topology.js';
import type { Direction } from '../model/verdict.js';

/** One IP packet seen once: at a node, on an interface, on its way in or out. */
export interface Sighting {
  readonly node: string;
  readonly interface: string;
  readonly direction: Direction;
  /** Layer-2 address of the interface, from the plan. */
  readonly mac: string | null;
  readonly neighbours: readonly Endpoint[];
  /** Position in the node's capture. */
  readonly order: number;
  readonly frame: Frame;
  readonly ip: Ip;
}

export const LOOPBACK = 'lo';

/** In every network namespace the loopback device has this number. */
const LOOPBACK_INDEX = 1;

/**
 * The interface that a frame names; null where the plan does not know the number at this node. Numbers
 * are unique in the lab but for loopback's, so that a number of another node means an interface made since.
 */
export function interfaceOf(
  plan: LabPlan,
  node: string,
  frame: Frame,
): Pick<InterfacePlan, 'endpoint' | 'mac' | 'neighbours'> | null {
  if (frame.interfaceIndex === LOOPBACK_INDEX) {
    return { endpoint: { node, interface: LOOPBACK }, mac: null, neighbours: [] };
  }
  const found = plan.interfaces.get(frame.interfaceIndex);
  return found?.endpoint.node === node ? found : null;
}

export function directionOf(frame: Frame): Direction | null {
  if (frame.packetType === 'otherhost') return null;
  return frame.packetType === 'outgoing' ? 'out' : 'in';
}

/**
 * A node's sightings in the order captured. A unicast frame that the kernel classed as meant for
 * another host is none (CONTRACTS), nor is what stands on an unmapped interface.
 */
export function sightingsOf(plan: LabPlan, capture: NodeCapture): Sighting[] {
  const sightings: Sighting[] = [];
  for (const frame of capture.frames) {
    const at = interfaceOf(plan, capture.node, frame);
    if (at === null || frame.packet?.kind !== 'ip') continue;
    for (const direction of directionsOf(frame, at.endpoint)) {
      sightings.push({
        node: capture.node,
        interface: at.endpoint.interface,
        direction,
        mac: at.mac,
        neighbours: at.neighbours,
        order: sightings.length,
        frame,
        ip: frame.packet,
      });
    }
  }
  return sightings;
}

/**
 * A packet over loopback leaves and enters in one: libpcap shows it once, inbound (pcap-linux.c hides
 * the outgoing copy), and here it is sighted twice.
 */
function directionsOf(frame: Frame, at: Endpoint): readonly Direction[] {
  const direction = directionOf(frame);
  if (direction === null) return [];
  if (at.interface !== LOOPBACK) return [direction];
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
