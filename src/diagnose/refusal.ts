import type { Repair } from '../model/diagnosis.js';
import type { Passage } from '../model/evidence.js';
import type { Refusal } from '../model/flow-result.js';
import { requestAt } from './choice.js';
import { decisionText, nexthopText, prefixText } from './decision-text.js';
import type { CauseFinder, Facts } from './facts.js';
import { ipRepair } from './repair.js';

/** Nobody listens: the node asked refuses it itself, by a reset (RFC 9293, 3.10.7.1) or a port unreachable (RFC 1122, 4.1.3.1). */
export const noListener: CauseFinder = ({ result, flow, passages, stop, ...facts }) => {
  const { refusal } = result;
  const { probe, answeredBy } = flow;
  // Where packets fared differently, somebody listened.
  if (result.verdict === 'mixed' && probe.responder !== 'none') return null;
  const isSilent = probe.responder === 'none' && stop?.end === 'missing' && stop.node === answeredBy;
  const by = isSilent ? answeredBy : result.by;
  if (by === null || (!isSilent && (refusal === null || !isOfPort(refusal)))) return null;
  const request = requestAt(by, passages);
  if (request?.end !== 'delivered' && by !== answeredBy) return null;
  const port = request?.packet.destinationPort ?? probe.port;
  const at = request?.packet.destination ?? flow.address;
  const nobody = `nobody listens on ${probe.protocol}/${port} of ${at} at ${by}`;
  return {
    code: 'no-listener',
    text: isSilent ? `${nobody}, and no refusal left it either` : nobody,
    evidence: refusal === null ? [] : [refusalText(by, refusal)],
    repair:
      probe.responder === 'none' && by === answeredBy
        ? {
            text: 'start a program that listens there',
            deeds: [],
            // On another address somebody may listen: both have a place only where neither takes all addresses.
            probe: { responder: at === flow.address ? 'address' : 'wildcard' },
            isAdvice: isJudged(facts, by),
          }
        : null,
  };
};

function isJudged({ plan }: Pick<Facts, 'plan'>, node: string): boolean {
  return node === plan.scenario.topology.nodeUnderTest;
}

function isOfPort({ kind, type, code }: Refusal): boolean {
  if (kind === 'tcp-reset') return true;
  return kind === 'icmp' ? type === 3 && code === 3 : type === 1 && code === 4;
}

/** The time to live of the packet was used up: type 11 of RFC 792, type 3 of RFC 4443. */
export const ttlExceeded: CauseFinder = (facts) => {
  const { refusal, by } = facts.result;
  if (by === null || refusal === null || refusal.type !== (refusal.kind === 'icmp' ? 11 : 3)) return null;
  if (refusal.kind === 'tcp-reset') return null;
  const request = facts.passages.filter(({ leg }) => leg === 'request');
  const nodes = request.map(({ node }) => node);
  const again = [...new Set(nodes.filter((node, i) => nodes.indexOf(node) !== i))];
  const text =
    again.length > 1
      ? `the packet went round between ${again.join(' and ')} until its time to live was used up`
      : `the time to live of the packet was used up at ${by}`;
  const turn = request.find((passage) => passage.in !== null && passage.in === passage.out);
  const back = turn === undefined ? null : turnedBack(facts, turn);
  return {
    code: 'ttl-exceeded',
    text: back === null ? text : `${text}; ${back.text}`,
    evidence: [refusalText(by, refusal)],
    repair: back?.repair ?? null,
  };
};

/** The node that sends a packet back to where it came from, and what becomes of it without that route. */
function turnedBack(facts: Facts, passage: Passage): { text: string; repair: Repair } | null {
  const decision = facts.decisionFor(passage);
  if (decision?.end.kind !== 'route') return null;
  const { route, nexthops } = decision.end;
  const [nexthop] = nexthops;
  if (nexthop === undefined || nexthops.length > 1) return null;
  const command = `route del ${prefixText(route.destination)} ${nexthopText(nexthop)} table ${route.table}`;
  return {
    text: `${passage.node} sends it back by ${passage.out}: ${decisionText(decision)}`,
    repair: ipRepair(facts, 'take away the route that sends it back', passage.node, [command]),
  };
}

export function refusalText(by: string, { kind, type, code }: Refusal): string {
  if (kind === 'tcp-reset') return `${by} sent a TCP reset`;
  return `${by} sent an ${kind === 'icmp' ? 'ICMP' : 'ICMPv6'} error of type ${type}, code ${code}`;
}
