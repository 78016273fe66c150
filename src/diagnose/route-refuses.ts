import type { Diagnosis, Repair } from '../model/diagnosis.js';
import { decisionText, prefixText, ruleWords } from './decision-text.js';
import type { Facts } from './facts.js';
import { ipRepair } from './repair.js';
import type { RefusedEnd } from './rpdb.js';
import { decisionEvidence, packetText } from './telling.js';
import { enteredAt } from './where.js';

/** A rule or a route of type unreachable, prohibit or blackhole refuses the packet; ip-rule(8), ip-route(8). */
export function routeRefuses(facts: Facts): Diagnosis | null {
  // What comes in is looked up too, and where that refuses it there is no answer.
  for (const passage of [facts.stop, enteredAt(facts)]) {
    const decision = passage === null ? null : facts.decisionFor(passage);
    if (passage === null || decision?.end.kind !== 'refused') continue;
    return {
      code: 'route-refuses',
      text: `${passage.node} refuses ${packetText(passage)}: ${decisionText(decision)}`,
      evidence: decisionEvidence(facts, passage),
      repair: withoutRefusal(facts, passage.node, decision.end),
    };
  }
  return null;
}

/** The rule or the route that refuses taken away. */
export function withoutRefusal(facts: Facts, node: string, { rule, route }: RefusedEnd): Repair {
  if (route === null) {
    const command = `rule del preference ${rule.preference} ${ruleWords(rule.text)}`;
    return ipRepair(facts, `take away rule ${rule.preference}`, node, [command]);
  }
  const metric = route.metric === 0 ? '' : ` metric ${route.metric}`;
  return ipRepair(facts, `take away the route of type ${route.type}`, node, [
    `route del ${route.type} ${prefixText(route.destination)}${metric} table ${route.table}`,
  ]);
}
