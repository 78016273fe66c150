import type { Diagnosis } from '../model/diagnosis.js';
import type { FlowEvidence } from '../model/evidence.js';
import type { LabPlan } from '../model/plan.js';
import type { CommandReport } from '../model/result.js';
import { arpFlux } from './arp-flux.js';
import { connectedRoute } from './connected-route.js';
import { answeredElsewhere } from './elsewhere.js';
import { type CauseFinder, factsOf } from './facts.js';
import { firewall } from './firewall.js';
import { forwardingOff, notLocal } from './forwarding.js';
import { lostOnLink, queueFull } from './impaired-link.js';
import { late } from './late.js';
import { linkDown } from './link.js';
import { errorWithoutMark, markNotRestored, markTooLate } from './marks.js';
import { martianSource } from './martian.js';
import { meanwhile } from './meanwhile.js';
import { multipathChoice } from './multipath-choice.js';
import { natBinding, natBypassed, natElsewhere, natForgotten, natMissing, natReply } from './nat.js';
import { neighbourUnresolved } from './neighbour.js';
import { noRoute } from './no-route.js';
import { noSourceRule } from './no-source-rule.js';
import { notOnTheWay } from './not-on-the-way.js';
import { providerFilter } from './provider-filter.js';
import { failuresFor, recipeFailed } from './recipe.js';
import { noListener, ttlExceeded } from './refusal.js';
import { isOwn } from './repair.js';
import { reversePathFilter } from './reverse-path.js';
import { routeRefuses } from './route-refuses.js';
import { ruleOrder, vrfOrder } from './rule-order.js';
import { ruleSelector } from './rule-selector.js';
import { packetTooBig } from './size.js';
import { sourceSelection } from './source-selection.js';
import { statefulFilter } from './stateful-filter.js';
import { synProxy } from './syn-proxy.js';
import { tableIncomplete } from './table-incomplete.js';
import { tunnelRoute } from './tunnel-route.js';
import { udpSource } from './udp-source.js';
import { vlanUnknown } from './vlan-unknown.js';

/** Why a packet took the way that it took, or has the source that it has: the first that knows is believed. */
const WAYS: readonly CauseFinder[] = [
  notOnTheWay,
  recipeFailed,
  synProxy,
  udpSource,
  arpFlux,
  natBypassed,
  natBinding,
  natMissing,
  markTooLate,
  errorWithoutMark,
  markNotRestored,
  natReply,
  vrfOrder,
  tunnelRoute,
  multipathChoice,
  tableIncomplete,
  ruleOrder,
  sourceSelection,
  connectedRoute,
  ruleSelector,
  noSourceRule,
];

/** Why a packet went no further where it was lost. */
const STOPS: readonly CauseFinder[] = [
  linkDown,
  lostOnLink,
  queueFull,
  vlanUnknown,
  neighbourUnresolved,
  late,
  ttlExceeded,
  packetTooBig,
  providerFilter,
  reversePathFilter,
  martianSource,
  routeRefuses,
  noRoute,
  statefulFilter,
  firewall,
  notLocal,
  forwardingOff,
  natElsewhere,
  natForgotten,
  answeredElsewhere,
  noListener,
];

/**
 * Why a flow went as it did; null where nothing is wrong with it, or nothing that is known explains it. A packet
 * that was lost where a wrong choice had led it has that choice for its cause, and the loss as its consequence.
 *
 * @param commands what was done to the lab in the steps up to this one, in order
 */
export function diagnose(
  evidence: FlowEvidence,
  plan: LabPlan,
  commands: readonly CommandReport[],
): Diagnosis | null {
  const facts = factsOf(evidence, plan, commands);
  const way = firstOf(WAYS, facts);
  const stop = firstOf(STOPS, facts);
  // Whatever way it took, it was refused because of what it met there.
  if (stop !== null && evidence.journey.result.verdict === 'refused') return stop;
  // Nor does a parting that others chose explain a loss that has a cause of its own.
  const isTheirs = facts.choice !== null && !isOwn(facts, facts.choice.passage.node);
  const both = way !== null && stop !== null && !isTheirs ? together(way, stop) : null;
  const found = meanwhile(facts, both ?? (isTheirs ? (stop ?? way) : (way ?? stop)));
  if (found === null || found.code === 'recipe-failed') return found;
  return { ...found, evidence: [...found.evidence, ...failuresFor(facts)] };
}

function together(way: Diagnosis, stop: Diagnosis): Diagnosis {
  return { ...way, text: `${way.text}; ${stop.text}`, evidence: [...way.evidence, ...stop.evidence] };
}

function firstOf(finders: readonly CauseFinder[], facts: Parameters<CauseFinder>[0]): Diagnosis | null {
  for (const find of finders) {
    const diagnosis = find(facts);
    if (diagnosis !== null) return diagnosis;
  }
  return null;
}
