import type { Diagnosis } from '../model/diagnosis.js';
import type { FlowEvidence, Journey, NodeState, Passage } from '../model/evidence.js';
import type { FlowResult } from '../model/flow-result.js';
import type { LabPlan } from '../model/plan.js';
import type { CommandReport } from '../model/result.js';
import type { Flow } from '../model/scenario.js';
import { type Choice, choiceOf } from './choice.js';
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
  /** The mark with which a packet was looked up at a node, as far as is known; 0 for none. */
  readonly markOf: (passage: Passage) => number;
  readonly decisionFor: (passage: Passage) => Decision | null;
}

/** A class of causes: null where what it knows is not what happened. */
export type CauseFinder = (facts: Facts) => Diagnosis | null;

export function factsOf(evidence: FlowEvidence, plan: LabPlan, commands: readonly CommandReport[]): Facts {
  const { journey, states } = evidence;
  const { flow } = journey.plan;
  const stateOf = (node: string) => states.get(node) ?? null;
  const markOf = (passage: Passage) => markIn(evidence, passage);
  const decisions = new Map<Passage, Decision | null>();
  const decisionFor = (passage: Passage) => {
    const known = decisions.get(passage);
    if (known !== undefined) return known;
    const state = stateOf(passage.node);
    const decision = state === null ? null : decideFor(state, passage, journey, markOf(passage));
    decisions.set(passage, decision);
    return decision;
  };
  return {
    ...{ evidence, plan, commands, flow, result: journey.result, passages: journey.passages },
    stop: journey.passages.findLast(({ end }) => end === 'stopped' || end === 'missing') ?? null,
    choice: choiceOf(journey),
    ...{ stateOf, markOf, decisionFor },
  };
}

/** Where a packet is looked up twice, first without a source: the look-up by which it went. */
function decideFor(
  state: NodeState,
  passage: Passage,
  { plan: { flow }, passages }: Journey,
  mark: number,
): Decision | null {
  const queries = queriesFor(passage, flow, passages, mark, (device) => vrfOf(state, device));
  const decisions = queries.map((query) => decide(state, query));
  const agrees = (decision: Decision) => nexthopsOf(decision).some(({ device }) => device === passage.out);
  return decisions.find(agrees) ?? decisions[0] ?? null;
}

/** By the repeat's trace where there is one, else by which the evidence asked the kernel. */
function markIn({ repeat, lookUps }: FlowEvidence, { node, leg, in: entered }: Passage): number {
  const hook = entered === null ? 'output' : 'prerouting';
  const traced = repeat?.marks.findLast(
    (each) => each.node === node && each.leg === leg && each.hook === hook,
  );
  if (traced !== undefined) return traced.mark;
  return lookUps.find((each) => each.node === node && each.leg === leg && each.purpose === 'way')?.mark ?? 0;
}
