import type { Lab, LabNode } from '../build/lab.js';
import type { FlowPlan } from '../model/plan.js';
import { addressToHex } from './hex.js';

/** A responder could not be set up: where, for which flow, and what the system said. */
export class ResponderError extends Error {
  override name = 'ResponderError';
}

interface Listener {
  readonly node: LabNode;
  readonly protocol: 'tcp' | 'udp';
  readonly binding: 'address' | 'pktinfo';
  readonly address: string;
  readonly port: number;
  /** For messages. */
  readonly text: string;
}

/**
 * Opens what answers the flows, once for flows that share it, and returns what closes it again. Echo
 * requests are answered by the kernel.
 *
 * @throws ResponderError for instance where two flows want the same port bound in ways that exclude each other.
 */
export async function openResponders(lab: Lab, flows: readonly FlowPlan[]): Promise<() => Promise<void>> {
  const listeners = new Map<string, Listener>();
  for (const flow of flows) {
    const listener = listenerFor(lab, flow);
    if (listener) listeners.set(listener.text, listener);
  }
  await Promise.all(
    [...listeners.values()].map(async ({ node, protocol, binding, address, port, text }) => {
      const errno = await node.agent.listen(protocol, binding, addressToHex(address), port);
      if (errno === null) return;
      const hint =
        errno === 'EADDRINUSE'
          ? '; flows that want it bound in another way need a port or a step of their own'
          : '';
      throw new ResponderError(`${text}: ${errno}${hint}`);
    }),
  );
  const nodes = new Set([...listeners.values()].map(({ node }) => node));
  return async () => {
    await Promise.all([...nodes].map((node) => node.agent.closeListeners()));
  };
}

function listenerFor(lab: Lab, { flow }: FlowPlan): Listener | null {
  const { protocol, port, responder } = flow.probe;
  const node = flow.answeredBy === null ? undefined : lab.nodes.get(flow.answeredBy);
  if (!node || protocol === 'icmp' || port === null || responder === 'none') return null;
  const address = responder === 'address' ? flow.address : flow.family === 4 ? '0.0.0.0' : '::';
  const binding = responder === 'pktinfo' ? 'pktinfo' : 'address';
  const text = `${node.name} cannot listen on ${protocol}/${port} of ${address} (${responder})`;
  return { node, protocol, binding, address, port, text };
}
