import type { LabNode } from '../build/lab.js';
import type { LabPlan } from '../model/plan.js';

/** What the kernel has counted on one interface since it was made. */
export interface InterfaceCount {
  readonly index: number;
  readonly received: number;
  readonly transmitted: number;
}

/** The kernel's counts of a node's interfaces, ip-link(8); null where it does not say. */
export async function interfaceCounts(
  { agent }: LabNode,
  timeoutMs: number,
): Promise<InterfaceCount[] | null> {
  const { exit, stdout } = await agent.run(['ip', '-o', '-s', 'link', 'show'], { timeoutMs });
  return exit === 0 ? parseCounts(stdout) : null;
}

function parseCounts(text: string): InterfaceCount[] {
  return [...text.matchAll(/^(\d+): .* RX: [^\\]*\\ *\d+ +(\d+) .* TX: [^\\]*\\ *\d+ +(\d+) /gm)].map(
    ([, index, received, transmitted]) => ({
      index: Number(index),
      received: Number(received),
      transmitted: Number(transmitted),
    }),
  );
}

/**
 * At least how many of the counted frames the capture of the node does not have; null where nothing was
 * counted. What it has beyond the count (a frame that the link discarded, one that came after the count)
 * hides one that it lost.
 */
export function missingFrames(
  { name, capture }: Pick<LabNode, 'name' | 'capture'>,
  counts: readonly InterfaceCount[] | null,
  { interfaces }: Pick<LabPlan, 'interfaces'>,
): number | null {
  if (counts === null) return null;
  const captured = new Map<number, { in: number; out: number }>();
  for (const { interfaceIndex, packetType } of capture.frames) {
    const each = captured.get(interfaceIndex) ?? { in: 0, out: 0 };
    captured.set(interfaceIndex, each);
    each[packetType === 'outgoing' ? 'out' : 'in']++;
  }
  let missing = 0;
  for (const { index, received, transmitted } of counts) {
    if (interfaces.get(index)?.endpoint.node !== name) continue;
    const each = captured.get(index) ?? { in: 0, out: 0 };
    missing += Math.max(0, received - each.in) + Math.max(0, transmitted - each.out);
  }
  return missing;
}
