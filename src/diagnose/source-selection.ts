import type { Diagnosis, Repair } from '../model/diagnosis.js';
import type { HeldAddress } from '../model/evidence.js';
import { contains } from '../net/address.js';
import { decisionText, prefixText } from './decision-text.js';
import type { Facts } from './facts.js';
import { addressesAt, linkOf } from './gateway.js';
import { hopWords } from './hop-words.js';
import { ipRepair, isOwn, natScript, shellDeed } from './repair.js';
import { type Decision, decide, nexthopsOf } from './rpdb.js';
import { decisionEvidence, packetText } from './telling.js';
import { isWanted, type WrongWay, wayIn } from './wrong-way.js';

/** The kernel chose a source that is not of the interface by which the packet leaves; RFC 6724, ip-route(8) `src`. */
export function sourceSelection(facts: Facts): Diagnosis | null {
  const way = wayIn(facts);
  if (way === null || way.choice.because !== 'source' || facts.flow.probe.bindAddress !== null) return null;
  if (isWellChosen(facts, way)) return null;
  const { choice, decision } = way;
  const { node, packet, nexthop } = choice.passage;
  const isSegment = choice.taken === choice.wanted;
  const [home, elsewhere] = isSegment ? [choice.nexthop, nexthop] : [choice.wanted, choice.taken];
  const sent = isSegment
    ? `of the network of ${home} and sent it to ${elsewhere}`
    : `of ${home} and sent it by ${elsewhere}`;
  const text = `${node} gave ${packetText(choice.passage)} the source ${packet.source} ${sent}: ${decisionText(decision)}`;
  if (decision.query.mark !== 0) return chosenAheadOfMark(facts, way, text);
  const without = choiceWithout(way);
  const first =
    without === null
      ? ''
      : `, because nothing led anywhere as long as it had none (${decisionText(without)})`;
  return {
    code: 'source-selection',
    text: `${text}${first}`,
    evidence: decisionEvidence(facts, choice.passage),
    repair: without === null ? withOwnSource(facts, way) : foundWithout(facts, way),
  };
}

/**
 * The route that gave the packet its source leads where that belongs, and a rule took it elsewhere once it had that source:
 * IPv4 looks up twice; ip_route_connect in the kernel's include/net/route.h.
 */
function isWellChosen(facts: Facts, way: WrongWay): boolean {
  const { query } = way.decision;
  if (query.family === 6 || query.source === null || query.mark !== 0) return false;
  const first = decide(way.state, { ...query, source: null });
  return nexthopsOf(first).some((each) => isWanted(facts, way, each));
}

/** What is marked on its way out has its source already, and is only routed anew; nft(8), chain type `route`. */
function chosenAheadOfMark(facts: Facts, { choice, decision }: WrongWay, text: string): Diagnosis {
  const { node, packet } = choice.passage;
  const ip = packet.family === 4 ? 'ip' : 'ip6';
  const rule = `oifname "${choice.taken}" ${ip} saddr ${packet.source} masquerade`;
  return {
    code: 'source-selection',
    text: `${text}; its mark 0x${decision.query.mark.toString(16)} was set once it had that source`,
    evidence: decisionEvidence(facts, choice.passage),
    repair: {
      text: `translate the source of what leaves by ${choice.taken}`,
      deeds: [shellDeed(facts, node, natScript(rule))],
      isAdvice: isOwn(facts, node),
    },
  };
}

/**
 * The look-up by which IPv6 chooses a source, where it led nowhere: then the kernel chooses among all addresses of the node,
 * and asks again with the one chosen; ip6_dst_lookup_tail in net/ipv6/ip6_output.c.
 */
function choiceWithout({ state, decision }: WrongWay): Decision | null {
  if (decision.query.family === 4) return null;
  const without = decide(state, { ...decision.query, source: null });
  return without.end.kind === 'route' ? null : without;
}

/** A rule by which the same table decides as long as there is no source. */
function foundWithout(facts: Facts, { choice, state, end }: WrongWay): Repair {
  const { destination } = choice.passage.packet;
  const first = state.rules.find(({ family, preference }) => family === 6 && preference > 0);
  const preference = Math.max((first?.preference ?? 2) - 1, 1);
  return ipRepair(
    facts,
    `have table ${end.table} looked in for ${destination} without a source`,
    state.node,
    [`rule add preference ${preference} to ${destination} table ${end.table}`],
  );
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
  // To replace an advertised one might replace another: they are alike but for their routers.
  const isAdvertised = end.route.protocol === 'ra';
  const preference = isAdvertised ? ' metric 1' : metric === 0 ? '' : ` metric ${metric}`;
  const verb = isAdvertised ? 'add' : 'replace';
  return ipRepair(facts, `have ${own.address} chosen for what leaves by ${choice.taken}`, state.node, [
    `route ${verb} ${prefixText(destination)} ${from}${hopWords(state, family, taken, end.table)} src ${own.address}${preference} table ${end.table}`,
  ]);
}
