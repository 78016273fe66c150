import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaptureMethod } from '../../src/model/settings.js';
import { COMMAND, clock, INSIDE, SCRIPTS } from './clock.js';
import type { Contender, Contest, Goal } from './contest.js';
import { mininet } from './mininet.js';

const SCENARIO = join(SCRIPTS, 'split-access.yaml');
const SUITE = 20;
const TIMEOUT_S = 120;

/** One scenario by one command. */
export async function labContest(folder: string): Promise<Contest> {
  const other = await mininet(1);
  return {
    title: 'One lab',
    per: 1,
    contenders: [byHand(1), replypath(1, SCENARIO, folder, []), ...(other ? [other] : [])],
  };
}

/** Twenty scenarios by one command; everything is told per scenario. */
export async function suiteContest(folder: string): Promise<Contest> {
  const suite = join(folder, 'suite');
  await mkdir(suite, { recursive: true });
  await Promise.all(
    Array.from({ length: SUITE }, (_, i) => copyFile(SCENARIO, join(suite, `split-access-${i + 1}.yaml`))),
  );
  const other = await mininet(SUITE);
  const goals: Goal[] = [{ baseline: 'by hand', ratio: 0.5 }];
  if (other) goals.push({ baseline: other.name, ratio: 0.25 });
  return {
    title: `A suite of ${SUITE} labs, per lab`,
    per: SUITE,
    contenders: [
      byHand(SUITE),
      replypath(1, suite, folder, goals),
      replypath(2, suite, folder, [{ baseline: 'by hand', ratio: 0.4 }]),
      replypath(1, suite, folder, [], 'tcpdump'),
      ...(other ? [other] : []),
    ],
  };
}

/** @param names files of scripts/bench/by-hand; none for the lab of split access */
export function byHand(times: number, names: readonly string[] = []): Contender {
  const command = [...INSIDE, 'bash', join(SCRIPTS, 'by-hand.sh'), String(times), ...names];
  return { name: 'by hand', run: () => clock(command, TIMEOUT_S), goals: [] };
}

function replypath(
  workers: number,
  path: string,
  folder: string,
  goals: readonly Goal[],
  capture: CaptureMethod = 'agent',
): Contender {
  const options = ['--quiet', '--workers', String(workers), '--capture', capture];
  options.push('--output', join(folder, 'results'));
  const command = [process.execPath, COMMAND, 'run', ...options, path];
  const by = capture === 'agent' ? '' : `, captures by ${capture}`;
  const name = `replypath, ${workers === 1 ? 'one worker' : `${workers} workers`}${by}`;
  return { name, run: () => clock(command, TIMEOUT_S), goals };
}
