import type { Diagnosis } from '../model/diagnosis.js';
import type { Leg } from '../model/evidence.js';
import { decisionText, nexthopText } from './decision-text.js';
import type { Facts } from './facts.js';
import { ipRepair } from './repair.js';
import { nexthopsOf } from './rpdb.js';
import { decisionEvidence } from './telling.js';

/**
 * Each request of a stream was answered, now by one way and now by another, with nothing done to the lab that would account for
 * it: of next hops, and of default routes that are alike, IPv4 takes one whose gateway it has heard of
 * (fib_select_default and fib_multipath_use_neigh in net/ipv4/fib_semantics.c).
 */
export function alternating(facts: Facts): Diagnosis | null {
  const devices = alternatives(facts);
  if (devices.length < 2) return null;
  for (const passage of facts.passages.filter(({ node }) => node === facts.result.at)) {
    const decision = facts.decisionFor(passage);
    const hops = decision === null ? [] : nexthopsOf(decision);
    const [hop] = hops.filter(({ device }) => device === devices[0]);
    const isEither = devices.every((device) => hops.some((each) => each.device === device));
    if (decision?.end.kind !== 'route' || hop === undefined || !isEither) continue;
    const { node, packet } = passage;
    return {
      code: 'multipath-choice',
      text: `${node} sends what is for ${packet.destination} now by ${devices.join(', now by ')}, having ${hops.map(nexthopText).join(' and ')} to choose from (${decisionText(decision)})`,
      evidence: decisionEvidence(facts, passage),
      repair: ipRepair(facts, `send what is for ${packet.destination} by ${hop.device}`, node, [
        `route add ${packet.destination} ${nexthopText(hop)} table ${decision.end.table}`,
      ]),
    };
  }
  return null;
}

/** The interfaces by which the judged node sent them, the first one first; none where all went by one or some were lost. */
function alternatives({ result: { verdict, stream }, plan, flow }: Facts): readonly string[] {
  if (verdict !== 'mixed' || !stream || stream.lost > 0) return [];
  if (stream.ways.some((way) => way.verdict !== 'symmetric')) return [];
  const step = plan.scenario.steps.find(({ flows }) => flows.includes(flow));
  // Whatever is done meanwhile may move them once, and back.
  if (stream.ways.length - 1 <= 2 * (step?.during.length ?? 0)) return [];
  const outs = (leg: Leg) => [...new Set(stream.ways.flatMap((way) => way[leg].out ?? []))];
  const requests = outs('request');
  return requests.length > 1 ? requests : outs('reply');
}
