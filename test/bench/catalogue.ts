import { join } from 'node:path';
import { packageFolder } from '../../src/system/package-folder.js';
import { COMMAND, clock } from './clock.js';
import type { Contender, Contest, Goal } from './contest.js';
import { byHand } from './lab.js';

/** Scenarios of the catalogue by the names of their files, each with the variant that scripts/bench/by-hand has. */
const SAMPLE: Readonly<Record<string, string>> = {
  'recipes/a1-rt2': 'isp=open family=4',
  'recipes/a4-corporate': 'isp=open rp_filter=1',
  'recipes/a6-netware': 'isp=open family=4',
  'recipes/a7-split-access': 'isp=open family=4',
  'recipes/a8-admin': 'isp=open family=4',
  'reports/b11-to-rule': 'isp=open family=4',
  'reports/b12-mistakes': 'family=4',
  'reports/b13-other-service': 'isp=open family=4',
  'reports/b14-interface-restart': 'family=4',
  'reports/b30-netstat': 'isp=open family=4',
};
const TIMEOUT_S = 120;

/** Ten scenarios, in which replypath has more flows than the shell; told per scenario. */
export function catalogueContest(folder: string): Contest {
  const names = Object.keys(SAMPLE);
  const goals: readonly Goal[] = [{ baseline: 'by hand', ratio: 1 }];
  return {
    title: `${names.length} scenarios of the catalogue, per scenario`,
    per: names.length,
    contenders: [
      byHand(
        1,
        names.map((name) => name.replace(/^.*\//, '')),
      ),
      replypath(1, folder, goals),
      replypath(2, folder, goals),
    ],
  };
}

function replypath(workers: number, folder: string, goals: readonly Goal[]): Contender {
  const cells = Object.entries(SAMPLE).map(([name, variant]) => `${name} \\[${variant}\\]`);
  const files = Object.keys(SAMPLE).map((name) => join(packageFolder(), 'scenarios', `${name}.yaml`));
  const options = ['--quiet', '--workers', String(workers), '--output', join(folder, 'results')];
  const grep = `^(${cells.join('|')})$`;
  const command = [process.execPath, COMMAND, 'run', ...options, '--grep', grep, ...files];
  const name = `replypath, ${workers === 1 ? 'one worker' : `${workers} workers`}`;
  return { name, run: () => clock(command, TIMEOUT_S), goals };
}
