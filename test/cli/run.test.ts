import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { RunEvent, RunReport } from '../../src/model/result.js';
import { MAIN, plainEnvironment, replypathIn, scenarioText } from './replypath.js';

const BAD = scenarioText({ tags: '[marks]' }).replace('server:eth1', 'servr:eth1');

/** Closed off by a .git of its own from a config file above. */
function project(t: Test, scenarios: Readonly<Record<string, string>>): string {
  return t.testdir({ '.git': {}, scenarios });
}

function eventsOf(folder: string): RunEvent[] {
  const lines = readFileSync(join(folder, 'run.jsonl'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

function reportOf(folder: string): RunReport {
  return JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
}

t.test('--list prints what the selection leaves; list selects alike', async (t) => {
  const cwd = project(t, {
    'a1.yaml': scenarioText({ tags: '[rules, slow]' }),
    'b2.yaml': scenarioText({ tags: '[marks]' }),
  });
  const replypath = replypathIn(cwd);
  const names = (...args: string[]) => {
    const { code, stdout, stderr } = replypath('run', '--list', ...args);
    t.match({ code, stderr }, { code: 0, stderr: '' }, args.join(' '));
    return stdout.split('\n').filter((line) => line !== '');
  };
  const all = ['a1 [family=4]', 'a1 [family=6]', 'b2 [family=4]', 'b2 [family=6]'];
  t.strictSame(names(), all);
  t.strictSame(names('scenarios/b*.yaml'), all.slice(2));
  const six = ['--grep', 'family=6', '--grep-invert', '^b'];
  t.strictSame(names(...six), ['a1 [family=6]']);
  t.equal(replypath('list', ...six).stdout, 'a1 [family=6]\n', 'list has the same options');
  t.strictSame(names('--tag', 'rules', '--tag', 'marks'), all);
  t.strictSame(names('--tag', 'rules,marks', '--tag', '!slow'), all.slice(2));
  t.strictSame(
    [...names('--shard', '1/3'), ...names('--shard', '2/3'), ...names('--shard', '3/3')].sort(),
    all,
  );
  t.strictSame(names('--shard', '9/9'), [], 'an empty shard is no failure');
  t.strictSame(replypath('run', '--list', '--repeat-each', '2', '--grep', 'a1.*4').stdout.split('\n'), [
    'a1 [family=4]',
    'a1 [family=4] #2',
    '',
  ]);
  t.notOk(existsSync(join(cwd, 'replypath-results')), 'nothing was run');
});

t.test('--dry-run plans everything and runs nothing; file:line', async (t) => {
  const cwd = project(t, { 'a.yaml': scenarioText(), 'bad.yaml': BAD });
  const replypath = replypathIn(cwd);
  const { code, stdout } = replypath('run', '--dry-run');
  t.equal(code, 3);
  t.match(stdout, 'unknown-node');
  t.match(stdout, '\na [family=4]  3 steps, 3 flows\na [family=6]  4 steps, 4 flows\n');
  t.match(stdout, '\n2 scenarios would be run, 1 file is invalid\n');
  t.notOk(existsSync(join(cwd, 'replypath-results')));

  const extents = (...lines: readonly (number | string)[]) =>
    replypath('run', '--dry-run', ...lines.map((line) => `scenarios/a.yaml:${line}`)).stdout.split('\n');
  const line = (text: string) =>
    scenarioText()
      .split('\n')
      .findIndex((each) => each.includes(text)) + 1;
  const both = (extent: string) => [`a [family=4]  ${extent}`, `a [family=6]  ${extent}`, '', /2 scenarios/];
  t.match(extents(line('matrix')), [/4\] {2}3 steps/, /6\] {2}4 steps/], 'outside of the steps: everything');
  t.match(extents(line('as found')), both('1 step, 1 flow'));
  t.match(extents(line('server:eth0')), both('2 steps, 2 flows'), 'with the one before');
  t.match(extents(`${line('server:eth0')}:7`), both('2 steps, 2 flows'), 'a column does no harm');
  t.match(extents(line('anew')), both('1 step, 1 flow'), 'a fresh step needs none before');
  t.match(extents(line('by the other'), line('anew')), both('3 steps, 3 flows'), 'from one to the other');
  t.match(extents(line('IPv6 only')), ['a [family=6]  2 steps, 2 flows', ''], 'a step of some variants');
  t.match(replypath('run', '--dry-run', 'scenarios/a.yaml:99', 'scenarios/a.yaml:6'), {
    code: 5,
    stdout: /1 step, 1 flow/,
    stderr: /scenarios\/a\.yaml has 19 lines, and no line 99/,
  });
});

t.test('repetitions and retries have results, folders and captures of their own', async (t) => {
  const cwd = project(t, { 'good.yaml': scenarioText(), 'wrong.yaml': scenarioText({ fails: true }) });
  const replypath = replypathIn(cwd);
  const only = ['--grep', 'family=4', '--repeat-each', '2', '--retries', '1'];
  const { code } = replypath('run', ...only, '--quiet');
  t.equal(code, 1);
  const folder = join(cwd, 'replypath-results');
  const summaries = reportOf(folder).scenarios.map(
    ({ name, status, attempts, flaky, repetition, artifacts }) => ({
      ...{ name, status, attempts, flaky, repetition },
      captures: artifacts !== null && existsSync(join(artifacts, 'capture.pcapng')),
      folder: artifacts?.slice(folder.length + 1),
    }),
  );
  const captures = true;
  const byName = summaries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  t.strictSame(
    byName,
    ['good [family=4]', 'wrong [family=4]'].flatMap((name) =>
      [1, 2].map((repetition) => {
        const own = repetition === 1 ? name : `${name} #2`;
        const [status, attempts] = name.startsWith('good') ? ['passed', 1] : ['failed', 2];
        const place = attempts === 1 ? own : `${own}/attempt-2`;
        return { name: own, status, attempts, flaky: false, repetition, captures, folder: place };
      }),
    ),
  );
  t.ok(existsSync(join(folder, 'wrong [family=4] #2/capture.pcapng')), "the first attempt's are kept");
  t.ok(existsSync(join(folder, 'wrong [family=4] #2/lab-2/capture.pcapng')), 'and those of each lab');
  const retried = eventsOf(folder).flatMap((event) =>
    event.type === 'scenario-retried' ? [event.result] : [],
  );
  t.match(retried, [
    { status: 'failed', attempts: 1 },
    { status: 'failed', attempts: 1 },
  ]);

  t.test('--last-failed', async (t) => {
    t.equal(
      replypath('run', '--list', '--last-failed').stdout,
      'wrong [family=4]\n',
      'the name without repetition',
    );
    t.match(replypath('run', '--last-failed', '--list', 'scenarios/good.yaml'), {
      code: 5,
      stderr: /none of 2 scenarios is left by --last-failed/,
    });
    writeFileSync(join(cwd, 'scenarios/wrong.yaml'), scenarioText());
    const again = replypath('run', '--last-failed');
    t.match(again, { code: 0, stderr: '', stdout: /1 scenario: 1 passed/ });
    const nothing = replypath('run', '--last-failed');
    t.match(nothing, { code: 0, stdout: '', stderr: /in the last run nothing failed/ });
    t.match(replypath('run', '--last-failed', '--output', 'else'), {
      code: 2,
      stdout: '',
      stderr: /there is no last run: .*else\/last-run\.json/,
    });
  });
});

t.test('a scenario that passes when tried again: flaky, and exit 0', async (t) => {
  // Its recipe fails until there is a file; a lab has a /tmp of its own, and the machine's /dev.
  const folder = mkdtempSync('/dev/shm/replypath-test-');
  t.teardown(() => rmSync(folder, { recursive: true }));
  const text = scenarioText().replace(
    '  - title: as found\n',
    `  - title: as found\n    apply: { node: server, shell: 'test -e ${folder}/go' }\n`,
  );
  const cwd = project(t, { 'flaky.yaml': text });
  const args = ['run', '--grep', 'family=4', '--retries', '9999', '--reporter', 'json'];
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: plainEnvironment() });
  t.teardown(() => child.kill('SIGKILL'));
  let stdout = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  const closed = once(child, 'close');
  const output = join(cwd, 'replypath-results');
  while (!existsSync(join(output, 'run.jsonl')) || !hasRetried(output))
    await new Promise((resolve) => setTimeout(resolve, 20));
  writeFileSync(join(folder, 'go'), '');
  t.strictSame(await closed, [0, null]);
  const report: RunReport = JSON.parse(stdout);
  t.match(report, {
    summary: { passed: 1, flaky: 1, errored: 0 },
    scenarios: [{ status: 'passed', flaky: true, reason: null }],
  });
  const retried = eventsOf(output).flatMap((event) =>
    event.type === 'scenario-retried' ? [event.result] : [],
  );
  t.equal(report.scenarios[0]?.attempts, retried.length + 1);
  t.match(retried[0], { status: 'errored', attempts: 1, flaky: false, reason: { code: 'recipe-failed' } });
});

function hasRetried(folder: string): boolean {
  return readFileSync(join(folder, 'run.jsonl'), 'utf8').includes('"scenario-retried"');
}

t.test('--bail: what has not begun is not run, and that is said', async (t) => {
  const wrong = scenarioText({ fails: true });
  const cwd = project(t, { 'a.yaml': wrong, 'b.yaml': scenarioText(), 'c.yaml': wrong, 'd.yaml': wrong });
  const replypath = replypathIn(cwd);
  const only = ['--grep', 'family=4', '--workers', '1', '--reporter', 'json'];
  const ran = (...args: string[]) => {
    const { code, stdout, stderr } = replypath('run', ...only, ...args);
    t.equal(code, 1);
    const names = (JSON.parse(stdout) as RunReport).scenarios.map(({ id }) => id);
    return { names, stderr };
  };
  t.match(ran('--bail'), { names: ['a'], stderr: /--bail: 3 scenarios were not run/ });
  t.match(ran('--bail', '2'), { names: ['a', 'b', 'c'], stderr: /--bail: 1 scenario was not run/ });
  t.match(ran('--bail=3'), { names: ['a', 'b', 'c', 'd'], stderr: /^$/ });
  const failedToRead = project(t, { 'bad.yaml': BAD, 'good.yaml': scenarioText() });
  t.match(replypathIn(failedToRead)('run', '--bail', '--quiet'), {
    code: 3,
    stdout: /2 of 3 scenarios were not run/,
  });
});

t.test('several reporters, one to standard output and the others into files', async (t) => {
  const cwd = project(t, { 'bad.yaml': BAD });
  const replypath = replypathIn(cwd);
  const spec = ['--reporter', 'tap, json:out/deep/run.json', '--reporter', 'jsonl:out/run.jsonl'];
  const { code, stdout, stderr } = replypath('run', ...spec);
  t.match({ code, stderr }, { code: 3, stderr: '' });
  t.match(stdout, /^TAP version 14\n/);
  const report = JSON.parse(readFileSync(join(cwd, 'out/deep/run.json'), 'utf8'));
  t.strictSame(report, reportOf(join(cwd, 'replypath-results')));
  t.equal(
    readFileSync(join(cwd, 'out/run.jsonl'), 'utf8'),
    readFileSync(join(cwd, 'replypath-results/run.jsonl'), 'utf8'),
  );
  const list = replypathIn(cwd, { FORCE_COLOR: '1' })('run', '--reporter', 'list:list.txt');
  t.match(list, { code: 3, stdout: '', stderr: '' });
  const text = readFileSync(join(cwd, 'list.txt'), 'utf8');
  t.match(text, /^replypath /);
  t.notOk(text.includes('\u001b'), 'no colours in a file');
  t.match(replypath('run', '--reporter', 'json:scenarios'), {
    code: 2,
    stderr: /cannot write the report: EISDIR/,
  });
  t.match(replypath('run', '--reporter', 'json:/dev/full'), {
    code: 2,
    stderr: /cannot write the report: .*ENOSPC/,
  });
});

t.test('what may have been meant', async (t) => {
  const cwd = project(t, { 'a1-rt2.yaml': scenarioText({ tags: '[rules]' }) });
  const table: readonly (readonly [args: readonly string[], code: number, message: RegExp])[] = [
    [['run', '--grep', 'a1-rt3'], 5, /no scenario's name matches \/a1-rt3\/.*\n\(Did you mean a1-rt2\?\)/],
    [['run', '--grep', 'famly=4'], 5, /\(Did you mean family=4\?\)/],
    [['list', '--tag', 'rulse'], 5, /no scenario has the tag rulse\n\(Did you mean rules\?\)/],
    [['list', '--tag', '!rulse'], 0, /no scenario has the tag rulse\n\(Did you mean rules\?\)/],
    [
      ['run', 'scenarios/a1-rt.yaml'],
      2,
      /no such file or folder.*\n\(Did you mean scenarios\/a1-rt2\.yaml\?\)/,
    ],
    [['run', 'scenarios/a1-rt.yml:7'], 2, /\(Did you mean scenarios\/a1-rt2\.yaml\?\)/],
    [['run', 'scenario'], 2, /\(Did you mean scenarios\?\)/],
    [['run', '--reporter', 'jsno'], 2, /Allowed choices are list,.*\n\(Did you mean json\?\)/],
    [['run', '--reporter', 'list,tap'], 2, /list and tap cannot both go to standard output; write tap:FILE/],
    [['run', '--reporter', 'tap:a,json:./a'], 2, /Two reports cannot go to one file/],
    [['run', '--reporter', 'tap:'], 2, /A file has to follow tap:/],
    [['run', '--bail', 'scenarios'], 2, /write --bail=1/],
    [['run', '--shard', '0/3'], 2, /i\/n with i from 1 to n/],
    [['run', '--shard', '4/3'], 2, /i\/n with i from 1 to n/],
    [['run', '--retries', '-1'], 2, /whole number from 0/],
    [['run', '--allow-skip', '('], 2, /--allow-skip.*Unterminated group/],
  ];
  for (const [args, code, message] of table) {
    const ended = replypathIn(cwd)(...args);
    t.equal(ended.code, code, args.join(' '));
    t.match(ended.stderr, message);
  }
});

t.test('--kernel auto stands alone', async (t) => {
  const cwd = t.testdir({ 'a.yaml': scenarioText(), 'replypath.config.yaml': 'kernel: [host, auto]\n' });
  const refused = {
    code: 2,
    stdout: '',
    stderr: /auto chooses a kernel for each scenario: it cannot stand beside another/,
  };
  for (const names of [['--kernel', 'auto,6.12'], ['--kernel', '6.12', '--kernel', 'auto'], []])
    t.match(replypathIn(cwd)('run', ...names, 'a.yaml'), refused, names.join(' '));
});
