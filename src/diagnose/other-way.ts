import type { Repair } from '../model/diagnosis.js';
import type { NodeState, Passage, Route } from '../model/evidence.js';
import type { Deed } from '../model/scenario.js';
import { decisionText, nexthopText, prefixText } from './decision-text.js';
import type { Facts } from './facts.js';
import type { WayOut } from './gateway.js';
import { hopWords } from './hop-words.js';
import { type LinkHop, wayAlongLinks } from './links.js';
import { ipDeed, isOwn } from './repair.js';
import { nexthopAlong, routesAlong } from './routes-along.js';
import type { Decision } from './rpdb.js';

/** What would bring a packet to where it is for, past the node that has no route for it. */
export interface OtherWay {
  readonly repair: Repair;
  /** Who sent it that way and need not have, to close a sentence; empty where it is that node itself that is to have a route. */
  readonly blamed: string;
}

/**
 * By the topology's links: from the user's own nodes that the packet came by, from the node that has no route, or from another
 * one before that. A node from which no link leads to the destination is no place for a route.
 *
 * @param table in which the node that has no route is to have one
 */
export function otherWay(facts: Facts, stop: Passage, state: NodeState, table: string): OtherWay | null {
  const way = facts.passages.filter(({ leg }) => leg === stop.leg);
  const before = way.slice(0, Math.max(way.indexOf(stop), 0)).reverse();
  const own = isOwn(facts, stop.node) ? [] : before.filter(({ node }) => isOwn(facts, node));
  const rest = before.filter((each) => !own.includes(each));
  const came = way.map(({ node }) => node);
  for (const each of own) {
    const found = sentElsewhere(facts, each, came);
    if (found !== null) return found;
  }
  const repair = routeOnward(facts, stop, state, table, came);
  if (repair !== null) return { repair, blamed: '' };
  for (const each of rest) {
    const found = sentElsewhere(facts, each, came);
    if (found !== null) return found;
  }
  return null;
}

function routeOnward(
  facts: Facts,
  stop: Passage,
  state: NodeState,
  table: string,
  came: readonly string[],
): Repair | null {
  const { destination } = stop.packet;
  const hops = wayAlongLinks(facts, stop.node, destination, came);
  if (hops === null) return null;
  const found = deedsFor(facts, state, hops, destination, table);
  if (found === null) return null;
  const nodes = [...new Set(found.deeds.flatMap((deed) => ('apply' in deed ? [deed.apply.node] : [])))];
  const where = nodes.length > 1 ? ` at ${nodes.join(' and ')}` : '';
  return {
    text: `add a route to ${destination}${where}`,
    deeds: found.deeds,
    isAdvice: nodes.every((node) => isOwn(facts, node)),
  };
}

/** By a node that sent the packet to where it ended, and has links that lead to its destination by none of the nodes it came by. */
function sentElsewhere(facts: Facts, passage: Passage, came: readonly string[]): OtherWay | null {
  const { node, packet } = passage;
  const [decision, state] = [facts.decisionFor(passage), facts.stateOf(node)];
  if (state === null || decision?.end.kind !== 'route') return null;
  const { destination } = packet;
  const hops = wayAlongLinks(facts, node, destination, came);
  const device = hops?.[0]?.device;
  if (hops === null || device === undefined || isBoundElsewhere(decision, device)) return null;
  const { table } = decision.end;
  const isThere = state.routes.some(
    (each) => each.table === table && prefixText(each.destination) === destination,
  );
  const found = deedsFor(facts, state, hops, destination, table, isThere ? 'replace' : 'add');
  if (found === null) return null;
  return {
    repair: {
      text: `have ${node} send it ${nexthopText(found.first)}`,
      deeds: found.deeds,
      isAdvice: isOwn(facts, node) && found.deeds.length === 1,
    },
    blamed: `; ${node} sent it that way by ${decisionText(taken(decision, state, passage.out))}, and has one by ${device}, too`,
  };
}

/** A decision with that one of several routes which are alike by which the packet went: the first of them is named elsewhere. */
function taken(decision: Decision, { routes }: NodeState, out: string | null): Decision {
  const { end } = decision;
  if (end.kind !== 'route') return decision;
  const { family, table, destination } = end.route;
  const isBy = ({ nexthops }: Route) => nexthops.some((each) => each.device === out);
  const alike = routes.find(
    (each) =>
      each.family === family && each.table === table && each.destination === destination && isBy(each),
  );
  return isBy(end.route) || alike === undefined ? decision : { ...decision, end: { ...end, route: alike } };
}

/** No route by another device changes where that goes which is bound to one. */
function isBoundElsewhere({ query: { oif, isBound, family } }: Decision, device: string): boolean {
  return oif !== null && oif !== device && (isBound || family === 4);
}

interface Routes {
  readonly deeds: readonly Deed[];
  readonly first: WayOut;
}

/** A route in a table of the first node, and in main of those after it that need one. */
function deedsFor(
  facts: Facts,
  state: NodeState,
  [hop, ...more]: readonly LinkHop[],
  destination: string,
  table: string,
  verb = 'add',
): Routes | null {
  const first = hop === undefined ? null : nexthopAlong(facts, hop, destination);
  const others = routesAlong(facts, more, destination);
  if (first === null || others === null) return null;
  const { family } = facts.flow;
  const where = table === 'main' ? '' : ` table ${table}`;
  const words = hopWords(state, family, first, table);
  const own = ipDeed(facts, state.node, family, [`route ${verb} ${destination} ${words}${where}`]);
  return { deeds: [own, ...others], first };
}
