import { requestAt } from './choice.js';
import { decisionText } from './decision-text.js';
import type { CauseFinder } from './facts.js';

/**
 * A program bound to no address answers a datagram without saying from which one: its answer is routed first, and takes its
 * source from the route. ip(7), "IP_PKTINFO"; RFC 1122, 4.1.3.5.
 */
export const udpSource: CauseFinder = (facts) => {
  const { flow, passages } = facts;
  const { protocol, responder } = flow.probe;
  if (protocol !== 'udp' || responder !== 'wildcard') return null;
  const reply = passages.find(({ leg, in: entered }) => leg === 'reply' && entered === null);
  const request = reply === undefined ? null : requestAt(reply.node, passages);
  if (reply === undefined || request === null || reply.packet.isRefusal || reply.packet.source === null)
    return null;
  const asked = request.packet.destination;
  if (reply.packet.source === asked) return null;
  const decision = facts.decisionFor(reply);
  return {
    code: 'udp-source',
    text: `the program at ${reply.node} is bound to no address and left the source of its answer to the route: ${reply.packet.source} instead of ${asked}`,
    evidence:
      decision === null ? [] : [`${reply.node}: looked up without a source: ${decisionText(decision)}`],
    repair: {
      text: 'have the program answer from the address that was asked (IP_PKTINFO), or bind it to that address',
      deeds: [],
      probe: { responder: 'pktinfo' },
      isAdvice: true,
    },
  };
};
