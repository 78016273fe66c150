import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import {
  format,
  jsonSchema,
  KernelNamesError,
  load,
  ResultsFolderError,
  type RunEvent,
  run,
} from '../../src/index.js';
import { familyOf, machineState } from '../netns/machine.js';

const SCENARIO = `
title: ping
topology:
  nodes:
    left: { interfaces: { eth0: { addresses: [192.0.2.1/24] } } }
    right: { interfaces: { eth0: { addresses: [192.0.2.2/24] } } }
  links: [[left:eth0, right:eth0]]
steps:
  - flows: [{ from: left, to: "right:eth0", probe: ping, expect: symmetric }]
`;

const ENDLESS = SCENARIO.replace(
  'steps:',
  'steps:\n  - apply: { node: left, shell: sleep 60, timeout: 100s }',
);

const before = await machineState();

/** Until a run has begun the scenario of that name. */
async function begun(events: AsyncIterable<RunEvent>, name: string): Promise<void> {
  for await (const event of events) if (event.type === 'scenario-started' && event.name === name) return;
}

t.test('awaited it gives the outcome, iterated the events', async (t) => {
  const cwd = t.testdir({ scenarios: { 'a.yaml': SCENARIO, 'b.yaml': SCENARIO, 'bad.yaml': 'title: 1' } });
  const running = run(undefined, { cwd, workers: 1 });
  const types: string[] = [];
  for await (const event of running) types.push(event.type);
  t.strictSame(types, [
    'run-started',
    'scenario-ended',
    ...['scenario-started', 'scenario-ended', 'scenario-started', 'scenario-ended'],
    'run-ended',
  ]);
  const outcome = await running;
  t.match(outcome, { passed: false, interrupted: false, leftBehind: [], missingTools: [] });
  t.match(outcome.report.summary, { passed: 2, failed: 0, errored: 1 });
  const invalid = outcome.report.scenarios.find(({ id }) => id === 'bad');
  t.match(invalid?.reason?.code, 'scenario-invalid');
  t.equal((await run('scenarios/a.yaml', { cwd })).passed, true);
  t.strictSame(readdirSync(cwd), ['scenarios'], 'nothing is written');
});

t.test('kernel: auto boots nothing where everything runs here', async (t) => {
  const cwd = t.testdir({ 'a.yaml': SCENARIO });
  const { passed, report } = await run('a.yaml', { cwd, kernel: 'auto', output: 'out' });
  t.equal(passed, true);
  t.equal(report.environment.kernel, release());
  t.notOk(existsSync(join(cwd, 'out/guests')));
});

t.test('a slow reader, a late one and a second one lose nothing', async (t) => {
  const cwd = t.testdir({ 'a.yaml': SCENARIO, 'b.yaml': SCENARIO });
  const running = run('.', { cwd });
  const read = async (events: AsyncIterable<RunEvent>, pauseMs: number) => {
    const types: string[] = [];
    for await (const event of events) {
      types.push(event.type);
      await delay(pauseMs);
    }
    return types;
  };
  const [slow, second] = await Promise.all([read(running, 150), read(running, 0)]);
  await running;
  const late = await read(running, 0);
  t.equal(slow.length, 6);
  t.strictSame(second, slow);
  t.strictSame(late, slow);
});

t.test('leaving the loop ends the run in order', async (t) => {
  const cwd = t.testdir({ 'a.yaml': SCENARIO, 'endless.yaml': ENDLESS });
  const running = run('.', { cwd });
  await begun(running, 'endless');
  t.strictSame((await familyOf(process.pid)).processes.length, 1, 'it has ended when the loop is over');
  const { interrupted, passed, report } = await running;
  t.equal(interrupted, true);
  t.equal(passed, false);
  t.match(
    report.scenarios.find(({ id }) => id === 'endless'),
    { status: 'errored', reason: { code: 'interrupted' } },
  );
});

t.test('a signal ends the run in order', async (t) => {
  const cwd = t.testdir({ 'endless.yaml': ENDLESS });
  const controller = new AbortController();
  const running = run('.', { cwd, signal: controller.signal });
  const types: string[] = [];
  for await (const event of running) {
    types.push(event.type);
    if (event.type === 'scenario-started') controller.abort();
  }
  t.strictSame(types, ['run-started', 'scenario-started', 'scenario-ended', 'run-ended']);
  t.match(await running, { interrupted: true, report: { scenarios: [{ reason: { code: 'interrupted' } }] } });
  const { interrupted, report } = await run('.', { cwd, signal: AbortSignal.abort() });
  t.equal(interrupted, true);
  t.strictSame(report.scenarios, [], 'nothing is begun any more');
});

t.test('two runs at once, one of which is ended', async (t) => {
  const cwd = t.testdir({ 'a.yaml': SCENARIO, 'endless.yaml': ENDLESS });
  const endless = run('endless.yaml', { cwd });
  const begin = Date.now();
  const other = await run('a.yaml', { cwd });
  t.equal(other.passed, true);
  t.strictSame(other.leftBehind, [], 'what the other still needs is not left behind');
  t.ok(Date.now() - begin < 9_000, 'and not waited for');
  await begun(endless, 'endless');
  t.equal((await endless).interrupted, true);
});

t.test('scenarios that were loaded, and selections', async (t) => {
  const matrix = 'matrix: { family: [4, 6] }\n';
  const both = SCENARIO.replace('[192.0.2.1/24]', '[192.0.2.1/24, "2001:db8::1/64"]').replace(
    '[192.0.2.2/24]',
    '[192.0.2.2/24, "2001:db8::2/64"]',
  );
  const cwd = t.testdir({ 'both.yaml': matrix + both, 'bad.yaml': 'titel: 1' });
  const { scenarios, invalid, diagnostics } = await load('.', { cwd });
  t.strictSame(
    scenarios.map(({ name }) => name),
    ['both [family=4]', 'both [family=6]'],
  );
  t.strictSame(
    invalid.map(({ id }) => id),
    ['bad'],
  );
  const unknown = diagnostics.find(({ code }) => code === 'unknown-key');
  if (unknown === undefined) return t.fail('the misspelt key is found');
  t.equal(
    format(unknown),
    'bad.yaml:1:1  unknown-key\n  unknown key titel\n    > 1 | titel: 1\n        | ^\n  Did you mean title?',
  );
  const names = async (running: ReturnType<typeof run>) =>
    (await running).report.scenarios.map(({ name }) => name);
  t.strictSame(await names(run(scenarios.slice(1))), ['both [family=6]'], 'wherever they came from');
  t.strictSame(await names(run(scenarios, { grep: /family=4/gy })), ['both [family=4]']);
  t.strictSame(await names(run('both.yaml', { cwd, grep: /family=6/g })), ['both [family=6]']);
  t.match(await run([], { cwd }), { passed: false, nothingSelected: true }, 'an empty list is nothing');
  t.strictSame(await names(run('both.yaml', { cwd, shard: { index: 1, count: 2 } })), ['both [family=4]']);
  t.strictSame(await names(run('both.yaml', { cwd, grepInvert: /=4/, repeatEach: 2 })), [
    'both [family=6]',
    'both [family=6] #2',
  ]);
  t.match(await run('none.yaml', { cwd }), {
    passed: false,
    nothingSelected: true,
    diagnostics: [{ code: 'no-such-file' }],
  });
});

t.test('what does not pass is tried again', async (t) => {
  const cwd = t.testdir({ 'a.yaml': SCENARIO.replace('expect: symmetric', 'expect: asymmetric') });
  const types: string[] = [];
  const running = run('a.yaml', { cwd, retries: 1, bail: 1 });
  for await (const event of running) types.push(event.type);
  t.strictSame(types, ['run-started', 'scenario-started', 'scenario-retried', 'scenario-ended', 'run-ended']);
  t.match(await running, { passed: false, report: { scenarios: [{ attempts: 2, flaky: false }] } });
});

t.test('results are written where a folder is named', async (t) => {
  const cwd = t.testdir({ 'a.yaml': SCENARIO, file: '' });
  const { report } = await run('a.yaml', { cwd, output: 'out' });
  t.strictSame(
    JSON.parse(readFileSync(join(cwd, 'out/run.json'), 'utf8')),
    JSON.parse(JSON.stringify(report)),
  );
  t.ok(existsSync(join(cwd, 'out/a/capture.pcapng')));
  const unwritable = run('a.yaml', { cwd, output: 'file' });
  await t.rejects(unwritable, ResultsFolderError);
  await t.rejects(
    (async () => {
      for await (const _ of run('a.yaml', { cwd, output: 'file' }));
    })(),
    ResultsFolderError,
    'the loop tells, and nothing stays unhandled',
  );
});

t.test('schemas', async (t) => {
  for (const name of ['scenario', 'topology', 'policy', 'report'] as const)
    t.equal(jsonSchema(name).$schema, 'http://json-schema.org/draft-07/schema#');
});

t.test('nothing is left', async (t) => {
  t.equal((await familyOf(process.pid)).processes.length, 1);
  t.equal(await machineState(), before);
});

t.test('one kernel twice is nothing to compare', async (t) => {
  const options = { cwd: t.testdir(), kernel: ['host', 'host'] };
  await t.rejects(run('.', options), new KernelNamesError('the kernel host is named twice'));
});
