import { commandsOf } from '../diagnose/commands.js';
import type { Diagnosis } from '../model/diagnosis.js';
import type { Journey } from '../model/evidence.js';
import type { Suggestion } from '../model/explanation.js';
import type { FlowResult } from '../model/flow-result.js';
import type { Scenario } from '../model/scenario.js';
import type { VerdictName } from '../model/verdict.js';
import type { RerunMeans } from './rerun.js';
import { tryRepair } from './trial.js';

/**
 * What the user can do about a flow: the repair of its cause, where that was tried in a lab of its own and brought the
 * flow nearer to what is expected of it. Null where nothing is known that does.
 *
 * @param journeys of all flows of its step, as they were.
 */
export async function suggestionFor(
  scenario: Scenario,
  journey: Journey,
  { repair }: Diagnosis,
  journeys: readonly Journey[],
  means: RerunMeans,
): Promise<Suggestion | null> {
  if (repair === null || !repair.isAdvice) return null;
  const step = scenario.steps.findIndex(({ flows }) => flows.includes(journey.plan.flow));
  const verdicts = journeys.map(({ result }) => result.verdict);
  const tried = { scenario, step, flow: journeys.indexOf(journey), verdicts };
  const { verdict, differences, changes, reason } = await tryRepair(tried, repair, means);
  if (reason !== null || verdict === null || !isBetter({ verdict, differences }, journey.result)) return null;
  return {
    text: repair.text,
    commands: commandsOf(repair),
    verdict,
    remaining: journey.result.status === 'failed' ? differences : [],
    changes: changes.flatMap(({ flow, before, after }) => {
      const changed = journeys[flow]?.result;
      return changed === undefined ? [] : [{ flow: flowText(changed), from: before, to: after }];
    }),
  };
}

/** How far the packets came, the farthest last. */
const PROGRESS: readonly VerdictName[] = [
  ...(['send-failed', 'refused', 'request-lost', 'no-reply', 'reply-lost'] as const),
  ...(['wrong-source', 'mixed', 'asymmetric', 'symmetric'] as const),
];

type Outcome = Pick<FlowResult, 'verdict' | 'differences'>;

/**
 * Whether an outcome is nearer to what is expected of the flow than the one it had. Of a flow that was as expected, which
 * somebody asks about, nearer to symmetric: that it went astray is what was expected.
 */
export function isBetter(now: Outcome, before: FlowResult): boolean {
  const { expected, status } = before;
  const goal = status === 'failed' ? expected.verdict : 'symmetric';
  const nearer = distance(before.verdict, goal) - distance(now.verdict, goal);
  if (nearer !== 0 || status === 'passed') return nearer > 0;
  return now.verdict === before.verdict && now.differences.length < before.differences.length;
}

/** What is inconclusive has no place on that way: it is farther from each goal than any other. */
function distance(verdict: VerdictName, goal: VerdictName): number {
  const [at, aim] = [PROGRESS.indexOf(verdict), PROGRESS.indexOf(goal)];
  return at < 0 ? PROGRESS.length : Math.abs(at - aim);
}

function flowText({ from, to, probe, family }: FlowResult): string {
  return `${from} → ${to} ${probe} IPv${family}`;
}
