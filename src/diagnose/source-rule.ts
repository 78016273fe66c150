import type { Repair } from '../model/diagnosis.js';
import type { NodeState } from '../model/evidence.js';
import { contains, networkText, parseAddress } from '../net/address.js';
import { nexthopText } from './decision-text.js';
import type { Facts } from './facts.js';
import { heldAddress, linkOf, wayOut } from './gateway.js';
import { hopWords } from './hop-words.js';
import { ipRepair, isOwn } from './repair.js';
import { alternativesTo, type WrongWay } from './wrong-way.js';

/**
 * A rule for the packet's source that leads where it was to go: to a table that does, else to a new one. Null where
 * nothing tells of a way by that interface.
 *
 * @param ahead whether the rule has to come before that which decided; else the kernel places it, ahead of all but the first.
 */
export function sourceRule(facts: Facts, way: WrongWay): Repair | null {
  const { choice, state } = way;
  const { source } = choice.passage.packet;
  if (source === null) return null;
  const known = alternativesTo(facts, way).find(
    ({ rule, table, isCertain }) => isCertain && !rule.l3mdev && table !== 'main',
  );
  const table = known?.table ?? unusedTable(state);
  const routes = known === undefined ? routesFor(facts, way, table) : [];
  if (routes === null) return null;
  const text = `add a rule for ${source}, with ${known === undefined ? 'a' : 'the'} table that leads by ${choice.wanted}`;
  const repair = ipRepair(facts, text, state.node, [...routes, `rule add from ${source} table ${table}`]);
  // Of a source that the node only passes on, others of its packets may have to go elsewhere.
  const isAdvice = isOwn(facts, state.node) && heldAddress(state, source) !== null;
  // A rule for a source matches no answer that is still to get its own.
  const { protocol, responder } = facts.flow.probe;
  const isOpen = choice.passage.leg === 'reply' && protocol === 'udp' && responder === 'wildcard';
  if (!isOpen || way.decision.query.source !== null) return { ...repair, isAdvice };
  return {
    ...repair,
    text: `${text}, and have the program bind that address`,
    probe: { responder: 'pktinfo' },
    isAdvice,
  };
}

/** What a new table needs: the link of the source's own device, and a default route. */
function routesFor(facts: Facts, { choice, state }: WrongWay, table: string): readonly string[] | null {
  const { source, destination } = choice.passage.packet;
  const way = wayOut(facts, state, choice.wanted, choice.nexthop, destination);
  if (way === null) return null;
  const held = heldAddress(state, source);
  const link = held?.device === choice.wanted ? linkOf(held) : null;
  const isHost = link === null || link.prefixLength >= (link.family === 4 ? 31 : 127);
  const connected = isHost ? [] : [`route add ${networkText(link)} dev ${choice.wanted} table ${table}`];
  if (connected.length > 0 && way.gateway === null) return connected;
  const gateway = parseAddress(way.gateway ?? '');
  // The new table leads to it by its link.
  const isOnLink = connected.length > 0 && link !== null && gateway !== null && contains(link, gateway);
  const hop = isOnLink ? nexthopText(way) : hopWords(state, facts.flow.family, way, table);
  return [...connected, `route add default ${hop} table ${table}`];
}

/** The first number that no rule and no route of the node has. Names have those up to 255; rt_tables in ip-route(8). */
function unusedTable({ rules, routes }: NodeState): string {
  const used = new Set([...rules, ...routes].map(({ table }) => table));
  let number = 1001;
  while (used.has(`${number}`)) number++;
  return `${number}`;
}
