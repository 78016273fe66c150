import type { Diagnosis } from '../model/diagnosis.js';
import { alternating } from './alternating.js';
import { decisionText, nexthopText } from './decision-text.js';
import type { Facts } from './facts.js';
import { ipRepair } from './repair.js';
import { nexthopsOf } from './rpdb.js';
import { sourceRule } from './source-rule.js';
import { aimText, decisionEvidence, packetText } from './telling.js';
import { isWanted, wrongWayIn } from './wrong-way.js';

/** A route has several next hops, and a hash took another than the right one; fib_select_multipath in net/ipv4/fib_semantics.c. */
export function multipathChoice(facts: Facts): Diagnosis | null {
  return alternating(facts) ?? (facts.choice === null ? lostByChoice(facts) : strayed(facts));
}

function strayed(facts: Facts): Diagnosis | null {
  const way = wrongWayIn(facts);
  if (way === null || way.end.nexthops.length < 2) return null;
  if (!way.end.nexthops.some((nexthop) => isWanted(facts, way, nexthop))) return null;
  const { choice, decision } = way;
  const { node, packet } = choice.passage;
  const wanted = way.end.nexthops.find((nexthop) => isWanted(facts, way, nexthop));
  // No rule for a source matches what is still to get its own.
  const isOpen = decision.query.source === null && choice.passage.leg === 'request' && wanted !== undefined;
  return {
    code: 'multipath-choice',
    text: `${node} chose ${choice.taken} among the next hops of ${decisionText(decision)} for ${packetText(choice.passage)}, ${aimText(choice)}`,
    evidence: decisionEvidence(facts, choice.passage),
    repair: isOpen
      ? ipRepair(facts, `send what is for ${packet.destination} by ${wanted.device}`, node, [
          `route add ${packet.destination} ${nexthopText(wanted)} table ${way.end.route.table}`,
        ])
      : sourceRule(facts, way),
  };
}

/** It was lost on the way of the next hop that was chosen, ahead of where the ways may meet again. */
function lostByChoice(facts: Facts): Diagnosis | null {
  const { passages, result, flow, decisionFor } = facts;
  const { lost } = result;
  if (lost === null || lost.node === flow.answeredBy || lost.node === flow.from) return null;
  const leg = passages.at(-1)?.leg;
  for (const passage of passages.filter((each) => each.leg === leg && each.out !== null)) {
    const decision = decisionFor(passage);
    const [hops, end] = decision === null ? [[], null] : [nexthopsOf(decision), decision.end];
    const other = hops.find(({ device }) => device !== passage.out);
    if (decision === null || end?.kind !== 'route' || other === undefined || passage.node === lost.node)
      continue;
    const { destination } = passage.packet;
    return {
      code: 'multipath-choice',
      text: `${passage.node} chose ${passage.out} among the next hops of ${decisionText(decision)} for ${packetText(passage)}, which got as far as ${lost.node}`,
      evidence: decisionEvidence(facts, passage),
      repair: ipRepair(facts, `send what is for ${destination} by ${other.device}`, passage.node, [
        `route add ${destination} ${nexthopText(other)} table ${end.table}`,
      ]),
    };
  }
  return null;
}
