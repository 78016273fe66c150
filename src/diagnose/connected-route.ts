import type { Diagnosis } from '../model/diagnosis.js';
import { decisionText } from './decision-text.js';
import type { Facts } from './facts.js';
import { sourceRule } from './source-rule.js';
import { lengthOf } from './table.js';
import { aimText, decisionEvidence, packetText } from './telling.js';
import { wrongWayIn } from './wrong-way.js';

/** The destination is on a link of the node, and the route of that link decides, whatever the packet's source. */
export function connectedRoute(facts: Facts): Diagnosis | null {
  const way = wrongWayIn(facts);
  if (way === null || way.taken.gateway !== null || lengthOf(way.end.route.destination) <= 1) return null;
  const { choice, decision } = way;
  const { node, packet } = choice.passage;
  return {
    code: 'connected-route',
    text: `${packet.destination} is on the link of ${choice.taken} of ${node}, so ${decisionText(decision)} took ${packetText(choice.passage)}, ${aimText(choice)}`,
    evidence: decisionEvidence(facts, choice.passage),
    repair: sourceRule(facts, way),
  };
}
