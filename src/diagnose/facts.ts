import type { Diagnosis } from '../model/diagnosis.js';
import type { FlowEvidence, NodeState, Passage } from '../model/evidence.js';
import type { FlowResult } from '../model/flow-result.js';
import type { LabPlan } from '../model/plan.js';
import type { CommandReport } from '../model/result.js';
import type { Flow } from '../model/scenario.js';
import { leadsTo } from './asked.js';
import { type Choice, choiceOf } from './choice.js';
import { homeOf } from './gateway.js';
import { routedMark } from './mark-rules.js';
import { queriesFor, vrfOf } from './query.js';
import { type Decision, decide, nexthopsOf } from './rpdb.js';

/** All that a cause is looked for in. */
export interface Facts {
  readonly evidence: FlowEvidence;
  readonly plan: LabPlan;
  /** Of the steps up to this one, in order. */
  readonly commands: readonly CommandReport[];
  readonly flow: Flow;
  readonly result: FlowResult;
  readonly passages: readonly Passage[];
  /** Where a packet ended before its way was complete; null where none did. */
  readonly stop: Passage | null;
  /** The choice of a way that led a packet astray; null where none did. */
  readonly choice: Choice | null;
  readonly stateOf: (node: string) => NodeState | null;
  /** How the rules and routes of a node decide about a packet; null where they are not known. */
  readonly decisionFor: (passage: Passage) => Decision | null;
}

/** A class of causes: null where what it knows is not what happened. */
export type CauseFinder = (facts: Facts) => Diagnosis | null;

export function factsOf(evidence: FlowEvidence, plan: LabPlan, commands: readonly CommandReport[]): Facts {
  const { journey, states } = evidence;
  const { flow } = journey.plan;
  const stateOf = (node: string) => states.get(node) ?? null;
  const decisions = new Map<Passage, Decision | null>();
  const decisionFor = (passage: Passage) => {
    const known = decisions.get(passage);
    if (known !== undefined) return known;
    const state = stateOf(passage.node);
    const decision = state === null ? null : decideFor(state, evidence, passage);
    decisions.set(passage, decision);
    return decision;
  };
  return {
    ...{ evidence, plan, commands, flow, result: journey.result, passages: journey.passages },
    stop: journey.passages.findLast(({ end }) => end === 'stopped' || end === 'missing') ?? null,
    choice: choiceOf(journey, (passage) => homeOf(stateOf(passage.node), plan, passage)),
    ...{ stateOf, decisionFor },
  };
}

/**
 * The decision by which a packet went: where it is looked up twice, or with which mark is not known, the first that
 * leads where it was seen to go, or where its next hop was asked for. What never left was stopped by the first that leads nowhere.
 */
function decideFor(state: NodeState, evidence: FlowEvidence, passage: Passage): Decision | null {
  const { plan, passages, result, askedInVain } = evidence.journey;
  const vrf = (device: string | null) => vrfOf(state, device);
  const decisions = marksFor(evidence, state, passage).flatMap((mark) =>
    queriesFor(passage, plan.flow, passages, mark, vrf).flatMap((query) => {
      const decision = decide(state, query);
      return passage.leg === 'request' ? [decision, ...withSource(state, decision)] : [decision];
    }),
  );
  const [likely] = decisions;
  const { lost } = result;
  const isAsked = lost?.reason === 'neighbour-unresolved' && lost.node === passage.node;
  const target = isAsked ? askedInVain : null;
  const device = passage.out ?? (isAsked ? lost.interface : null);
  // A neighbour says more than a device: of the look-ups of one packet each may lead by the same one.
  const isAskedBy = (decision: Decision) =>
    target !== null && device !== null && leadsTo(state, decision, device, target);
  // Where none leads to it the question was another packet's: the judge knows whose it is by time alone.
  const out = target === null ? device : passage.out;
  const agrees = ({ end, ...decision }: Decision) =>
    (end.kind === 'assumed' && end.device === out) ||
    nexthopsOf({ end, ...decision }).some(({ device }) => device === out);
  // What a chain at output marks has been looked up without that mark before.
  const stops = ({ end, query: { mark } }: Decision) =>
    passage.end === 'missing' && end.kind !== 'route' && (mark === 0 || mark === likely?.query.mark);
  return decisions.find(isAskedBy) ?? decisions.find(agrees) ?? decisions.find(stops) ?? likely ?? null;
}

/**
 * connect(2) asks again with the source that an IPv4 route has given, so that rules for that source come in:
 * ip_route_connect in the kernel's include/net/route.h.
 */
function withSource(state: NodeState, { query, end }: Decision): readonly Decision[] {
  if (query.family === 6 || query.source !== null || query.iif !== null || end.kind !== 'route') return [];
  const device = end.nexthops[0]?.device;
  const held = state.addresses.find((each) => each.family === 4 && each.device === device);
  const source = end.route.preferredSource ?? held?.address ?? null;
  return source === null ? [] : [decide(state, { ...query, source })];
}

/** The mark that the repeat's trace has; without one that which the ruleset gives, none, and then each that a rule asks for. */
function marksFor(evidence: FlowEvidence, state: NodeState, passage: Passage): readonly number[] {
  const { repeat, journey } = evidence;
  const { node, leg, in: entered, packet } = passage;
  const hook = entered === null ? 'output' : 'prerouting';
  const traced = repeat?.marks.findLast(
    (each) => each.node === node && each.leg === leg && each.hook === hook,
  );
  // What a node makes is routed ahead of its output chains, and anew behind them only by a chain of type route; nft(8).
  if (traced !== undefined) return entered === null ? [traced.mark, 0] : [traced.mark];
  const { passages, result, plan } = journey;
  const tracked = { passages, connections: result.connections ?? [], probe: plan.flow.probe };
  const wanted = state.rules.flatMap(({ family, mark }) => (family === packet.family ? (mark ?? []) : []));
  return [...new Set([routedMark(state, passage, tracked) ?? 0, 0, ...wanted])];
}
