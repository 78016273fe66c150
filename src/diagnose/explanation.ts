import type { CounterDeltas, FlowEvidence, Repeat } from '../model/evidence.js';
import type {
  ExplainedNode,
  Explanation,
  RepeatReport,
  Decision as ReportedDecision,
} from '../model/explanation.js';
import type { Family } from '../model/family.js';
import type { LabPlan } from '../model/plan.js';
import type { CommandReport } from '../model/result.js';
import { parseAddress } from '../net/address.js';
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
    repeat: repeat === null ? null : repeatReport(repeat, facts.flow.family),
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
      counters: countersOf(flow.family, counters.get(node) ?? {}),
      neighbours:
        state?.neighbours.filter(({ address }) => parseAddress(address)?.family === flow.family) ?? [],
    };
  });
}

/** Those of one family, and those that count both, as TCP's do. */
function countersOf(family: Family, counters: CounterDeltas): CounterDeltas {
  const other = family === 4 ? /^(Ip|Icmp|Udp|UdpLite)6/ : /^(Ip|Icmp|Udp|UdpLite)(?!6)/;
  return Object.fromEntries(Object.entries(counters).filter(([name]) => !other.test(name)));
}

function repeatReport({ counters, ...repeat }: Repeat, family: Family): RepeatReport {
  const ofFamily = [...counters].map(([node, rises]) => [node, countersOf(family, rises)] as const);
  return { ...repeat, counters: Object.fromEntries(ofFamily) };
}
