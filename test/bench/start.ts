import { COMMAND, clock } from './clock.js';
import { type Contender, type Contest, hold } from './contest.js';
import { number, tableOf } from './table.js';

const TIMEOUT_S = 20;

/** What may be added to Node's own start. */
const GOAL_MS = 120;

/** One start takes so little time that a few more do not matter. */
const STARTS_A_ROUND = 5;

/** What it costs to ask for help, which loads no more of replypath than that takes. */
export async function start(rounds: number): Promise<string> {
  const contender = (name: string, command: readonly string[]): Contender => ({
    name,
    run: () => clock([process.execPath, ...command], TIMEOUT_S),
    goals: [],
  });
  const contest: Contest = {
    title: 'Start',
    per: 1,
    contenders: [contender('node -e 0', ['-e', '0']), contender('replypath --help', [COMMAND, '--help'])],
  };
  const standings = await hold(contest, rounds * STARTS_A_ROUND);
  const [bare, help] = standings.map(({ wallMs }) => wallMs.median);
  const more = (help ?? Number.NaN) - (bare ?? Number.NaN);
  const verdict = more <= GOAL_MS ? 'reached' : 'not reached';
  return `${tableOf(contest, standings)}\nHelp takes ${number(more)} ms more than Node alone; goal: ${GOAL_MS} ms, ${verdict}.\n`;
}
