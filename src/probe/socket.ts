import type { LabNode } from '../build/lab.js';
import type { SenderReport } from '../model/observation.js';
import type { FlowPlan } from '../model/plan.js';
import { payloadText } from '../net/payload.js';
import { addressToHex } from './hex.js';

/** A TCP connection with rounds of data both ways, or UDP datagrams, by the node's agent. */
export async function probeBySocket(node: LabNode, plan: FlowPlan): Promise<SenderReport> {
  const { flow, token, sourcePort, destinationPort } = plan;
  const { probe } = flow;
  const protocol = probe.protocol === 'tcp' ? 'tcp' : 'udp';
  const payloads = Array.from({ length: probe.count }, (_, i) =>
    payloadText(token, 'q', i + 1).padEnd(probe.size, '.'),
  );
  const { phase, refusal, refused, error, sent, answers } = await node.agent.probe(protocol, {
    address: addressToHex(flow.address),
    port: destinationPort ?? 0,
    bindAddress: probe.bindAddress === null ? '' : addressToHex(probe.bindAddress),
    bindPort: sourcePort ?? 0,
    bindDevice: probe.bindDevice ?? '',
    timeoutMs: probe.timeoutMs,
    intervalMs: probe.stream?.intervalMs ?? 0,
    payloads,
  });
  const errors = [refusal, error].flatMap((errno) => (errno === null ? [] : [`, ${errno}`])).join('');
  return {
    errno: refusal,
    refused,
    sent,
    answers,
    text: `${protocol}: ${phase}, ${answers} of ${sent} answered${errors}`,
  };
}
