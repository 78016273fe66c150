import type { Lab, LabNode } from '../build/lab.js';
import type { ObservedFlow, SenderReport, StepObservation } from '../model/observation.js';
import type { FlowPlan } from '../model/plan.js';
import { trackedConnections } from './connections.js';
import { Pace } from './pace.js';
import { ping } from './ping.js';
import { openResponders } from './responders.js';
import { settleCaptures } from './settle.js';
import { probeBySocket } from './socket.js';

/**
 * Sends a step's flows, all at once but for the tuples of one, and gives what the captures saw of them.
 *
 * @param meanwhile what is done while they run, beginning with them; the signal says where it is not to go on.
 * @throws ResponderError, AgentEnded, and what `meanwhile` rejects with
 */
export async function probeStep(
  lab: Lab,
  plans: readonly FlowPlan[],
  meanwhile: (signal: AbortSignal) => Promise<void> = async () => {},
): Promise<StepObservation> {
  const nodes = [...lab.nodes.values()];
  const starts = new Map(nodes.map(({ name, capture }) => [name, capture.frames.length]));
  const closeResponders = await openResponders(lab, plans);
  const begun = BigInt(Date.now()) * 1_000_000n;
  const pace = new Pace();
  const flows = await together(
    plans.map(async (plan): Promise<ObservedFlow> => {
      const sending = () => send(lab, plan);
      return { plan, sender: await (plan.flow.tuples === undefined ? sending() : pace.run(sending)) };
    }),
    meanwhile,
  );
  await closeResponders();
  const settled = await settleCaptures(lab, starts);
  const connections = (await Promise.all(nodes.map(trackedConnections))).flat();
  return {
    begun,
    flows,
    connections,
    captures: nodes.map(({ name, capture, captureLive }) => ({
      node: name,
      frames: capture.frames.slice(starts.get(name)),
      devices: capture.devices,
      liveBefore: captureLive,
      alive: capture.alive,
      dropped: settled.get(name)?.dropped ?? null,
      sentinel: settled.get(name)?.sentinel ?? false,
    })),
  };
}

async function together<T>(
  flows: readonly Promise<T>[],
  meanwhile: (signal: AbortSignal) => Promise<void>,
): Promise<T[]> {
  const giveUp = new AbortController();
  try {
    const [ended] = await Promise.all([Promise.all(flows), meanwhile(giveUp.signal)]);
    return ended;
  } finally {
    giveUp.abort();
  }
}

function send(lab: Lab, plan: FlowPlan): Promise<SenderReport> {
  const node = senderOf(lab, plan);
  return plan.flow.probe.protocol === 'icmp' ? ping(node, plan) : probeBySocket(node, plan);
}

function senderOf(lab: Lab, { flow }: FlowPlan): LabNode {
  const node = lab.nodes.get(flow.from);
  if (!node) throw new Error(`the lab has no node ${flow.from}`);
  return node;
}
