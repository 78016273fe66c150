import type { Family } from '../model/family.js';
import type { NodeCapture } from '../model/observation.js';
import type { Frame } from '../model/packet.js';
import type { Devices } from './device.js';
import { directionOf } from './sighting.js';

/** A question for a layer-2 address, by ARP or neighbour solicitation, that nobody answered in the step. */
export interface VainQuestion {
  readonly node: string;
  readonly interface: string;
  readonly family: Family;
  /** The address asked for. */
  readonly target: string;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
}

/** A packet that went no further. */
export interface StuckPacket {
  readonly node: string;
  readonly family: Family;
  readonly destination: string;
  /** The device that its socket is bound to; null where none is known. */
  readonly device: string | null;
  /** When it entered the node; null where the node made it, and nothing shows when. */
  readonly time: bigint | null;
}

/** Labs give a neighbour up after 150 ms (plan/sysctls.ts); a busy machine may take longer. */
const NEARBY_NANOSECONDS = 600_000_000n;

/** The questions in one node's capture that got no answer there. */
export function vainQuestions(devices: Devices, capture: NodeCapture): VainQuestion[] {
  const questions: VainQuestion[] = [];
  const answered = new Set<string>();
  for (const frame of capture.frames) {
    const direction = directionOf(frame);
    const asked = direction === 'out' ? askedTarget(frame) : null;
    const answer = direction === 'in' ? answeredTarget(frame) : null;
    if (asked === null && answer === null) continue;
    const device = devices.of(capture.node, frame)?.name;
    if (device === undefined) continue;
    if (answer !== null) answered.add(`${device} ${answer}`);
    if (asked !== null) questions.push({ node: capture.node, interface: device, time: frame.time, ...asked });
  }
  return questions.filter((question) => !answered.has(`${question.interface} ${question.target}`));
}

/** Target of an ARP request or neighbour solicitation, announcements and duplicate detection left out. */
function askedTarget({ packet }: Frame): { target: string; family: Family } | null {
  if (packet?.kind === 'arp') {
    const asks =
      packet.operation === 'request' && packet.sender !== packet.target && packet.sender !== '0.0.0.0';
    return asks ? { target: packet.target, family: 4 } : null;
  }
  if (packet?.transport?.kind !== 'icmp' || packet.transport.type !== 135 || packet.source === '::')
    return null;
  const target = packet.transport.neighbourTarget;
  return target === null ? null : { target, family: 6 };
}

function answeredTarget({ packet }: Frame): string | null {
  if (packet?.kind === 'arp') return packet.operation === 'reply' ? packet.sender : null;
  if (packet?.transport?.kind !== 'icmp' || packet.transport.type !== 136) return null;
  return packet.transport.neighbourTarget;
}

/**
 * The question on which a packet got stuck, if any. Asked for the packet's own destination it is plain;
 * else (a gateway) it is the first one asked after the packet came, or the last before it. Nothing else tells
 * for a packet that its own node never sent, and of which no time is known.
 */
export function questionFor(questions: readonly VainQuestion[], packet: StuckPacket): VainQuestion | null {
  const { node, family, destination, device, time } = packet;
  const here = questions.filter(
    (each) => each.node === node && each.family === family && (device ?? each.interface) === each.interface,
  );
  if (time === null) return here.find((each) => each.target === destination) ?? null;
  const near = here.filter(
    (each) => each.time >= time - NEARBY_NANOSECONDS && each.time <= time + NEARBY_NANOSECONDS,
  );
  const direct = near.find((each) => each.target === destination);
  return direct ?? near.find((each) => each.time >= time) ?? near.at(-1) ?? null;
}
