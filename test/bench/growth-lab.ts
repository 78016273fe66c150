// Builds the lab of a scenario file with replypath's own stages and prints what each of them took.
//
//   growth-lab.js FILE agent|tcpdump|none      who captures
import { buildLab, type Lab } from '../../src/build/lab.js';
import { startSandbox } from '../../src/system/sandbox.js';
import { planOf } from './generated.js';
import { memoryBelow } from './memory.js';
import { observed, Stages } from './stages.js';

/** Printed as JSON. */
export interface GrownLab {
  readonly stagesMs: Readonly<Record<string, number>>;
  /** Processor time of this process: while it built, and altogether. */
  readonly buildCpuMs: number;
  readonly cpuMs: number;
  /** Resident set of this process, once the lab stands. */
  readonly commandKiB: number;
  /** Of all agents and all captures. */
  readonly agentsKiB: number;
  readonly capturesKiB: number;
}

const [file = '', captures = 'none'] = process.argv.slice(2);
const stages = new Stages();

const plan = await stages.during('plan', () => planOf(file));
const sandbox = await stages.during('sandbox', startSandbox);
let lab: Lab | null = null;
try {
  const before = process.cpuUsage();
  const observedSandbox = observed(sandbox, stages, captures !== 'none');
  const method = captures === 'agent' ? 'agent' : 'tcpdump';
  lab = await stages.during('build', () => buildLab(plan, observedSandbox, method));
  const { user, system } = process.cpuUsage(before);
  const commandKiB = process.memoryUsage.rss() / 1024;
  const memory = await memoryBelow(process.pid);
  const { close } = lab;
  await stages.during('teardown', close);
  const all = process.cpuUsage();
  const grown: GrownLab = {
    stagesMs: stages.ms,
    buildCpuMs: (user + system) / 1000,
    cpuMs: (all.user + all.system) / 1000,
    commandKiB,
    agentsKiB: sumOf(memory, (name) => name !== 'tcpdump'),
    capturesKiB: sumOf(memory, (name) => name === 'tcpdump'),
  };
  console.log(JSON.stringify(grown));
} finally {
  await sandbox.close();
}

function sumOf(memory: ReadonlyMap<string, number>, which: (name: string) => boolean): number {
  let sum = 0;
  for (const [name, kib] of memory) if (which(name)) sum += kib;
  return sum;
}
