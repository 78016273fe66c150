import type { Diagnosis, Repair } from '../model/diagnosis.js';
import type { Rule } from '../model/evidence.js';
import { decisionText, ruleWords } from './decision-text.js';
import type { Facts } from './facts.js';
import { ipRepair } from './repair.js';
import { lookUp } from './rpdb.js';
import { aimText, decisionEvidence, packetText, ruleText } from './telling.js';
import { type Alternative, alternativesTo, type WrongWay, wrongWayIn } from './wrong-way.js';

/** An earlier rule takes the packet, and the one that leads where it was to go comes later. */
export function ruleOrder(facts: Facts): Diagnosis | null {
  return takenFromLocal(facts) ?? takenByEarlier(facts);
}

/** A rule ahead of that for table local sends on what is for the node itself. */
function takenFromLocal(facts: Facts): Diagnosis | null {
  const { passages, flow, stateOf, decisionFor } = facts;
  const passage = passages.find(
    (each) => each.leg === 'request' && each.node === flow.answeredBy && each.out === null,
  );
  const [state, decision] =
    passage === undefined ? [null, null] : [stateOf(passage.node), decisionFor(passage)];
  if (passage === undefined || state === null || decision === null) return null;
  const { end, query } = decision;
  const local = state.rules.find(({ family, table }) => family === query.family && table === 'local');
  if (local === undefined || end.kind !== 'route' || end.table === 'local' || end.route.type === 'local')
    return null;
  const own = lookUp(state, local, query).end;
  if (own?.kind !== 'route' || own.route.type !== 'local') return null;
  const place = Math.max(end.rule.preference - 1, 0);
  return {
    code: 'rule-order',
    text: `${passage.node} comes to ${ruleText(end.rule)} ahead of ${ruleText(local)}, so ${decisionText(decision)} took ${packetText(passage)}, which is for ${passage.node} itself`,
    evidence: decisionEvidence(facts, passage),
    repair: ipRepair(facts, `have table local looked in ahead of rule ${end.rule.preference}`, passage.node, [
      `rule add preference ${place} table local`,
    ]),
  };
}

function takenByEarlier(facts: Facts): Diagnosis | null {
  const way = wrongWayIn(facts);
  const later = way === null ? null : laterRule(facts, way);
  if (way === null || later === null || later.rule.l3mdev) return null;
  const { choice, decision, end } = way;
  return {
    code: 'rule-order',
    text: `${choice.passage.node} comes to ${ruleText(end.rule)} ahead of ${ruleText(later.rule)}, which leads by ${choice.wanted}, so ${decisionText(decision)} took ${packetText(choice.passage)}, ${aimText(choice)}`,
    evidence: decisionEvidence(facts, choice.passage),
    repair: moved(facts, way, later.rule),
  };
}

/** The same of a VRF's rule: what comes ahead of it decides about the VRF's packets, too; vrf.rst. */
export function vrfOrder(facts: Facts): Diagnosis | null {
  const way = wrongWayIn(facts);
  const later = way === null ? null : laterRule(facts, way);
  if (way === null || later === null || !later.rule.l3mdev) return null;
  const { choice, decision, end } = way;
  return {
    code: 'vrf-order',
    text: `${choice.passage.node} comes to ${ruleText(end.rule)} ahead of ${ruleText(later.rule)}, by which the VRF of ${choice.wanted} has its own table, so ${decisionText(decision)} took ${packetText(choice.passage)}, ${aimText(choice)}`,
    evidence: decisionEvidence(facts, choice.passage),
    repair: moved(facts, way, later.rule),
  };
}

/** Main comes last by design: what takes a packet ahead of it is too broad, and not too early. */
function laterRule(facts: Facts, way: WrongWay): Alternative | null {
  return (
    alternativesTo(facts, way).find(
      ({ isLater, mismatches, table }) => isLater && mismatches.length === 0 && table !== 'main',
    ) ?? null
  );
}

/** One rule of several may have a preference, and of two with the same the older one comes first: the other is put behind. */
function moved(facts: Facts, { state, end }: WrongWay, later: Rule): Repair {
  const [first, second] = [end.rule, later];
  const text = `move rule ${second.preference} ahead of rule ${first.preference}`;
  if (first.preference > 1) {
    return ipRepair(facts, text, state.node, [
      `rule del preference ${second.preference} ${ruleWords(second.text)}`,
      `rule add preference ${first.preference - 1} ${ruleWords(second.text)}`,
    ]);
  }
  return ipRepair(facts, text, state.node, [
    `rule add preference ${second.preference + 1} ${ruleWords(first.text)}`,
    `rule del preference ${first.preference} ${ruleWords(first.text)}`,
  ]);
}
