import type { Diagnosis } from '../model/diagnosis.js';
import { decisionText, prefixText, ruleBody } from './decision-text.js';
import type { Facts } from './facts.js';
import { ipRepair } from './repair.js';
import { decisionEvidence, packetText } from './telling.js';

/** A rule or a route of type unreachable, prohibit or blackhole refuses the packet; ip-rule(8), ip-route(8). */
export function routeRefuses(facts: Facts): Diagnosis | null {
  const { stop, decisionFor } = facts;
  const decision = stop === null ? null : decisionFor(stop);
  if (stop === null || decision?.end.kind !== 'refused') return null;
  const { rule, route } = decision.end;
  const command =
    route === null
      ? `rule del preference ${rule.preference} ${ruleBody(rule.text)}`
      : `route del ${route.type} ${prefixText(route.destination)}${route.metric === 0 ? '' : ` metric ${route.metric}`} table ${route.table}`;
  const text = `take away ${route === null ? `rule ${rule.preference}` : `the route of type ${route.type}`}`;
  return {
    code: 'route-refuses',
    text: `${stop.node} refuses ${packetText(stop)}: ${decisionText(decision)}`,
    evidence: decisionEvidence(facts, stop),
    repair: ipRepair(facts, text, stop.node, [command]),
  };
}
