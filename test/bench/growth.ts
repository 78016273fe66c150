import { join } from 'node:path';
import type { CaptureMethod } from '../../src/model/settings.js';
import { writeBatches } from './batches.js';
import { clock, INSIDE, type Reading, SCRIPTS } from './clock.js';
import { type Contest, hold, spread } from './contest.js';
import { chain, planOf, writeScenario } from './generated.js';
import type { GrownLab } from './growth-lab.js';
import { markdown, number, tableOf } from './table.js';

const PROGRAM = join(import.meta.dirname, 'growth-lab.js');
const TIMEOUT_S = 240;

/** Labs of growing size: a table against bare ip for each, and one of where time and memory go. */
export async function growth(sizes: readonly number[], rounds: number, folder: string): Promise<string> {
  const tables: string[] = [];
  const rows: string[][] = [];
  for (const nodes of sizes) {
    const file = await writeScenario(join(folder, `chain-${nodes}`), chain(nodes), [{}]);
    const batches = join(folder, `batches-${nodes}`);
    await writeBatches(await planOf(file), batches);
    const labs = new Map<CaptureMethod, GrownLab[]>([
      ['agent', []],
      ['tcpdump', []],
    ]);
    const contest: Contest = {
      title: `${nodes} nodes: namespaces, links, addresses`,
      per: 1,
      contenders: [
        { name: 'ip -batch, ip -n', run: () => grow(batches), goals: [] },
        {
          name: 'replypath',
          run: async () => {
            const { lab, reading } = await growByReplypath(file, 'none');
            return { wallMs: likeTheBaseline(lab), cpuMs: reading.cpuMs };
          },
          goals: [{ baseline: 'ip -batch, ip -n', ratio: 1 }],
        },
        ...[...labs].map(([method, grown]) => ({
          name: `replypath, all of it, captures by ${method}`,
          run: async () => {
            const { lab, reading } = await growByReplypath(file, method);
            grown.push(lab);
            return reading;
          },
          goals: [],
        })),
      ],
    };
    tables.push(tableOf(contest, await hold(contest, rounds)));
    for (const [method, grown] of labs) rows.push(stagesOf(nodes, method, grown));
  }
  const head = ['nodes', 'captures by', ...STAGES, 'command MiB', 'agent KiB/node', 'tcpdump KiB/node'];
  return `${tables.join('\n')}\n### Stages, ms, and memory\n\n${markdown([head, ...rows])}\n`;
}

const STAGES = [
  ...['plan', 'sandbox', 'nodes', 'sysctls', 'links', 'captures', 'addresses', 'settle', 'build', 'teardown'],
] as const;

function stagesOf(nodes: number, method: CaptureMethod, labs: readonly GrownLab[]): string[] {
  const median = (value: (lab: GrownLab) => number) => number(spread(labs.map(value)).median);
  return [
    String(nodes),
    method,
    ...STAGES.map((stage) => median(({ stagesMs }) => stagesMs[stage] ?? 0)),
    median(({ commandKiB }) => commandKiB / 1024),
    median(({ agentsKiB }) => agentsKiB / nodes),
    median(({ capturesKiB }) => capturesKiB / nodes),
  ];
}

/** The script says what building took; entering the namespaces is not part of it. */
async function grow(folder: string): Promise<Reading> {
  const run = await clock([...INSIDE, 'bash', join(SCRIPTS, 'grow.sh'), folder], TIMEOUT_S);
  return { wallMs: Number(run.stdout), cpuMs: run.cpuMs };
}

/** Without what the baseline does not do: sysctls, and waiting until all is in effect. */
function likeTheBaseline({ stagesMs: { nodes = 0, links = 0, addresses = 0 } }: GrownLab): number {
  return nodes + links + addresses;
}

async function growByReplypath(
  file: string,
  captures: CaptureMethod | 'none',
): Promise<{ lab: GrownLab; reading: Reading }> {
  const run = await clock([process.execPath, PROGRAM, file, captures], TIMEOUT_S);
  const lab: GrownLab = JSON.parse(run.stdout);
  // Of the command itself only what it took to build, of what it started all.
  const cpuMs = run.cpuMs === null ? null : run.cpuMs - lab.cpuMs + lab.buildCpuMs;
  return { lab, reading: { wallMs: lab.stagesMs.build ?? 0, cpuMs } };
}
