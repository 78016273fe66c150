import type { Diagnosis } from '../model/diagnosis.js';
import type { FlowEvidence, NodeState, Passage } from '../model/evidence.js';
import type { FlowResult } from '../model/flow-result.js';
import type { LabPlan } from '../model/plan.js';
import type { CommandReport } from '../model/result.js';
import type { Flow } from '../model/scenario.js';
import { type Choice, choiceOf } from './choice.js';
import { homeOf } from './gateway.js';
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
 * leads where it was seen to go.
 */
function decideFor(state: NodeState, evidence: FlowEvidence, passage: Passage): Decision | null {
  const { plan, passages } = evidence.journey;
  const vrf = (device: string | null) => vrfOf(state, device);
  const decisions = marksFor(evidence, state, passage).flatMap((mark) =>
    queriesFor(passage, plan.flow, passages, mark, vrf).map((query) => decide(state, query)),
  );
  const agrees = (decision: Decision) => nexthopsOf(decision).some(({ device }) => device === passage.out);
  return decisions.find(agrees) ?? decisions[0] ?? null;
}

/** The mark that the repeat's trace has; without one, none and then each that a rule asks for. */
function marksFor({ repeat }: FlowEvidence, { rules }: NodeState, passage: Passage): readonly number[] {
  const { node, leg, in: entered, packet } = passage;
  const hook = entered === null ? 'output' : 'prerouting';
  const traced = repeat?.marks.findLast(
    (each) => each.node === node && each.leg === leg && each.hook === hook,
  );
  if (traced !== undefined) return [traced.mark];
  return [0, ...rules.flatMap(({ family, mark }) => (family === packet.family ? (mark ?? []) : []))];
}
