import type { Diagnosis } from '../model/diagnosis.js';
import type { NodeState, Passage } from '../model/evidence.js';
import { decisionText, nexthopText } from './decision-text.js';
import type { Facts } from './facts.js';
import { ipRepair } from './repair.js';
import { decide } from './rpdb.js';
import { sourceRule } from './source-rule.js';
import { lengthOf } from './table.js';
import { aimText, decisionEvidence, packetText } from './telling.js';
import { wrongWayIn } from './wrong-way.js';

/** What the kernel calls devices that carry packets inside of others; ip-link(8), TYPE. A VPN's program makes a `tun`. */
const TUNNELS = [
  ...['tun', 'wireguard', 'gre', 'gretap', 'ip6gre', 'ip6gretap', 'ipip', 'sit', 'ip6tnl'],
  ...['vti', 'vti6', 'vxlan', 'geneve', 'xfrm'],
];

/** A VPN's rule or route takes what was to go outside of it. */
export function tunnelRoute(facts: Facts): Diagnosis | null {
  return facts.choice === null ? lostInTunnel(facts) : intoTunnel(facts);
}

function intoTunnel(facts: Facts): Diagnosis | null {
  const way = wrongWayIn(facts);
  if (way === null) return null;
  const { choice, state, decision } = way;
  if (!isTunnel(state, choice.taken) || isTunnel(state, choice.wanted)) return null;
  const { node } = choice.passage;
  return {
    code: 'tunnel-route',
    text: `${node} sends ${packetText(choice.passage)} into the tunnel ${choice.taken}: ${decisionText(decision)}, ${aimText(choice)}`,
    evidence: decisionEvidence(facts, choice.passage),
    repair: sourceRule(facts, way),
  };
}

/** It went into a tunnel by a default, never came back, and would have had another way. */
function lostInTunnel(facts: Facts): Diagnosis | null {
  const { passages, result, stateOf, decisionFor } = facts;
  if (result.lost === null || passages.at(-1)?.leg !== 'request') return null;
  const passage = passages.find((each) => each.out !== null && isTunnelAt(facts, each));
  const state = passage === undefined ? null : stateOf(passage.node);
  if (passage === undefined || state === null) return null;
  const decision = decisionFor(passage);
  if (decision?.end.kind !== 'route' || lengthOf(decision.end.route.destination) > 1) return null;
  const other = decide(without(state, passage.out), decision.query).end;
  const [hop] = other.kind === 'route' ? other.nexthops : [];
  if (hop === undefined || isTunnel(state, hop.device)) return null;
  const { destination } = passage.packet;
  const outside = nexthopText(hop);
  return {
    code: 'tunnel-route',
    text: `${passage.node} sends ${packetText(passage)} into the tunnel ${passage.out}: ${decisionText(decision)}, and outside of it would go ${outside}`,
    evidence: decisionEvidence(facts, passage),
    repair: ipRepair(facts, `send what is for ${destination} outside of the tunnel`, passage.node, [
      `route add ${destination} ${outside} table ${decision.end.table}`,
    ]),
  };
}

function isTunnelAt({ stateOf }: Facts, { node, out }: Passage): boolean {
  const state = stateOf(node);
  return state !== null && isTunnel(state, out);
}

function isTunnel({ devices }: NodeState, name: string | null): boolean {
  return TUNNELS.includes(devices.find((device) => device.name === name)?.kind ?? '');
}

function without(state: NodeState, device: string | null): NodeState {
  const routes = state.routes.filter(({ nexthops }) => nexthops.every((each) => each.device !== device));
  return { ...state, routes };
}
