import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { writeBatches, writeLines } from './batches.js';
import { clock, INSIDE, type Reading, SCRIPTS } from './clock.js';
import { type Contender, type Contest, hold, spread } from './contest.js';
import { chain, planOf, writeScenario } from './generated.js';
import { COMMANDS, shellPolicies, typedPolicies } from './large-policy.js';
import type { AppliedLab } from './scale-lab.js';
import { markdown, number, tableOf } from './table.js';

const PROGRAM = join(import.meta.dirname, 'scale-lab.js');
const TIMEOUT_S = 240;
const BASELINE = 'ip -batch';

/** A large policy, typed and as scripts: a table against bare ip, and one of what reading it takes. */
export async function scale(rounds: number, folder: string): Promise<string> {
  const batches = join(folder, 'scale');
  const ways = [
    { name: 'replypath, ip', file: await write(join(folder, 'typed'), typedPolicies()) },
    { name: 'replypath, shell', file: await write(join(folder, 'shell'), shellPolicies()) },
  ].map((way) => ({ ...way, labs: [] as AppliedLab[] }));
  const bare = await writeScenario(batches, chain(2), [{}]);
  await writeBatches(await planOf(bare), batches);
  await writeLines(join(batches, 'policy'), COMMANDS);
  const contest: Contest = {
    title: '10,000 rules and 100,000 routes: applying them',
    per: 1,
    contenders: [
      { name: BASELINE, run: () => applyBare(batches), goals: [] },
      ...ways.map(
        ({ name, file, labs }): Contender => ({
          name,
          run: () => applyByReplypath(file, labs),
          goals: [{ baseline: BASELINE, ratio: 1.2 }],
        }),
      ),
    ],
  };
  const table = tableOf(contest, await hold(contest, rounds));
  const rows = ways.map(({ name, labs }) => {
    const { median, least, most } = spread(labs.map(({ stagesMs }) => stagesMs.plan ?? 0));
    return [name, ...[median, least, most].map(number)];
  });
  return `${table}\n### Reading them and checking them, ms\n\n${markdown([['', 'median', 'least', 'most'], ...rows])}\n`;
}

/** Two nodes, and each of the policies in a file of its own, applied to the first. */
async function write(folder: string, policies: readonly object[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  await Promise.all(
    policies.map((policy, i) => writeFile(join(folder, `policy-${i}.yaml`), stringify(policy))),
  );
  const apply = policies.map((_, i) => ({ node: 'n0', policy: `./policy-${i}.yaml` }));
  return writeScenario(folder, chain(2), [{ apply }]);
}

/** The script says what applying took; making the lab is not part of it. */
async function applyBare(folder: string): Promise<Reading> {
  const run = await clock([...INSIDE, 'bash', join(SCRIPTS, 'apply.sh'), folder], TIMEOUT_S);
  return { wallMs: Number(run.stdout), cpuMs: run.cpuMs };
}

async function applyByReplypath(file: string, labs: AppliedLab[]): Promise<Reading> {
  const run = await clock([process.execPath, PROGRAM, file], TIMEOUT_S);
  const lab: AppliedLab = JSON.parse(run.stdout);
  labs.push(lab);
  // Of the command itself only what it took to apply, of what it started all.
  const cpuMs = run.cpuMs === null ? null : run.cpuMs - lab.cpuMs + lab.applyCpuMs;
  return { wallMs: lab.stagesMs.apply ?? 0, cpuMs };
}
