import type { NodeCapture } from '../model/observation.js';
import type { Frame } from '../model/packet.js';
import type { LabPlan } from '../model/plan.js';
import type { Family } from '../model/topology.js';
import { directionOf, interfaceOf } from './sighting.js';

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
  /** When it entered the node; null where the node made it, and nothing shows when. */
  readonly time: bigint | null;
}

/** Questions are repeated each second (neigh/default/retrans_time_ms, arp(7)), and the packet waits for the answer. */
const NEARBY_NANOSECONDS = 1_500_000_000n;

/** The questions in one node's capture that got no answer there. */
export function vainQuestions(plan: LabPlan, capture: NodeCapture): VainQuestion[] {
  const questions: VainQuestion[] = [];
  const answered = new Set<string>();
  for (const frame of capture.frames) {
    const direction = directionOf(frame);
    if (direction === 'in') {
      const answer = answeredTarget(frame);
      if (answer !== null) answered.add(answer);
    } else if (direction === 'out') {
      const asked = askedTarget(frame);
      const at = asked === null ? null : interfaceOf(plan, capture.node, frame);
      if (asked === null || at === null) continue;
      questions.push({ node: capture.node, interface: at.endpoint.interface, time: frame.time, ...asked });
    }
  }
  return questions.filter((question) => !answered.has(question.target));
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
  const { node, family, destination, time } = packet;
  const here = questions.filter((each) => each.node === node && each.family === family);
  if (time === null) return here.find((each) => each.target === destination) ?? null;
  const near = here.filter(
    (each) => each.time >= time - NEARBY_NANOSECONDS && each.time <= time + NEARBY_NANOSECONDS,
  );
  const direct = near.find((each) => each.target === destination);
  return direct ?? near.find((each) => each.time >= time) ?? near.at(-1) ?? null;
}
