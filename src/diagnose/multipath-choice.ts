import type { Diagnosis } from '../model/diagnosis.js';
import { decisionText } from './decision-text.js';
import type { Facts } from './facts.js';
import { sourceRule } from './source-rule.js';
import { aimText, decisionEvidence, packetText } from './telling.js';
import { isWanted, wrongWayIn } from './wrong-way.js';

/** A route has several next hops, and a hash took another than the right one; fib_select_multipath in net/ipv4/fib_semantics.c. */
export function multipathChoice(facts: Facts): Diagnosis | null {
  const way = wrongWayIn(facts);
  if (way === null || way.end.nexthops.length < 2) return null;
  if (!way.end.nexthops.some((nexthop) => isWanted(facts, way, nexthop))) return null;
  const { choice, decision } = way;
  return {
    code: 'multipath-choice',
    text: `${choice.passage.node} chose ${choice.taken} among the next hops of ${decisionText(decision)} for ${packetText(choice.passage)}, ${aimText(choice)}`,
    evidence: decisionEvidence(facts, choice.passage),
    repair: sourceRule(facts, way),
  };
}
