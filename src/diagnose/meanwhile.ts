import type { Diagnosis, Repair } from '../model/diagnosis.js';
import type { CommandReport } from '../model/result.js';
import type { Facts } from './facts.js';

/** What was done while the flow ran, where its packets did not all fare alike and there is nothing else to mend. */
export function meanwhile(facts: Facts, found: Diagnosis | null): Diagnosis | null {
  const done = doneMeanwhile(facts.commands);
  if (facts.result.verdict !== 'mixed' || !isUnderChange(facts) || done.length === 0) return found;
  // A repair is made ahead of the flows: it says nothing of what was in order then.
  if (found?.repair?.isAdvice && !beganWell(facts)) return found;
  const text = `while the flow ran, ${done.map(deedText).join(', and ')}`;
  return found === null
    ? { code: 'changed-meanwhile', text, evidence: [], repair: STILL }
    : { ...found, text: `${found.text}; ${text}`, repair: STILL };
}

const STILL: Repair = {
  text: 'leave everything as it is while the flow runs',
  deeds: [],
  without: 'during',
  isAdvice: false,
};

/** Whether the step of the flow does something while its flows run. */
export function isUnderChange({ plan, flow }: Pick<Facts, 'plan' | 'flow'>): boolean {
  const step = plan.scenario.steps.find(({ flows }) => flows.includes(flow));
  return step !== undefined && step.during.length > 0;
}

function beganWell({ result: { stream, packets } }: Facts): boolean {
  return (stream?.ways[0] ?? packets[0])?.verdict === 'symmetric';
}

/** The last commands with a time, as far as time goes on: those before are of an earlier step. */
function doneMeanwhile(commands: readonly CommandReport[]): readonly CommandReport[] {
  const first = commands.findLastIndex(({ atMs }, i) => {
    const next = commands[i + 1]?.atMs;
    return atMs === undefined || (next !== undefined && next < atMs);
  });
  return commands.slice(first + 1);
}

function deedText({ node, text, atMs = 0 }: CommandReport): string {
  return `"${text}" at ${node} after ${atMs} ms`;
}
