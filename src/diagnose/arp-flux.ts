import type { Diagnosis } from '../model/diagnosis.js';
import type { Passage } from '../model/evidence.js';
import type { FlowResult } from '../model/flow-result.js';
import { type Endpoint, endpointText } from '../model/topology.js';
import { requestAt } from './choice.js';
import type { CauseFinder, Facts } from './facts.js';
import { deedAt, isOwn, shellDeed } from './repair.js';
import { reversePathDrop } from './reverse-path.js';
import { nexthopsOf } from './rpdb.js';
import { replyAt, settingOf } from './where.js';

/**
 * The request, or the reply, came in by another interface than the one that has the address, on the same segment: that one answered ARP
 * for it, as Linux does unless told otherwise; arp_ignore and arp_filter in Documentation/networking/ip-sysctl.rst.
 */
export const arpFlux: CauseFinder = (facts) => {
  const { result, passages } = facts;
  if (result.verdict === 'symmetric' && result.status === 'passed') return null;
  for (const passage of passages.filter((each) => hasArrived(each, result))) {
    const found = fluxAt(facts, passage);
    if (found !== null) return found;
  }
  return null;
};

/** Whether a packet came to the node that it was for, be it that its program did not get it. */
function hasArrived({ end, node }: Passage, { from, lost }: FlowResult): boolean {
  return end === 'delivered' || (end === 'stopped' && lost?.reason === 'not-taken' && node === from);
}

function fluxAt(facts: Facts, arrived: Passage): Diagnosis | null {
  const { node, in: entered, packet } = arrived;
  if (entered === null || packet.family !== 4) return null;
  const state = facts.stateOf(node);
  const held = state?.addresses.find(({ address }) => address === packet.destination);
  if (held === undefined || held.device === entered || held.device === 'lo') return null;
  const ports = [...facts.plan.interfaces.values()];
  const port = ports.find(({ endpoint }) => endpointText(endpoint) === `${node}:${entered}`);
  const isSegment = port?.neighbours.some((each) => endpointText(each) === `${node}:${held.device}`);
  if (port === undefined || isSegment !== true) return null;
  if (!isWhy(facts, arrived, held.device)) return null;
  const asker = askerOf(facts, arrived);
  const known =
    asker === null
      ? undefined
      : facts.stateOf(asker.node)?.neighbours.find(({ address }) => address === packet.destination);
  // What it has is another node's answer, or its own interface's: then something else led the packet here.
  if (known?.mac !== undefined && known.mac !== null && known.mac !== port.mac) return null;
  return {
    code: 'arp-flux',
    text:
      asker !== null && known?.state === 'PERMANENT'
        ? `${asker.node} was given the layer-2 address of ${node}'s ${entered} for ${packet.destination}, though ${held.device} has it`
        : `ARP for ${packet.destination} was answered with the layer-2 address of ${node}'s ${entered}, though ${held.device} has it`,
    evidence: [
      ...(known === undefined || asker === null
        ? []
        : [`${asker.node}: ${packet.destination} dev ${known.device} lladdr ${known.mac} ${known.state}`]),
      ...['arp_ignore', 'arp_announce', 'arp_filter'].map(
        (name) => `${node}: ${name} is ${settingOf(facts, node, entered, name)} on ${entered}`,
      ),
    ],
    repair: repairOf(facts, node, asker, packet.destination),
  };
}

/**
 * Whether it would have gone otherwise by the interface that has the address: the reply left by that one, or the way back that a
 * reverse-path filter looks for is by it, or that is where the scenario expects the request.
 */
function isWhy(facts: Facts, { node, leg }: Passage, holder: string): boolean {
  const { result, passages } = facts;
  // A socket that is bound to a device takes nothing that comes in by another. Of TCP the handshake goes astray, and no data follow.
  const isAsymmetric = result.verdict === 'asymmetric' || result.verdict === 'mixed';
  if (leg === 'reply') {
    if (result.at !== node) return false;
    return (
      result.expected.reply?.in === holder || (isAsymmetric && requestAt(node, passages)?.out === holder)
    );
  }
  if (result.at === node && result.expected.request?.in === holder) return true;
  const back = reversePathDrop(facts);
  if (back !== null) return nexthopsOf(back.decision).some(({ device }) => device === holder);
  return isAsymmetric && replyAt(node, passages)?.out === holder;
}

/** Who sent it there, and so had to ask. */
function askerOf({ passages }: Facts, arrived: Passage): Endpoint | null {
  const way = passages.filter(({ leg }) => leg === arrived.leg);
  const before = way[way.indexOf(arrived) - 1];
  return before === undefined || before.out === null ? null : { node: before.node, interface: before.out };
}

/** Each interface answers and asks for its own address alone; and who has learnt otherwise forgets it. */
function repairOf(facts: Facts, node: string, asker: Endpoint | null, address: string) {
  const settings = [
    ['net.ipv4.conf.all.arp_ignore', '1'],
    ['net.ipv4.conf.all.arp_announce', '2'],
  ] as const;
  const forget =
    asker === null
      ? []
      : [shellDeed(facts, asker.node, `ip neighbour flush to ${address} dev ${asker.interface} nud all`)];
  return {
    text: 'have each interface answer ARP for its own address alone',
    deeds: [deedAt(facts, node, { kind: 'sysctl', settings }), ...forget],
    isAdvice: isOwn(facts, node),
  } as const;
}
