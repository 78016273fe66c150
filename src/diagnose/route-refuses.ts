import type { Diagnosis, Repair } from '../model/diagnosis.js';
import { decisionText, prefixText, ruleBody } from './decision-text.js';
import type { Facts } from './facts.js';
import { ipRepair } from './repair.js';
import type { DecisionEnd } from './rpdb.js';
import { decisionEvidence, packetText } from './telling.js';

/** A rule or a route of type unreachable, prohibit or blackhole refuses the packet; ip-rule(8), ip-route(8). */
export function routeRefuses(facts: Facts): Diagnosis | null {
  const { stop, decisionFor } = facts;
  const decision = stop === null ? null : decisionFor(stop);
  if (stop === null || decision?.end.kind !== 'refused') return null;
  return {
    code: 'route-refuses',
    text: `${stop.node} refuses ${packetText(stop)}: ${decisionText(decision)}`,
    evidence: decisionEvidence(facts, stop),
    repair: withoutRefusal(facts, stop.node, decision.end),
  };
}

/** The rule or the route that refuses taken away. */
export function withoutRefusal(
  facts: Facts,
  node: string,
  { rule, route }: Extract<DecisionEnd, { readonly kind: 'refused' }>,
): Repair {
  if (route === null) {
    const command = `rule del preference ${rule.preference} ${ruleBody(rule.text)}`;
    return ipRepair(facts, `take away rule ${rule.preference}`, node, [command]);
  }
  const metric = route.metric === 0 ? '' : ` metric ${route.metric}`;
  return ipRepair(facts, `take away the route of type ${route.type}`, node, [
    `route del ${route.type} ${prefixText(route.destination)}${metric} table ${route.table}`,
  ]);
}
