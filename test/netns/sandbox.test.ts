import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import type { ScenarioResult } from '../../src/model/result.js';
import { AS_USER, FOLDER, ROOT, readRun, run } from './command.js';
import { eventsIn, familyBefore, interrupt, killAt } from './killing.js';
import { familyOf, leftOf, machineState } from './machine.js';

const A1 = join(ROOT, 'scenarios/recipes/a1-rt2.yaml');
const ENDLESS = `${FOLDER}/endless`;
const ENDLESS_BEFORE = `${ENDLESS}/before.yaml`;

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
  for (const [target, since, most, by] of [
    ['command', 'command', 300, []],
    ['command', 'first lab', 40, [AS_USER]],
    ['group', 'first lab', 60, [AS_USER]],
    ['command', 'first lab', 600, []],
    ['sandbox', 'first lab', 600, []],
  ] as const) {
    const instant = randomInt(most);
    const kill = await killAt([A1, ENDLESS_BEFORE], target, instant, before, { since, by });
    t.strictSame(kill.complaints, [], `${target}, ${instant} ms after the start of the ${since}`);
    namespaces += kill.namespaces;
  }
  t.ok(namespaces > 0, 'there were labs at that time');
});

t.test('SIGINT once: the run ends in order, and what ran is reported', async (t) => {
  const { family, ...ended } = await interrupt([ENDLESS], async (child, output) => {
    await endlessSleeps(child, output);
    return familyBefore(child, () => child.kill('SIGINT'));
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
    const family = await familyBefore(child, () => child.kill('SIGINT'));
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
  t.ok(ours.report.scenarios.length >= 4);
  const flows = ours.report.scenarios.flatMap(({ steps }) => steps.flatMap((step) => step.flows));
  t.ok(flows.length > 0);
  t.notOk(flows.some(({ verdict }) => verdict === 'inconclusive'));
  const sorted = (results: readonly ScenarioResult[]) =>
    results.map(judged).sort((a, b) => a.name.localeCompare(b.name));
  t.strictSame(sorted(theirs.report.scenarios), sorted(ours.report.scenarios));
  t.equal(theirs.code, ours.code);
  t.equal(await machineState(), before);
});
