import { setTimeout as delay } from 'node:timers/promises';
import { ETHERTYPE_SENTINEL } from '../build/capture.js';
import type { Lab, LabNode } from '../build/lab.js';
import type { Frame } from '../model/packet.js';
import { imbalance } from './conservation.js';
import { interfaceCounts, missingFrames } from './counters.js';

/** A control packet that has not come by then does not come. */
const SENTINEL_TIMEOUT_MS = 5_000;

/** Rounds of control packets until what left one end of every link has entered the other. */
const MOST_ROUNDS = 3;

/** Until then a frame may be on its way, on a machine that is busy with other things. */
const ON_THE_WAY_MS = 500;
const INTERVAL_MS = 20;

export interface SettledCapture {
  readonly sentinel: boolean;
  /** Frames that the capture does not have, as the kernel says or its counts show; null where it did not say. */
  readonly dropped: number | null;
}

/**
 * Makes sure that all captures have delivered what was sent: a control packet in every node, sent after
 * the flows, must come out of its capture. That proves what the node had processed, not what was still
 * on its way to it; so frames are also counted on both ends of each link, and where the counts differ
 * there is another round. Where they still differ, the kernel's own counts tell a link that discarded a
 * frame from a capture that lost it.
 *
 * @param starts how many frames each capture had before the flows.
 */
export async function settleCaptures(
  lab: Lab,
  starts: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, SettledCapture>> {
  const nodes = [...lab.nodes.values()];
  let sentinels: boolean[] = [];
  let round = 0;
  const pass = async (): Promise<boolean> => {
    round++;
    sentinels = await Promise.all(nodes.map((node) => passSentinel(node, starts.get(node.name) ?? 0, round)));
    return !sentinels.includes(false);
  };
  let missing: readonly (number | null)[] = [];
  while (await pass()) {
    if (imbalance(lab, starts) === null) break;
    if (round < MOST_ROUNDS) continue;
    missing = await missingOf(lab, starts, pass);
    break;
  }
  const drops = await Promise.all(nodes.map(({ capture }) => capture.dropped(SENTINEL_TIMEOUT_MS)));
  return new Map(
    nodes.map(({ name }, i) => {
      const [dropped = null, uncounted = 0] = [drops[i], missing[i]];
      const known = dropped !== null && uncounted !== null;
      return [name, { sentinel: sentinels[i] ?? false, dropped: known ? dropped + uncounted : null }];
    }),
  );
}

/**
 * How many frames the capture of each node has lost; null where the kernel does not say. A frame that it
 * counts and the capture does not have is on its way to it at first, and lost later. A frame that no
 * interface counts was discarded by the link, or is between the ports of a segment: only time tells.
 */
async function missingOf(
  lab: Lab,
  starts: ReadonlyMap<string, number>,
  pass: () => Promise<boolean>,
): Promise<readonly (number | null)[]> {
  const nodes = [...lab.nodes.values()];
  const deadline = performance.now() + ON_THE_WAY_MS;
  for (;;) {
    const counts = await Promise.all(nodes.map((node) => interfaceCounts(node, SENTINEL_TIMEOUT_MS)));
    if (!(await pass())) return [];
    const where = imbalance(lab, starts);
    if (where === null) return [];
    const missing = nodes.map((node, i) => missingFrames(node, counts[i] ?? null, lab.plan));
    const discarded = where === 'link' && missing.every((count) => count === 0);
    if (discarded || performance.now() > deadline) return missing;
    await delay(INTERVAL_MS);
  }
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
