import type { CounterDeltas, LookUp, NeighbourEntry, Passage, Repeat } from './evidence.js';
import type { FlowResult } from './flow-result.js';
import type { Environment, ScenarioResult } from './result.js';
import type { VerdictName } from './verdict.js';

/** What was decided about a flow's packets at each node, and what that is known by: beside its result in a report. */
export interface Explanation {
  /** Of the request in order, then of its reply. */
  readonly passages: readonly ExplainedPassage[];
  /** What the nodes on the way say of themselves, in the order in which the packets reached them. */
  readonly nodes: readonly ExplainedNode[];
  readonly lookUps: readonly LookUp[];
  /** Where a mark took part, or should have. */
  readonly marks: readonly MarkLife[];
  /** Null where the flow was not repeated. */
  readonly repeat: RepeatReport | null;
  /** Where two sources of evidence contradict one another, a sentence each. */
  readonly disagreements: readonly string[];
  /** What could not be gathered and why, a sentence each. */
  readonly missing: readonly string[];
}

export interface ExplainedPassage extends Passage {
  /** Null where nothing was looked up, or it is not known what decided. */
  readonly decision: Decision | null;
}

/** What of a node's routing policy decided about a packet. */
export interface Decision {
  /** Preference of the RPDB rule; null where no rule matched. */
  readonly rule: number | null;
  /** Null where the rule itself refuses. */
  readonly table: string | null;
  /** As ip-route(8) has it: `default via 192.0.2.1 dev eth0`; of a rule that refuses, its action. */
  readonly route: string | null;
}

export interface ExplainedNode {
  readonly node: string;
  /** As `ip rule` prints them, of the family of the flow. */
  readonly rules: readonly string[];
  /** Of all the flows of its step, as far as they have to do with the family of the flow. */
  readonly counters: CounterDeltas;
  /** Of the family of the flow. */
  readonly neighbours: readonly NeighbourEntry[];
}

/** What became of a packet's mark at a node: `0x2 set in prerouting`, `saved to the connection`, `looked up with 0`. */
export interface MarkLife {
  readonly node: string;
  readonly stages: readonly string[];
}

/** A `Repeat` whose counters are an object by node. */
export interface RepeatReport extends Omit<Repeat, 'counters'> {
  readonly counters: Readonly<Record<string, CounterDeltas>>;
}

/** Something to do about a flow, tried in a fresh lab before it is told. */
export interface Suggestion {
  /** In the imperative: `add a rule for 198.51.100.10`. */
  readonly text: string;
  /** Empty where it is a program that has to be bound otherwise. */
  readonly commands: readonly { readonly node: string; readonly text: string }[];
  /** Of the flow, with it. */
  readonly verdict: VerdictName;
  /** What of the flow still differs from its expectation, a sentence each; empty where it was as expected without. */
  readonly remaining: readonly string[];
  /** Other flows of the step that have another verdict with it. */
  readonly changes: readonly VerdictChange[];
}

export interface VerdictChange {
  /** `client → server:eth0 ping IPv4`. */
  readonly flow: string;
  readonly from: VerdictName;
  readonly to: VerdictName;
}

/** What `explain --json` prints. */
export interface ExplanationReport {
  readonly version: 1;
  readonly environment: Environment;
  readonly scenario: Omit<ScenarioResult, 'steps' | 'diagnostics'>;
  /** All flows of the scenario, in the order of the file. */
  readonly flows: readonly NumberedFlow[];
  /** Which of them is explained; null where it was left to choose one. */
  readonly number: number | null;
  /** That flow; null without one. */
  readonly flow: FlowResult | null;
}

/** A flow of a scenario, as it is asked for. */
export interface NumberedFlow {
  /** From 1. */
  readonly number: number;
  /** Title of its step; empty where that has none. */
  readonly step: string;
  readonly from: string;
  readonly to: string;
  readonly probe: string;
  readonly family: FlowResult['family'];
  readonly status: FlowResult['status'];
  readonly verdict: VerdictName;
}
