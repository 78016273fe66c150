import { ETHERTYPE_SENTINEL } from '../build/capture.js';
import type { Lab, LabNode } from '../build/lab.js';
import type { Frame } from '../model/packet.js';

/** A control packet that has not come by then does not come. */
const SENTINEL_TIMEOUT_MS = 5_000;

/** Rounds of control packets until what left one end of every link has entered the other. */
const MOST_ROUNDS = 3;

export interface SettledCapture {
  readonly sentinel: boolean;
  readonly dropped: number | null;
}

/**
 * Makes sure that all captures have delivered what was sent: a control packet in every node, sent after
 * the flows, must come out of its capture. That proves what the node had processed, not what was still
 * on its way to it; so packets are also counted on both ends of each link, and where the counts differ
 * there is another round.
 *
 * @param starts how many frames each capture had before the flows.
 */
export async function settleCaptures(
  lab: Lab,
  starts: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, SettledCapture>> {
  const nodes = [...lab.nodes.values()];
  let sentinels: boolean[] = [];
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    sentinels = await Promise.all(nodes.map((node) => passSentinel(node, starts.get(node.name) ?? 0, round)));
    if (sentinels.includes(false) || isConserved(lab, starts)) break;
  }
  const drops = await Promise.all(nodes.map(({ capture }) => capture.dropped(SENTINEL_TIMEOUT_MS)));
  return new Map(
    nodes.map(({ name }, i) => [name, { sentinel: sentinels[i] ?? false, dropped: drops[i] ?? null }]),
  );
}

async function passSentinel({ agent, capture }: LabNode, start: number, round: number): Promise<boolean> {
  const text = `sentinel ${start} ${round}`;
  let seen = start;
  const arrived = () => {
    for (; seen < capture.frames.length; seen++) if (isSentinel(capture.frames[seen], text)) return true;
    return false;
  };
  if ((await agent.sendSentinel(text)) !== null) return false;
  return capture.until(arrived, SENTINEL_TIMEOUT_MS);
}

function isSentinel(frame: Frame | undefined, text: string): boolean {
  if (frame?.etherType !== ETHERTYPE_SENTINEL || frame.packetType === 'outgoing') return false;
  return Buffer.from(frame.payload).toString('latin1') === text;
}

/** Whether every veth shows as many frames in at one end as out at the other, since the flows began. */
function isConserved(lab: Lab, starts: ReadonlyMap<string, number>): boolean {
  const balance = new Map<string, number>();
  for (const { name, capture } of lab.nodes.values()) {
    for (const frame of capture.frames.slice(starts.get(name) ?? 0)) {
      const wire = lab.plan.interfaces.get(frame.interfaceIndex);
      if (!wire?.pointToPoint) continue;
      const out = frame.packetType === 'outgoing';
      const far = wire.neighbours[0];
      const sender = out ? wire.endpoint : far;
      const key = `${sender?.node}:${sender?.interface}`;
      balance.set(key, (balance.get(key) ?? 0) + (out ? 1 : -1));
    }
  }
  return [...balance.values()].every((count) => count === 0);
}
