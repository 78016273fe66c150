import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { reportSchema } from '../../src/format/report.js';
import { packageFolder } from '../../src/system/package-folder.js';
import { type Ended, MAIN, replypathIn } from './replypath.js';

const CRASH = new URL('../../src/cli/crash.js', import.meta.url).href;

const replypath = (cwd: string, ...args: readonly string[]) => replypathIn(cwd)(...args);

const GOOD = `title: The reply to a ping on eth1 leaves by eth0
topology: dual-isp
matrix: { family: [4, 6] }
steps:
  - title: as found
    flows:
      - { from: client, to: server:eth1, probe: ping, expect: asymmetric }
`;

const BAD = GOOD.replace('server:eth1', 'servr:eth1');

/** Its recipe outlives every patience. */
const SLOW = `title: A recipe that takes its time
topology: dual-isp
steps:
  - title: sleep
    apply: { node: server, shell: sleep 60, timeout: 60s }
    flows:
      - { from: client, to: server:eth0, probe: ping, expect: symmetric }
`;

t.test('help and version', async (t) => {
  const cwd = t.testdir();
  const help = replypath(cwd, '--help');
  t.match(help, { code: 0, stderr: '' });
  for (const text of ['run', 'report', 'list', 'validate', 'schema', 'doctor', 'Exit codes:', 'Examples:'])
    t.match(help.stdout, text);
  const { version } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8'));
  t.strictSame(replypath(cwd, '--version'), { code: 0, stdout: `${version}\n`, stderr: '' });
});

t.test('usage errors: exit 2, and a word on standard error that helps', async (t) => {
  const cwd = t.testdir({ 'a.yaml': GOOD, 'a-file': '' });
  const table: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [[], /Usage: replypath/],
    [['rnu'], /unknown command 'rnu'\n\(Did you mean run\?\)/],
    [['run', '--reportr', 'tap'], /unknown option '--reportr'\n\(Did you mean --reporter\?\)/],
    [['run', '--reporter', 'tab'], /Allowed choices are list, .*tap.*\n\(Did you mean tap\?\)/],
    [['run', '--grep', '('], /--grep.*Unterminated group/],
    [['run', '--workers', '0'], /--workers.*whole number from 1/],
    [['run', '--verbose', '--quiet'], /cannot be used with/],
    [['run', '--output', 'a-file', 'a.yaml'], /--output.*is no folder/],
    [['run', 'nowhere.yaml'], /no such file or folder: nowhere\.yaml/],
    [['validate', 'a.yaml', 'nowhere'], /no such file or folder: nowhere\n/],
    [['schema', 'scenarios'], /Allowed choices are scenario, topology, policy, config, report/],
  ];
  for (const [args, message] of table) {
    const { code, stdout, stderr } = replypath(cwd, ...args);
    t.strictSame({ code, stdout }, { code: 2, stdout: '' }, args.join(' '));
    t.match(stderr, message);
  }
});

t.test('nothing selected: exit 5, and what to do', async (t) => {
  const cwd = t.testdir({ 'a.yaml': GOOD, empty: {} });
  for (const command of ['run', 'list', 'validate']) {
    const { code, stdout, stderr } = replypath(cwd, command);
    t.strictSame({ code, stdout }, { code: 5, stdout: '' }, command);
    t.match(stderr, `replypath ${command} <path>`);
    t.equal(replypath(cwd, command, 'empty').code, 5, `${command} empty`);
  }
  const { code, stdout, stderr } = replypath(cwd, 'run', 'a.yaml', '--grep', 'zzz', '--reporter', 'json');
  t.equal(code, 5);
  t.match(stderr, "no scenario's name matches /zzz/");
  t.equal(reportSchema.safeParse(JSON.parse(stdout)).success, true, 'the report is complete all the same');
});

t.test('schema', async (t) => {
  const cwd = t.testdir();
  for (const name of ['scenario', 'topology', 'policy', 'report']) {
    const { code, stdout, stderr } = replypath(cwd, 'schema', name);
    t.match({ code, stderr }, { code: 0, stderr: '' });
    t.match(JSON.parse(stdout).title, new RegExp(name, 'i'));
  }
  t.equal(replypath(cwd, 'schema').stdout, replypath(cwd, 'schema', 'scenario').stdout);
});

t.test('list', async (t) => {
  const cwd = t.testdir({ scenarios: { recipes: { 'a1.yaml': GOOD }, 'bad.yaml': BAD } });
  const all = replypath(cwd, 'list');
  t.strictSame(
    { code: all.code, stdout: all.stdout },
    { code: 3, stdout: 'recipes/a1 [family=4]\nrecipes/a1 [family=6]\n' },
  );
  t.match(all.stderr, 'replypath validate');
  const some = replypath(cwd, 'list', 'scenarios/recipes', '--grep', 'family=6', '--json');
  t.match({ code: some.code, stderr: some.stderr }, { code: 0, stderr: '' });
  t.match(JSON.parse(some.stdout), [
    { id: 'recipes/a1', name: 'recipes/a1 [family=6]', variant: { family: 6 } },
  ]);
});

t.test('validate', async (t) => {
  const cwd = t.testdir({ scenarios: { 'good.yaml': GOOD, 'bad.yaml': BAD } });
  t.strictSame(replypath(cwd, 'validate', 'scenarios/good.yaml'), {
    code: 0,
    stdout: '2 scenarios are valid\n',
    stderr: '',
  });
  const { code, stdout, stderr } = replypath(cwd, 'validate');
  t.strictSame({ code, stderr }, { code: 3, stderr: '' });
  t.match(stdout, /^scenarios\/bad\.yaml:7:\d+ {2}unknown-node\n {2}.*servr/);
  t.match(stdout, 'Did you mean server?');
  t.match(stdout, '\n1 fault, 2 scenarios are valid\n');
  const json = replypath(cwd, 'validate', '--json');
  t.equal(json.code, 3);
  t.match(JSON.parse(json.stdout), {
    version: 1,
    scenarios: 2,
    diagnostics: [{ code: 'unknown-node', place: { line: 7 } }],
  });
});

t.test('run of an invalid file: exit 3, in each report', async (t) => {
  const cwd = t.testdir({ scenarios: { 'bad.yaml': BAD } });
  t.match(replypath(cwd, 'run'), { code: 3, stdout: /unknown-node(.|\n)*1 scenario: 1 errored/, stderr: '' });
  t.match(replypath(cwd, 'run', '--reporter', 'tap'), {
    code: 3,
    stdout: /^TAP version 14\n1\.\.1\nnot ok 1 - bad\n/,
  });
  const json = replypath(cwd, 'run', '--reporter', 'json', '--output', 'out');
  t.equal(json.code, 3);
  const report = JSON.parse(json.stdout);
  t.strictSame(reportSchema.safeParse(report).error?.issues, undefined);
  t.match(report, {
    summary: { errored: 1 },
    scenarios: [{ id: 'bad', reason: { code: 'scenario-invalid' } }],
  });
  t.strictSame(
    JSON.parse(readFileSync(join(cwd, 'out/run.json'), 'utf8')),
    report,
    'run.json is the same report',
  );
});

t.test('a closed standard output ends nothing but the output', async (t) => {
  const cwd = t.testdir();
  const script = '{ "$0" "$1" schema scenario; echo $? > code; } | true';
  const { stderr } = spawnSync('sh', ['-c', script, process.execPath, MAIN], { cwd, encoding: 'utf8' });
  t.equal(stderr, '');
  t.equal(readFileSync(join(cwd, 'code'), 'utf8'), '0\n');
});

t.test('our own bug: exit 70, the stack only on request', async (t) => {
  const script = `const { crash } = await import('${CRASH}'); crash(new Error('no way'));`;
  const crash = (env: NodeJS.ProcessEnv) =>
    spawnSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' });
  const { status, stdout, stderr } = crash({});
  t.match({ status, stdout }, { status: 70, stdout: '' });
  t.match(stderr, 'replypath: no way\nThis is a bug in replypath');
  t.notMatch(stderr, / at /);
  t.match(crash({ REPLYPATH_DEBUG: '1' }).stderr, /Error: no way\n {4}at /);
});

t.test('signals', async (t) => {
  const cwd = t.testdir({ 'slow.yaml': SLOW });
  /** Sends the first signal when the scenario has begun, and the second when the first was heard. */
  async function interrupted(...signals: readonly NodeJS.Signals[]): Promise<Ended> {
    const output = signals.join('-');
    const args = ['run', 'slow.yaml', '--output', output];
    const child = spawn(process.execPath, [MAIN, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    const closed = once(child, 'close');
    const [first, second] = signals;
    const jsonl = join(cwd, output, 'run.jsonl');
    while (!existsSync(jsonl) || !readFileSync(jsonl, 'utf8').includes('scenario-started')) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.stderr.on('data', (data) => {
      stderr += data;
      if (second !== undefined) child.kill(second);
    });
    child.kill(first);
    const [code] = await closed;
    return { code, stdout, stderr };
  }

  const begin = Date.now();
  const once130 = await interrupted('SIGINT');
  t.equal(once130.code, 130);
  t.match(once130.stderr, 'ending the run');
  t.match(once130.stdout, /1 scenario: 1 errored in/, 'the run is reported');
  t.equal((await interrupted('SIGTERM')).code, 143);
  t.equal((await interrupted('SIGINT', 'SIGTERM')).code, 143, 'the second ends it at once');
  t.ok(Date.now() - begin < 30_000, 'nothing waits for the recipe');
});
