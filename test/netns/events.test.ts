import { join } from 'node:path';
import t from 'tap';
import { complaints } from './changed.js';
import { FOLDER, run, stepOf } from './command.js';

/** Scenarios of which each variant is the other's twin: what happens in one happens elsewhere, or not at all, in the other. */
t.test('each event does what it says, at its place and nowhere else', async (t) => {
  const { code, report } = await run([join(FOLDER, 'events')]);
  t.ok(report.scenarios.length >= 6);
  for (const scenario of report.scenarios) t.strictSame(complaints(scenario), [], scenario.name);
  t.equal(code, 0);
});

t.test('a command that fails while flows run ends the scenario, and loses no result', async (t) => {
  const { code, scenario } = await run([join(FOLDER, 'during/failing.yaml')]);
  const failed = scenario('failing');
  t.equal(code, 4);
  t.match(failed, { status: 'errored', reason: { code: 'recipe-failed', text: /router, line 1/ } });
  t.equal(failed.steps.length, 1, 'the next step would mean nothing');
  const { commands, flows } = stepOf(failed, 'step 1');
  t.match(commands, [{ node: 'router', unexpected: true, atMs: Number }]);
  t.equal(commands.length, 1, 'what was to follow is left out');
  t.match(flows, [{ status: 'passed', stream: { sent: 20, lost: 0 } }]);
});

t.test('what happens meanwhile happens in order of time, one after the other', async (t) => {
  const { scenario } = await run([join(FOLDER, 'during/order.yaml')]);
  const { commands, flows } = stepOf(scenario('order'), 'step 1');
  t.match(
    commands.map(({ text }) => text),
    ['sleep 0.3', /link set dev right down/, /link set dev right up/],
  );
  const [slow = 0, down = 0, up = 0] = commands.map(({ atMs }) => atMs);
  t.ok(slow >= 95 && down >= slow + 295 && up >= down, `${slow}, ${down}, ${up}`);
  // A busy machine may hold up for longer than an interval what was sent before.
  const begin = flows[0]?.stream?.blackouts[0]?.beginMs ?? 0;
  t.ok(begin >= slow + 200, `by the clock of the captures, too: ${begin}`);
});
