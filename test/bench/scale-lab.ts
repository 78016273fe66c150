// Applies the policies of a scenario's first step with replypath's own stages and prints what that took.
//
//   scale-lab.js FILE
import { applyPolicy } from '../../src/apply/apply.js';
import { buildLab } from '../../src/build/lab.js';
import { startSandbox } from '../../src/system/sandbox.js';
import { planOf } from './generated.js';
import { Stages } from './stages.js';

/** Printed as JSON. */
export interface AppliedLab {
  readonly stagesMs: Readonly<Record<string, number>>;
  /** Processor time of this process: while it applied them, and altogether. */
  readonly applyCpuMs: number;
  readonly cpuMs: number;
}

const TIMEOUT_MS = 120_000;

const [file = ''] = process.argv.slice(2);
const stages = new Stages();
const plan = await stages.during('plan', () => planOf(file));
const sandbox = await startSandbox();
try {
  const lab = await buildLab(plan, sandbox, 'agent');
  const before = process.cpuUsage();
  for (const { node, items } of plan.scenario.steps.flatMap(({ applies }) => applies)) {
    const labNode = lab.nodes.get(node);
    if (!labNode) throw new Error(`the lab has no node ${node}`);
    const applied = await stages.during('apply', () => applyPolicy(labNode, items, [], TIMEOUT_MS));
    const failure = applied.commands.find(({ unexpected }) => unexpected);
    if (failure) throw new Error(`${failure.text}: ${failure.message}`);
  }
  const result: AppliedLab = {
    stagesMs: stages.ms,
    applyCpuMs: total(process.cpuUsage(before)),
    cpuMs: total(process.cpuUsage()),
  };
  console.log(JSON.stringify(result));
} finally {
  await sandbox.close();
}

function total({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}
