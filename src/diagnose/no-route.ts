import type { Diagnosis, Repair } from '../model/diagnosis.js';
import type { NodeState, Passage } from '../model/evidence.js';
import { contains, parseAddress, parsePrefix } from '../net/address.js';
import { previousHop, requestAt } from './choice.js';
import { nexthopText, prefixText } from './decision-text.js';
import type { Facts } from './facts.js';
import { wayOut } from './gateway.js';
import { ipRepair, isOwn } from './repair.js';
import type { Decision } from './rpdb.js';
import { decisionEvidence, packetText } from './telling.js';
import { vanishedText } from './vanished.js';

/** No rule led to a route. */
export function noRoute(facts: Facts): Diagnosis | null {
  const { stop, decisionFor, stateOf } = facts;
  if (stop === null) return null;
  const [decision, state] = [decisionFor(stop), stateOf(stop.node)];
  if (decision === null || state === null) return null;
  const { end } = decision;
  if (end.kind !== 'none' && end.kind !== 'assumed') return null;
  const assumed =
    end.kind === 'assumed' ? ` and, bound to ${end.device}, takes it for a neighbour there` : '';
  return {
    code: 'no-route',
    text: `${stop.node} has no route for ${packetText(stop)}${assumed}${emptyText(decision)}${lostWith(facts, stop)}`,
    evidence: [...decisionEvidence(facts, stop), ...counted(facts, stop)],
    repair: routeFor(facts, stop, state),
  };
}

/** `: there is none in rt2 (rule 101), main (rule 32766) and default (rule 32767)`. */
function emptyText({ considered }: Decision): string {
  const looked = considered.flatMap(({ rule, table, outcome }) =>
    outcome.kind === 'no-route' && table !== 'local' && table !== null
      ? `${table} (rule ${rule.preference})`
      : [],
  );
  return looked.length === 0 ? ': no rule matches it' : `: there is none in ${looked.join(', ')}`;
}

function lostWith(facts: Facts, { node, out }: Passage): string {
  const names = facts.plan.scenario.topology.nodes.find(({ name }) => name === node)?.interfaces ?? [];
  const devices = out === null ? names.map(({ name }) => name) : [out];
  return devices.map((device) => vanishedText(facts, node, device)).find((text) => text !== '') ?? '';
}

function counted({ evidence }: Facts, { node }: Passage): readonly string[] {
  return Object.entries(evidence.counters.get(node) ?? {})
    .filter(([name]) => /^(Ip|Ip6|IpExt)(In|Out)NoRoutes$/.test(name))
    .map(([name, by]) => `${name} of ${node} rose by ${by} while the flows of the step ran`);
}

/** Back by where the request came from; else a route that another table has, or that the node had when its lab was made. */
function routeFor(facts: Facts, stop: Passage, state: NodeState): Repair | null {
  const { packet, leg, node } = stop;
  const request = leg === 'reply' ? requestAt(node, facts.passages) : null;
  const add = (to: string, hop: string) =>
    ipRepair(facts, `add a route to ${to}`, node, [`route add ${to} ${hop}`]);
  if (request !== null && request.in !== null) {
    const way = wayOut(facts, state, request.in, previousHop(request, facts.passages), packet.destination);
    if (way !== null) {
      const isDefault = way.gateway !== null && isOwn(facts, node);
      return add(isDefault ? 'default' : packet.destination, nexthopText(way));
    }
  }
  const known = state.routes.find(
    ({ type, family, destination }) =>
      type === 'unicast' && family === packet.family && holds(destination, packet.destination),
  );
  const [hop] = known?.nexthops ?? [];
  if (known !== undefined && hop !== undefined) return add(prefixText(known.destination), nexthopText(hop));
  const planned = facts.plan.scenario.topology.nodes
    .find(({ name }) => name === node)
    ?.routes.find(({ family, to }) => family === packet.family && holds(to, packet.destination));
  if (planned === undefined) return null;
  const via = planned.via === null ? [] : [`via ${planned.via}`];
  const dev = planned.dev === null ? [] : [`dev ${planned.dev}`];
  return add(prefixText(planned.to), [...via, ...dev].join(' '));
}

function holds(prefixText: string, destination: string): boolean {
  const [prefix, address] = [parsePrefix(prefixText), parseAddress(destination)];
  return prefix !== null && address !== null && contains(prefix, address);
}
