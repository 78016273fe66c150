// The program behind scripts/kill, which says what it does.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AS_USER, ROOT, readRun } from './command.js';
import { changes, eventsIn, familyBefore, interrupt, killAt, type Target } from './killing.js';
import { leftOf, machineState } from './machine.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  },
});
if (!/^\d+$/.test(values.kills) || !/^\d+$/.test(values.seed)) {
  console.error('kill: --kills and --seed take whole numbers');
  process.exit(2);
}
const kills = Number(values.kills);
const paths = positionals.length > 0 ? positionals : [join(ROOT, 'scenarios')];

/** No kill is later than this after the start of the command, or after it asked for its first lab. */
const LATEST_MS = 3_000;
/** By then the sandbox and the first labs are being made: every other round kills before. */
const BEGINNING_MS = 80;
/** In which a run must end in order after one Ctrl-C. */
const ORDERLY_MS = 2_000;

const TARGETS: readonly Target[] = ['command', 'group', 'sandbox'];
/** As whom: by root both, else as whoever calls. */
const USERS: readonly (readonly string[])[] = process.getuid?.() === 0 ? [[], [AS_USER]] : [[]];

/** Numbers from 0 to below 1 that a seed determines: mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

let failures = 0;
function report(what: string, complaints: readonly string[]): void {
  if (complaints.length === 0) return;
  failures++;
  console.log(`${what}:\n  ${complaints.join('\n  ').replaceAll('\n', '\n  ')}`);
}

const random = generator(Number(values.seed));
console.log(`seed ${values.seed}`);
const before = await machineState();
const hits = new Map<Target, number>();
let inLabs = 0;
for (let i = 0; i < kills; i++) {
  // Earlier instants more often: most is made then.
  const target = TARGETS[i % TARGETS.length] ?? 'command';
  const turn = Math.floor(i / TARGETS.length);
  const by = USERS[turn % USERS.length] ?? [];
  const isEarly = Math.floor(turn / USERS.length) % 2 === 1;
  const instant = isEarly ? Math.round(BEGINNING_MS * random()) : Math.round(LATEST_MS * random() ** 2);
  // Before it there is no sandbox to kill.
  const since = isEarly || target === 'sandbox' ? 'first lab' : 'command';
  const kill = await killAt(paths, target, instant, before, { by, since });
  if (kill.hit) hits.set(target, (hits.get(target) ?? 0) + 1);
  if (kill.namespaces > 0) inLabs++;
  const who = by.length > 0 ? 'as an ordinary user' : 'as the caller';
  report(`kill ${i + 1}, ${target}, ${who}, ${instant} ms after the start of the ${since}`, kill.complaints);
  if ((i + 1) % 20 === 0) console.error(`${i + 1} of ${kills} kills`);
}

/** Ctrl-C: a terminal sends SIGINT to all of the foreground process group. */
async function pressCtrlC(times: 1 | 2, by: readonly string[]): Promise<void> {
  const instant = Math.round(LATEST_MS * random());
  let pressed = 0;
  const { code, family, files, ...ended } = await interrupt(
    paths,
    async (child, output) => {
      const press = () => void process.kill(-(child.pid ?? 0), 'SIGINT');
      while (!(await eventsIn(output)).includes('scenario-ended')) await delay(5);
      await delay(instant);
      const heard = child.stderr ? once(child.stderr, 'data') : Promise.resolve();
      const family = await familyBefore(child, press);
      pressed = performance.now();
      if (times === 2) {
        await heard;
        press();
        pressed = performance.now();
      }
      return family;
    },
    by,
  );
  const took = performance.now() - pressed;
  const complaints: string[] = [];
  if (code !== 130) complaints.push(`it ended with ${code}: ${ended.stderr}`);
  if (took > ORDERLY_MS) complaints.push(`it took ${took.toFixed(0)} ms`);
  if (times === 1 && readRun({ code, ...ended }).report.scenarios.length === 0)
    complaints.push('the report has nothing of what ran');
  complaints.push(...(await leftOf(family)).map(({ pid, command }) => `left: process ${pid} (${command})`));
  complaints.push(...files.map((file) => `left: file ${file}`));
  const after = await machineState();
  if (after !== before) complaints.push(`the machine has changed:\n${changes(before, after)}`);
  console.log(
    `Ctrl-C ${times === 1 ? 'once' : 'twice'}, ${instant} ms after the first result: ${took.toFixed(0)} ms`,
  );
  report(`Ctrl-C (${times}), ${by.length > 0 ? 'as an ordinary user' : 'as the caller'}`, complaints);
}

for (const by of USERS) for (const times of [1, 2] as const) await pressCtrlC(times, by);

const counts = TARGETS.map((target) => `${target} ${hits.get(target) ?? 0}`).join(', ');
console.log(
  `${kills} kills (${counts}), ${inLabs} of them with namespaces; ${failures} left or changed something`,
);
process.exitCode = failures === 0 ? 0 : 1;
