import type { Diagnosis } from '../model/diagnosis.js';
import { type Endpoint, endpointText, type Impairment } from '../model/topology.js';
import type { CauseFinder, Facts } from './facts.js';
import { nexthopsOf } from './rpdb.js';
import { leftBy } from './where.js';

/** The packet, or the question for its next hop, left one end of a link that loses packets, and never came out of the other. */
export const lostOnLink: CauseFinder = (facts) => {
  const link = impairedAt(facts, leftBy(facts));
  if (link === null || link.lossPpm === 0) return null;
  const isQuestion = facts.result.lost?.reason === 'neighbour-unresolved';
  const what = isQuestion ? 'and the questions for the next hop' : 'and this one';
  return causedBy(`the link ${link.name} loses ${link.lossPpm / 10_000} % of its packets, ${what}`);
};

/** A link carries no more than its rate, and drops what its full queue has no place for, be it that this had left its node. */
export const queueFull: CauseFinder = (facts) => {
  const link = impairedAt(facts, leftBy(facts) ?? queuedAt(facts));
  if (link === null || link.rate === null) return null;
  return causedBy(`the link ${link.name} carries ${link.rate}, and its queue had no place for this one`);
};

function causedBy(text: string): Diagnosis {
  const repair = { text: 'let the link carry everything at once', deeds: [], isAdvice: false } as const;
  return { code: 'lost-on-link', text, evidence: [], repair: { ...repair, without: 'impairments' } };
}

/** Where packets of which others passed never left their node: a full queue drops them ahead of the capture. */
function queuedAt({ result, stop, decisionFor }: Facts): Endpoint | null {
  const decision = result.verdict === 'mixed' && stop?.end === 'missing' ? decisionFor(stop) : null;
  const [hop] = decision === null ? [] : nexthopsOf(decision);
  return stop === null || hop === undefined ? null : { node: stop.node, interface: hop.device };
}

/** What the topology has the link of an endpoint do to packets; null where that is nothing. */
function impairedAt({ plan }: Facts, at: Endpoint | null): (Impairment & { readonly name: string }) | null {
  if (at === null) return null;
  const { links, segments } = plan.scenario.topology;
  const all = [
    ...links.map(({ a, b, impairment }) => ({ ends: [a, b], impairment })),
    ...segments.map(({ ports, impairment }) => ({ ends: ports, impairment })),
  ];
  const link = all.find(({ ends }) => ends.some((end) => endpointText(end) === endpointText(at)));
  if (link === undefined || link.impairment === null) return null;
  return { ...link.impairment, name: link.ends.map(endpointText).join(' – ') };
}
