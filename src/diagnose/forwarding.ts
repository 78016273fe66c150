import type { Repair } from '../model/diagnosis.js';
import type { NodeState, Passage } from '../model/evidence.js';
import type { CauseFinder, Facts } from './facts.js';
import { deedAt, ipRepair, isOwn } from './repair.js';
import { interfaceKey, sysctlOf } from './where.js';

/**
 * A packet for an address that the node does not have, and a node that does not forward: of IPv4 the interface by which it
 * came decides (`forwarding`, which ip_forward sets), of IPv6 also `all`; Documentation/networking/ip-sysctl.rst.
 */
export const forwardingOff: CauseFinder = (facts) => {
  const { stop } = facts;
  const passage = stop?.end === 'stopped' ? stop : null;
  if (passage === null || passage.in === null || isLocal(facts, passage)) return null;
  const { node, packet } = passage;
  const { family } = packet;
  const key = interfaceKey(family, family === 4 ? passage.in : 'all', 'forwarding');
  const setting = facts.stateOf(node)?.sysctls.get(key);
  if (setting !== '0') return null;
  const switches = family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding';
  return {
    code: 'forwarding-off',
    text: `${node} does not forward: ${key} is 0, and ${packet.destination} is none of its addresses`,
    evidence: [`${node}: ${switches} = ${sysctlOf(facts, node, switches)}`],
    repair: {
      text: 'let it forward',
      deeds: [deedAt(facts, node, { kind: 'sysctl', settings: [[switches, '1']] })],
      isAdvice: isOwn(facts, node),
    },
  };
};

/** The node that is to answer got a packet for an address that it does not have, and drops it or sends it on. */
export const notLocal: CauseFinder = (facts) => {
  const { answeredBy } = facts.flow;
  const request = facts.passages.findLast(({ leg, node }) => leg === 'request' && node === answeredBy);
  const { verdict } = facts.result;
  if (request === undefined || (verdict !== 'no-reply' && verdict !== 'request-lost')) return null;
  const state = facts.stateOf(request.node);
  if (state === null || request.in === null || has(state, request.packet.destination)) return null;
  if (isLocal(facts, request)) return null;
  const { node, packet } = request;
  return {
    code: 'not-local',
    text: `${node} has no address ${packet.destination}, so that the packet is not for it`,
    evidence: [`${node} has ${addressesOf(state, packet.family).join(', ')}`],
    repair: adding(facts, request),
  };
};

function adding(facts: Facts, { node, packet }: Passage): Repair {
  const length = packet.family === 4 ? '32' : '128 nodad';
  return ipRepair(facts, `give ${node} the address`, node, [
    `address add ${packet.destination}/${length} dev lo`,
  ]);
}

function isLocal(facts: Facts, passage: Passage): boolean {
  const decision = facts.decisionFor(passage);
  return decision?.end.kind === 'route' && decision.end.route.type !== 'unicast';
}

function has({ addresses }: NodeState, address: string): boolean {
  return addresses.some((each) => each.address === address);
}

function addressesOf({ addresses }: NodeState, family: 4 | 6): string[] {
  return addresses.flatMap((each) => (each.family === family && each.scope === 'global' ? each.address : []));
}
