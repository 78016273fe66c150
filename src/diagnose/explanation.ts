import type { FlowEvidence, Repeat } from '../model/evidence.js';
import type {
  ExplainedNode,
  Explanation,
  RepeatReport,
  Decision as ReportedDecision,
} from '../model/explanation.js';
import type { LabPlan } from '../model/plan.js';
import type { CommandReport } from '../model/result.js';
import { routeText } from './decision-text.js';
import { disagreements } from './disagreements.js';
import { type Facts, factsOf } from './facts.js';
import { markLives } from './mark-life.js';
import type { Decision } from './rpdb.js';

/**
 * What is known of how a flow went, for a report.
 *
 * @param commands what was done to the lab in the steps up to this one, in order
 */
export function explanationOf(
  evidence: FlowEvidence,
  plan: LabPlan,
  commands: readonly CommandReport[],
): Explanation {
  const facts = factsOf(evidence, plan, commands);
  const { lookUps, missing, repeat } = evidence;
  return {
    passages: facts.passages.map((passage) => ({
      ...passage,
      decision: reported(facts.decisionFor(passage)),
    })),
    nodes: nodesOf(facts),
    lookUps,
    marks: markLives(facts),
    repeat: repeat === null ? null : repeatReport(repeat),
    disagreements: disagreements(facts),
    missing,
  };
}

function reported(decision: Decision | null): ReportedDecision | null {
  if (decision === null) return null;
  const { end } = decision;
  if (end.kind === 'none') return { rule: null, table: null, route: null };
  if (end.kind === 'assumed') return { rule: null, table: null, route: `dev ${end.device}` };
  const rule = end.rule.preference;
  if (end.kind === 'route') return { rule, table: end.table, route: routeText(end.route) };
  return { rule, table: end.route?.table ?? null, route: end.route === null ? end.by : routeText(end.route) };
}

function nodesOf({ evidence: { counters }, flow, passages, stateOf }: Facts): readonly ExplainedNode[] {
  return [...new Set(passages.map(({ node }) => node))].map((node) => {
    const state = stateOf(node);
    return {
      node,
      rules: state?.rules.filter(({ family }) => family === flow.family).map(({ text }) => text) ?? [],
      counters: counters.get(node) ?? {},
      neighbours: state?.neighbours ?? [],
    };
  });
}

function repeatReport({ counters, ...repeat }: Repeat): RepeatReport {
  return { ...repeat, counters: Object.fromEntries(counters) };
}
