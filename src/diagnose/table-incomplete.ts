import type { Diagnosis, Repair } from '../model/diagnosis.js';
import type { Route, Rule } from '../model/evidence.js';
import { decisionText, nexthopText, prefixText, routeText } from './decision-text.js';
import type { Facts } from './facts.js';
import { wayOut } from './gateway.js';
import { hopWords } from './hop-words.js';
import { ipRepair } from './repair.js';
import { lengthOf } from './table.js';
import { aimText, decisionEvidence, packetText, ruleText } from './telling.js';
import { vanishedText } from './vanished.js';
import { alternativesTo, isOrdinary, type WrongWay, wrongWayIn } from './wrong-way.js';

/** A rule leads to the right table, and that lacks the route. */
export function tableIncomplete(facts: Facts): Diagnosis | null {
  const way = wrongWayIn(facts);
  return way === null ? null : (nothingFound(facts, way) ?? onlyDefault(facts, way));
}

/** A rule took the packet, and there was nothing in its table, so that a later rule decided. */
function nothingFound(facts: Facts, way: WrongWay): Diagnosis | null {
  const { choice, decision, state } = way;
  const empty = decision.considered.find(
    ({ rule, outcome }) =>
      !isOrdinary(rule) && (outcome.kind === 'no-route' || outcome.kind === 'thrown') && isMeant(way, rule),
  );
  if (empty === undefined || empty.table === null) return null;
  const { destination } = choice.passage.packet;
  return {
    code: 'table-incomplete',
    text: `${choice.passage.node} has no route to ${destination} in table ${empty.table}, where ${ruleText(empty.rule)} led, so ${decisionText(decision)} decided, ${aimText(choice)}${vanishedText(facts, state.node, choice.wanted)}`,
    evidence: decisionEvidence(facts, choice.passage),
    repair: completed(facts, way, empty.table),
  };
}

/** Whether a table is the one for the interface by which the packet was to go: no route of it is by another. */
function isMeant({ state, choice }: WrongWay, { table }: Rule): boolean {
  const devices = state.routes.filter((route) => route.table === table).flatMap(devicesOf);
  return devices.length === 0 || devices.includes(choice.wanted);
}

function devicesOf({ nexthops }: Route): readonly string[] {
  return nexthops.map(({ device }) => device);
}

function completed(facts: Facts, { choice, state }: WrongWay, table: string): Repair | null {
  const { destination } = choice.passage.packet;
  const way = wayOut(facts, state, choice.wanted, choice.nexthop, destination);
  if (way === null) return null;
  const isTaken = state.routes.some(
    (each) => each.family === facts.flow.family && each.table === table && lengthOf(each.destination) === 0,
  );
  const to = way.gateway === null || isTaken ? destination : 'default';
  const hop = hopWords(state, facts.flow.family, way, table);
  return ipRepair(facts, `add a route ${nexthopText(way)} to table ${table}`, state.node, [
    `route add ${to} ${hop} table ${table}`,
  ]);
}

/** The table has a default and lacks the nearer route that main has. */
function onlyDefault(facts: Facts, way: WrongWay): Diagnosis | null {
  const { choice, decision, end, state } = way;
  if (end.table === 'main') return null;
  const nearer = alternativesTo(facts, way).find(
    ({ table, route }) => table === 'main' && lengthOf(route.destination) > lengthOf(end.route.destination),
  );
  if (nearer === undefined) return null;
  const { route } = nearer;
  const to = prefixText(route.destination);
  return {
    code: 'table-incomplete',
    text: `${choice.passage.node} has no route to ${to} in table ${end.table}, so ${decisionText(decision)} took ${packetText(choice.passage)}, for which main has ${routeText(route)}, ${aimText(choice)}`,
    evidence: decisionEvidence(facts, choice.passage),
    repair: ipRepair(facts, `add the route to ${to} to table ${end.table}`, state.node, [
      `route add ${routeText(route).replaceAll(' or ', ' nexthop ')} table ${end.table}`,
    ]),
  };
}
