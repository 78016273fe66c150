import type { Family } from '../model/family.js';
import type { NodeCapture } from '../model/observation.js';
import type { Frame } from '../model/packet.js';
import type { Devices, SeenDevice } from './device.js';
import { directionOf } from './sighting.js';

/** A question for a layer-2 address, by ARP or neighbour solicitation, that nobody answered in the step. */
export interface VainQuestion {
  readonly node: string;
  readonly interface: string;
  readonly family: Family;
  /** The address asked for. */
  readonly target: string;
  /** The address for which it is asked: the source of the packet that waits, where the node has that one (arp_announce 0). */
  readonly sender: string;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
}

/** A packet that went no further. */
export interface StuckPacket {
  readonly node: string;
  readonly family: Family;
  readonly destination: string;
  /** Null where nothing shows it. */
  readonly source: string | null;
  /** The device that its socket is bound to; null where none is known. */
  readonly device: string | null;
  /** When it entered the node; null where the node made it, and nothing shows when. */
  readonly time: bigint | null;
}

/** Labs give a neighbour up after 150 ms (plan/sysctls.ts); a busy machine may take longer. */
const NEARBY_NANOSECONDS = 600_000_000n;

/**
 * The questions in one node's capture that got no answer there. What comes in by a port of a bridge is the bridge's, the
 * answer to a question of the port's own too; and what a bridge shows itself, the ports only pass on.
 */
export function vainQuestions(devices: Devices, capture: NodeCapture): VainQuestion[] {
  const questions: { readonly question: VainQuestion; readonly device: SeenDevice }[] = [];
  const answered = new Set<string>();
  const bridged = new Set<string>();
  for (const frame of capture.frames) {
    const direction = directionOf(frame);
    const asked = askedTarget(frame);
    const answer = direction === 'in' ? answeredTarget(frame) : null;
    if (asked === null && answer === null) continue;
    const device = devices.of(capture.node, frame);
    if (device === null) continue;
    if (answer !== null && !device.isPort) answered.add(`${device.name} ${answer}`);
    if (asked === null) continue;
    if (!device.isPort) bridged.add(passageOf(device, asked));
    const question = { node: capture.node, interface: device.name, time: frame.time, ...asked };
    if (direction === 'out') questions.push({ question, device });
  }
  return questions.flatMap(({ question, device }) => {
    const isPassedOn = device.isPort && bridged.has(passageOf(device, question));
    return isPassedOn || answered.has(`${device.name} ${question.target}`) ? [] : [question];
  });
}

function passageOf(
  { segment }: SeenDevice,
  { sender, target }: Pick<VainQuestion, 'sender' | 'target'>,
): string {
  return `${segment} ${sender} ${target}`;
}

/** Target of an ARP request or neighbour solicitation, announcements and duplicate detection left out. */
function askedTarget({ packet }: Frame): Pick<VainQuestion, 'target' | 'sender' | 'family'> | null {
  if (packet?.kind === 'arp') {
    const asks =
      packet.operation === 'request' && packet.sender !== packet.target && packet.sender !== '0.0.0.0';
    return asks ? { target: packet.target, sender: packet.sender, family: 4 } : null;
  }
  if (packet?.transport?.kind !== 'icmp' || packet.transport.type !== 135 || packet.source === '::')
    return null;
  const target = packet.transport.neighbourTarget;
  return target === null ? null : { target, sender: packet.source, family: 6 };
}

/** The hop limit of an advertisement that no router has passed on: another is no answer, RFC 4861, 7.1.2. */
const UNFORWARDED = 255;

function answeredTarget({ packet }: Frame): string | null {
  if (packet?.kind === 'arp') return packet.operation === 'reply' ? packet.sender : null;
  if (packet?.transport?.kind !== 'icmp' || packet.transport.type !== 136) return null;
  return packet.ttl === UNFORWARDED ? packet.transport.neighbourTarget : null;
}

/**
 * The question on which a packet got stuck, if any. Asked for the packet's own destination it is plain;
 * else (a gateway) it is the first one asked after the packet came, or the last before it. Of several such it is the one
 * that was asked for the packet's source. Nothing else tells for a packet that its own node never sent, and of which no time is known.
 */
export function questionFor(questions: readonly VainQuestion[], packet: StuckPacket): VainQuestion | null {
  const { node, family, destination, source, device, time } = packet;
  const here = questions.filter(
    (each) => each.node === node && each.family === family && (device ?? each.interface) === each.interface,
  );
  const first = (among: readonly VainQuestion[]) => among.find((each) => each.sender === source) ?? among[0];
  const direct = (among: readonly VainQuestion[]) =>
    first(among.filter((each) => each.target === destination));
  if (time === null) return direct(here) ?? null;
  const near = here.filter(
    (each) => each.time >= time - NEARBY_NANOSECONDS && each.time <= time + NEARBY_NANOSECONDS,
  );
  return direct(near) ?? first(near.filter((each) => each.time >= time)) ?? near.at(-1) ?? null;
}
