import type { Diagnosis } from '../model/diagnosis.js';
import type { Passage } from '../model/evidence.js';
import { type Endpoint, endpointText } from '../model/topology.js';
import type { CauseFinder, Facts } from './facts.js';
import { deedAt, isOwn, shellDeed } from './repair.js';
import { reversePathDrop } from './reverse-path.js';
import { nexthopsOf } from './rpdb.js';
import { interfaceKey, replyAt, sysctlOf } from './where.js';

/**
 * The request came in by another interface than the one that has the address, on the same segment: that one answered ARP
 * for it, as Linux does unless told otherwise; arp_ignore and arp_filter in Documentation/networking/ip-sysctl.rst.
 */
export const arpFlux: CauseFinder = (facts) => {
  const { result, passages, plan } = facts;
  if (result.verdict === 'symmetric' && result.status === 'passed') return null;
  const request = passages.find(({ leg, end }) => leg === 'request' && end === 'delivered');
  if (request === undefined || request.in === null || request.packet.family !== 4) return null;
  const { node, in: entered, packet } = request;
  const state = facts.stateOf(node);
  const held = state?.addresses.find(({ address }) => address === packet.destination);
  if (held === undefined || held.device === entered || held.device === 'lo') return null;
  const ports = [...plan.interfaces.values()];
  const port = ports.find(({ endpoint }) => endpointText(endpoint) === `${node}:${entered}`);
  const isSegment = port?.neighbours.some((each) => endpointText(each) === `${node}:${held.device}`);
  if (port === undefined || isSegment !== true) return null;
  if (!isWhy(facts, request, held.device)) return null;
  const asker = askerOf(facts, node);
  const known =
    asker === null
      ? undefined
      : facts.stateOf(asker.node)?.neighbours.find(({ address }) => address === packet.destination);
  // What it has is another node's answer, or its own interface's: then something else led the packet here.
  if (known?.mac !== undefined && known.mac !== null && known.mac !== port.mac) return null;
  return {
    code: 'arp-flux',
    text: `ARP for ${packet.destination} was answered with the layer-2 address of ${node}'s ${entered}, though ${held.device} has it`,
    evidence: [
      ...(known === undefined || asker === null
        ? []
        : [`${asker.node}: ${packet.destination} dev ${known.device} lladdr ${known.mac} ${known.state}`]),
      ...['arp_ignore', 'arp_announce', 'arp_filter'].map(
        (name) => `${node}: ${name} is ${settingOf(facts, node, entered, name)} on ${entered}`,
      ),
    ],
    repair: repairOf(facts, node, asker, packet.destination),
  } satisfies Diagnosis;
};

/**
 * Whether it would have gone otherwise by the interface that has the address: the reply left by that one, or the way back that a
 * reverse-path filter looks for is by it, or that is where the scenario expects the request.
 */
function isWhy(facts: Facts, { node }: Passage, holder: string): boolean {
  const { result, passages } = facts;
  if (result.at === node && result.expected.request?.in === holder) return true;
  const back = reversePathDrop(facts);
  if (back !== null) return nexthopsOf(back.decision).some(({ device }) => device === holder);
  return result.verdict === 'asymmetric' && replyAt(node, passages)?.out === holder;
}

/** Who sent it to that node, and so had to ask. */
function askerOf({ passages }: Facts, node: string): Endpoint | null {
  const request = passages.filter(({ leg }) => leg === 'request');
  const before = request[request.findIndex((each) => each.node === node) - 1];
  return before === undefined || before.out === null ? null : { node: before.node, interface: before.out };
}

function settingOf(facts: Facts, node: string, device: string, name: string): number {
  return Math.max(...['all', device].map((each) => sysctlOf(facts, node, interfaceKey(4, each, name))));
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
      : [shellDeed(facts, asker.node, `ip neighbour flush to ${address} dev ${asker.interface}`)];
  return {
    text: 'have each interface answer ARP for its own address alone',
    deeds: [deedAt(facts, node, { kind: 'sysctl', settings }), ...forget],
    isAdvice: isOwn(facts, node),
  } as const;
}
