import type { Diagnosis } from '../model/diagnosis.js';
import { decisionText } from './decision-text.js';
import type { Facts } from './facts.js';
import { sourceRule } from './source-rule.js';
import { aimText, decisionEvidence, packetText } from './telling.js';
import { wrongWayIn } from './wrong-way.js';

/** Nothing selects the packet by its source, so that its destination alone decides. */
export function noSourceRule(facts: Facts): Diagnosis | null {
  const way = wrongWayIn(facts);
  const source = way?.choice.passage.packet.source ?? null;
  if (way === null || source === null) return null;
  const { choice, decision } = way;
  const { node } = choice.passage;
  return {
    code: 'no-source-rule',
    text: `${node} has no rule for the source ${source}, so ${decisionText(decision)} decided about ${packetText(choice.passage)}, ${aimText(choice)}`,
    evidence: decisionEvidence(facts, choice.passage),
    repair: sourceRule(facts, way),
  };
}
