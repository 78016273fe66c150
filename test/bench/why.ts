import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EXPLAINED } from '../../src/model/settings.js';
import { COMMAND, clock, SCRIPTS } from './clock.js';
import type { Contender, Contest, Goal } from './contest.js';

const SCENARIO = join(SCRIPTS, 'split-access.yaml');
const SUITE = 20;
/** A flow that fails is repeated and its repair tried: a few labs of these tell as much. */
const FAILING = 3;
const TIMEOUT_S = 300;
const PROGRAM = join(import.meta.dirname, 'artifacts.js');

const UNASKED = 'causes not looked for';
const UNWRITTEN = 'nothing written';

/**
 * What evidence costs: the causes of flows that are as expected, of which next to nothing is gathered, and of the same
 * where they are asked for; of some that are not as expected; and the files in which a run keeps what it captured.
 */
export async function whyContests(folder: string): Promise<readonly Contest[]> {
  const text = await readFile(SCENARIO, 'utf8');
  const expected = await suiteOf(join(folder, 'expected'), text, SUITE);
  const astray = text.replaceAll('symmetric', 'asymmetric');
  const unexpected = await suiteOf(join(folder, 'unexpected'), astray, FAILING);
  const writing = (name: string, output: readonly string[], goals: readonly Goal[]): Contender => ({
    name,
    run: () => clock([process.execPath, PROGRAM, expected, ...output], TIMEOUT_S),
    goals,
  });
  return [
    {
      title: `Causes of flows as expected, in a suite of ${SUITE} labs, per lab`,
      per: SUITE,
      contenders: [
        contender(UNASKED, expected, 'none', folder),
        contender('as usual', expected, 'failed', folder, { goals: [{ baseline: UNASKED, ratio: 1.15 }] }),
        contender('causes asked for', expected, 'all', folder),
      ],
    },
    {
      title: `Causes of flows that are not as expected, in ${FAILING} labs, per lab`,
      per: FAILING,
      contenders: [
        contender(UNASKED, unexpected, 'none', folder, { exit: 1 }),
        contender('as usual', unexpected, 'failed', folder, { exit: 1 }),
      ],
    },
    {
      title: `Captures as pcapng, with transcripts and reports, in a suite of ${SUITE} labs, per lab`,
      per: SUITE,
      contenders: [
        writing(UNWRITTEN, [], []),
        writing('as usual', [join(folder, 'artifacts')], [{ baseline: UNWRITTEN, ratio: 1.15 }]),
      ],
    },
  ];
}

async function suiteOf(folder: string, text: string, labs: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  const names = Array.from({ length: labs }, (_, i) => `split-access-${i + 1}.yaml`);
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
