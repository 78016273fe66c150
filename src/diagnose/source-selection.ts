import type { Diagnosis, Repair } from '../model/diagnosis.js';
import type { HeldAddress } from '../model/evidence.js';
import { contains } from '../net/address.js';
import { decisionText, nexthopText, prefixText } from './decision-text.js';
import type { Facts } from './facts.js';
import { addressesAt, linkOf } from './gateway.js';
import { ipRepair } from './repair.js';
import { decisionEvidence, packetText } from './telling.js';
import { type WrongWay, wrongWayIn } from './wrong-way.js';

/** The kernel chose a source that is not of the interface by which the packet leaves; RFC 6724, ip-route(8) `src`. */
export function sourceSelection(facts: Facts): Diagnosis | null {
  const way = wrongWayIn(facts);
  if (way === null || way.choice.because !== 'source' || facts.flow.probe.bindAddress !== null) return null;
  const { choice, decision } = way;
  const { node, packet, nexthop } = choice.passage;
  const isSegment = choice.taken === choice.wanted;
  const [home, elsewhere] = isSegment ? [choice.nexthop, nexthop] : [choice.wanted, choice.taken];
  const sent = isSegment
    ? `of the network of ${home} and sent it to ${elsewhere}`
    : `of ${home} and sent it by ${elsewhere}`;
  return {
    code: 'source-selection',
    text: `${node} gave ${packetText(choice.passage)} the source ${packet.source} ${sent}: ${decisionText(decision)}`,
    evidence: decisionEvidence(facts, choice.passage),
    repair: withOwnSource(facts, way),
  };
}

/** The same route with an address of its own interface as the source to prefer. */
function withOwnSource(facts: Facts, { choice, state, end, taken }: WrongWay): Repair | null {
  const { family } = facts.flow;
  const routers = choice.passage.nexthop === null ? [] : addressesAt(facts, choice.passage.nexthop);
  const candidates = state.addresses.filter(
    (held) => held.device === choice.taken && held.family === family && held.scope === 'global',
  );
  const isOfRouter = (held: HeldAddress) => {
    const network = linkOf(held);
    return network !== null && routers.some((address) => contains(network, address));
  };
  const own =
    candidates.find(isOfRouter) ?? candidates.find(({ address }) => address !== choice.passage.packet.source);
  if (own === undefined || end.nexthops.length > 1) return null;
  const { destination, metric, source } = end.route;
  const from = source === undefined ? '' : `from ${source} `;
  const preference = metric === 0 ? '' : ` metric ${metric}`;
  return ipRepair(facts, `have ${own.address} chosen for what leaves by ${choice.taken}`, state.node, [
    `route replace ${prefixText(destination)} ${from}${nexthopText(taken)} src ${own.address}${preference} table ${end.table}`,
  ]);
}
