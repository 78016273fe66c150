import type { Cause, Refusal } from '../model/flow-result.js';
import type { ObservedFlow } from '../model/observation.js';
import type { Exchange } from './exchange.js';
import type { Stop } from './loss.js';

/** Why an exchange ended as it did, as far as packets and the sender's error tell; null where they do not. */
export function causeOf(
  exchange: Exchange,
  stop: Stop | null,
  { plan, sender: { errno } }: ObservedFlow,
): Cause | null {
  if (exchange.outcome === 'send-failed') {
    return { code: 'local-refusal', text: `the local system refused to send: ${errno}`, evidence: [] };
  }
  const { refusal, standIn } = exchange;
  const told = refusal === null ? [] : [refusalText(refusal, exchange.reply[0]?.node ?? null)];
  if (stop?.question) {
    const { node, interface: device, target } = stop.question;
    return {
      code: 'neighbour-unresolved',
      text: `${node} asked on ${device} for the layer-2 address of ${target}, and nobody answered`,
      evidence: told,
    };
  }
  if (refusal === null && standIn !== null) {
    const { answeredBy } = plan.flow;
    const text =
      answeredBy === null
        ? `${standIn} answered, and the topology gives no node the address asked`
        : `${standIn} answered in the place of ${answeredBy}`;
    return { code: 'answered-elsewhere', text, evidence: [] };
  }
  if (refusal === null) return null;
  return { code: refusal.kind === 'tcp-reset' ? 'tcp-reset' : 'icmp-error', text: told.join(), evidence: [] };
}

function refusalText({ kind, type, code }: Refusal, by: string | null): string {
  const sender = by ?? 'an unknown node';
  if (kind === 'tcp-reset') return `${sender} sent a TCP reset`;
  const protocol = kind === 'icmp' ? 'ICMP' : 'ICMPv6';
  return `${sender} sent an ${protocol} error of type ${type}, code ${code}`;
}
