// The program behind scripts/bench/run, which says what it does.
import { rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { dir } from 'tmp-promise';
import { catalogueContest } from './catalogue.js';
import { MeasurementError } from './clock.js';
import { type Contest, hold } from './contest.js';
import { growth } from './growth.js';
import { labContest, suiteContest } from './lab.js';
import { scale } from './scale.js';
import { start } from './start.js';
import { tableOf } from './table.js';
import { whyContests } from './why.js';

const PARTS = ['lab', 'suite', 'catalogue', 'growth', 'why', 'scale', 'start'] as const;
const SIZES = [10, 100, 500, 1000];
type Part = (typeof PARTS)[number];

const { only, rounds, nodes } = readArguments();

function readArguments(): { only: readonly Part[]; rounds: number; nodes: readonly number[] } {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        rounds: { type: 'string', default: '5' },
        nodes: { type: 'string', multiple: true },
      },
    });
    return {
      only: values.only?.map(partNamed) ?? PARTS,
      rounds: positive('rounds', values.rounds),
      nodes: values.nodes?.map((text) => positive('nodes', text)) ?? SIZES,
    };
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}`);
    process.exit(2);
  }
}

function partNamed(text: string): Part {
  const part = PARTS.find((name) => name === text);
  if (part === undefined) throw new Error(`--only takes ${PARTS.join(', ')}, not ${text}`);
  return part;
}

function positive(option: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Error(`--${option} takes a whole number above 0, not ${text}`);
}

/** One contest after the other: they must not disturb each other. */
async function tablesOf(
  contests: readonly Contest[],
  judge: (contest: Contest) => Promise<string>,
): Promise<string> {
  const tables: string[] = [];
  for (const contest of contests) tables.push(await judge(contest));
  return tables.join('\n');
}

/** What came of a part, as text. */
async function measure(part: Part, folder: string): Promise<string> {
  const judge = async (contest: Contest) => tableOf(contest, await hold(contest, rounds));
  switch (part) {
    case 'lab':
      return judge(await labContest(folder));
    case 'suite':
      return judge(await suiteContest(folder));
    case 'catalogue':
      return judge(catalogueContest(folder));
    case 'why':
      return tablesOf(await whyContests(folder), judge);
    case 'growth':
      return growth(nodes, rounds, folder);
    case 'scale':
      return scale(rounds, folder);
    case 'start':
      return start(rounds);
  }
}

const folder = await dir({ prefix: 'replypath-bench-', unsafeCleanup: true });
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  // What is being measured is ended by clock.pl, which notices that this process is gone.
  process.once(signal, () => {
    rmSync(folder.path, { recursive: true, force: true });
    process.exit(code);
  });
}
try {
  console.log(`scripts/bench/run ${process.argv.slice(2).join(' ')}\n`);
  console.log(`Node ${process.versions.node}, ${cpus().length} cores, medians of ${rounds} rounds\n`);
  for (const part of only) console.log(await measure(part, folder.path));
} catch (error) {
  if (!(error instanceof MeasurementError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
} finally {
  await folder.cleanup();
}
