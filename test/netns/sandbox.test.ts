import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { dir } from 'tmp-promise';
import type { ScenarioResult } from '../../src/model/result.js';
import { AS_USER, type Ended, execute, FOLDER, ROOT, readRun, run, runCommand } from './command.js';
import { type Family, familyOf, leftOf, machineState } from './machine.js';

const A1 = join(ROOT, 'scenarios/recipes/a1-rt2.yaml');
const ENDLESS = `${FOLDER}/endless`;

interface Interrupted extends Ended {
  /** What there was just before the last signal. */
  readonly family: Family;
}

/** Runs the scenarios, does something to the command as soon as it has started, and waits for its end. */
async function interrupt(
  paths: readonly string[],
  deed: (child: ChildProcess, output: string) => Promise<Family>,
): Promise<Interrupted> {
  const output = await dir({ unsafeCleanup: true });
  try {
    let done: Promise<Family> | undefined;
    const ended = await execute(runCommand(output.path, paths), (child) => {
      done = deed(child, output.path);
      done.catch(() => child.kill('SIGKILL'));
    });
    if (done === undefined) throw new Error('nothing was started');
    return { ...ended, family: await done };
  } finally {
    await output.cleanup();
  }
}

/** The command is stopped while it is looked at, so that nothing is missed. */
async function familyBeforeSignal(child: ChildProcess, signal: NodeJS.Signals): Promise<Family> {
  child.kill('SIGSTOP');
  const family = await familyOf(child.pid ?? 0);
  child.kill(signal);
  if (signal !== 'SIGKILL') child.kill('SIGCONT');
  return family;
}

function eventsIn(output: string): Promise<string> {
  return readFile(join(output, 'run.jsonl'), 'utf8').catch(() => '');
}

/** Until the endless recipe sleeps, and what runs before it is over. */
async function endlessSleeps(child: ChildProcess, output: string): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await delay(30)) {
    const { processes } = await familyOf(child.pid ?? 0);
    const sleeps = processes.filter(({ command }) => command === 'sleep');
    if ((await eventsIn(output)).includes('scenario-ended') && sleeps.length === 3) return;
  }
  throw new Error('the recipe was not begun in 30 s');
}

const before = await machineState();
t.match(before, /inet 127\.0\.0\.1/, 'the state of the machine can be read');

t.test('SIGKILL at any instant leaves nothing', async (t) => {
  let namespaces = 0;
  for (const [what, most] of [
    ['the command', 300],
    ['the first lab', 60],
    ['the first lab', 600],
  ] as const) {
    const instant = randomInt(most);
    const { signal, family } = await interrupt([A1, ENDLESS], async (child, output) => {
      while (what === 'the first lab' && !(await eventsIn(output)).includes('scenario-started'))
        await delay(5);
      await delay(instant);
      return familyBeforeSignal(child, 'SIGKILL');
    });
    const when = `${instant} ms after the start of ${what}`;
    t.equal(signal, 'SIGKILL', `killed ${when}`);
    t.strictSame(await leftOf(family), [], `${when}: no process of it is left`);
    t.equal(await machineState(), before, `${when}: the machine is as it was`);
    namespaces += family.namespaces.size;
  }
  t.ok(namespaces > 0, 'there were labs at that time');
});

t.test('SIGINT once: the run ends in order, and what ran is reported', async (t) => {
  const { family, ...ended } = await interrupt([ENDLESS], async (child, output) => {
    await endlessSleeps(child, output);
    return familyBeforeSignal(child, 'SIGINT');
  });
  t.match(ended, { code: 130, signal: null, stderr: /ending the run/ });
  const { report, scenario } = readRun(ended);
  t.equal(report.scenarios.length, 2);
  t.match(scenario('before'), {
    status: 'passed',
    steps: [{ flows: [{ verdict: 'symmetric' }, { verdict: 'symmetric' }] }],
  });
  t.match(scenario('recipe'), { status: 'errored', reason: { code: 'interrupted' } });
  t.ok(family.namespaces.size > 0);
  t.strictSame(await leftOf(family), []);
  t.equal(await machineState(), before);
});

t.test('SIGINT twice: it ends at once', async (t) => {
  const { family, ...ended } = await interrupt([ENDLESS], async (child, output) => {
    await endlessSleeps(child, output);
    const heard = once(child.stderr ?? child, 'data');
    const family = await familyBeforeSignal(child, 'SIGINT');
    await heard;
    child.kill('SIGINT');
    return family;
  });
  t.match(ended, { code: 130, signal: null });
  t.strictSame(await leftOf(family), []);
  t.equal(await machineState(), before);
});

/** What of a result may not depend on who runs it. */
function judged({ name, status, steps }: ScenarioResult) {
  return {
    name,
    status,
    steps: steps.map(({ title, commands, flows }) => ({
      title,
      commands,
      flows: flows.map(({ verdict, request, reply, lost, cause, sent, received, sameNexthop }) => {
        return { verdict, request, reply, lost, cause, sent, received, sameNexthop };
      }),
    })),
  };
}

t.test('the same verdicts as root and as an ordinary user', async (t) => {
  const [ours, theirs] = [await run([A1]), await run([A1], [AS_USER])];
  t.equal(ours.report.environment.rootless, process.getuid?.() !== 0);
  t.equal(theirs.report.environment.rootless, true);
  t.equal(ours.report.scenarios.length, 4);
  const flows = ours.report.scenarios.flatMap(({ steps }) => steps.flatMap((step) => step.flows));
  t.ok(flows.length > 0);
  t.notOk(flows.some(({ verdict }) => verdict === 'inconclusive'));
  const sorted = (results: readonly ScenarioResult[]) =>
    results.map(judged).sort((a, b) => a.name.localeCompare(b.name));
  t.strictSame(sorted(theirs.report.scenarios), sorted(ours.report.scenarios));
  t.equal(theirs.code, ours.code);
  t.equal(await machineState(), before);
});
