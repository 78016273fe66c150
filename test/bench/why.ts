import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EXPLAINED } from '../../src/model/settings.js';
import { COMMAND, clock, SCRIPTS } from './clock.js';
import type { Contender, Contest, Goal } from './contest.js';

const SCENARIO = join(SCRIPTS, 'split-access.yaml');
const SUITE = 20;
const TIMEOUT_S = 300;

const UNASKED = 'as expected, causes not looked for';

/**
 * What the causes of flows cost: of those that are as expected, of which next to nothing is gathered; of the same
 * where they are asked for; and of as many that are not as expected.
 */
export async function whyContest(folder: string): Promise<Contest> {
  const text = await readFile(SCENARIO, 'utf8');
  const expected = await suiteOf(join(folder, 'expected'), text);
  const unexpected = await suiteOf(join(folder, 'unexpected'), text.replaceAll('symmetric', 'asymmetric'));
  return {
    title: `Causes, in a suite of ${SUITE} labs, per lab`,
    per: SUITE,
    contenders: [
      contender(UNASKED, expected, 'none', folder),
      contender('as expected', expected, 'failed', folder, { goals: [{ baseline: UNASKED, ratio: 1.15 }] }),
      contender('as expected, causes asked for', expected, 'all', folder),
      contender('not as expected, causes not looked for', unexpected, 'none', folder, { exit: 1 }),
      contender('not as expected', unexpected, 'failed', folder, { exit: 1 }),
    ],
  };
}

async function suiteOf(folder: string, text: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const names = Array.from({ length: SUITE }, (_, i) => `split-access-${i + 1}.yaml`);
  await Promise.all(names.map((name) => writeFile(join(folder, name), text)));
  return folder;
}

function contender(
  name: string,
  suite: string,
  explained: (typeof EXPLAINED)[number],
  folder: string,
  { goals = [], exit = 0 }: { readonly goals?: readonly Goal[]; readonly exit?: number } = {},
): Contender {
  const options = ['--quiet', '--workers', '1', '--explain', explained, '--output', join(folder, 'results')];
  const command = [process.execPath, COMMAND, 'run', ...options, suite];
  return { name, run: () => clock(command, TIMEOUT_S, exit), goals };
}
