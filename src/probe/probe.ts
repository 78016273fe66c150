import type { Lab, LabNode } from '../build/lab.js';
import type { ObservedFlow, SenderReport, StepObservation } from '../model/observation.js';
import type { FlowPlan } from '../model/plan.js';
import { ping } from './ping.js';
import { openResponders } from './responders.js';
import { settleCaptures } from './settle.js';
import { probeBySocket } from './socket.js';

/**
 * Sends a step's flows, all at once, and gives what the captures saw of them.
 *
 * @throws ResponderError, AgentEnded
 */
export async function probeStep(lab: Lab, plans: readonly FlowPlan[]): Promise<StepObservation> {
  const nodes = [...lab.nodes.values()];
  const starts = new Map(nodes.map(({ name, capture }) => [name, capture.frames.length]));
  const closeResponders = await openResponders(lab, plans);
  const flows = await Promise.all(
    plans.map(async (plan): Promise<ObservedFlow> => ({ plan, sender: await send(lab, plan) })),
  );
  await closeResponders();
  const settled = await settleCaptures(lab, starts);
  return {
    flows,
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

function send(lab: Lab, plan: FlowPlan): Promise<SenderReport> {
  const node = senderOf(lab, plan);
  return plan.flow.probe.protocol === 'icmp' ? ping(node, plan) : probeBySocket(node, plan);
}

function senderOf(lab: Lab, { flow }: FlowPlan): LabNode {
  const node = lab.nodes.get(flow.from);
  if (!node) throw new Error(`the lab has no node ${flow.from}`);
  return node;
}
