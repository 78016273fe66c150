import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { reportSchema } from '../../src/format/report.js';
import { MAIN, replypathIn } from './replypath.js';

const REPORTERS = ['list', 'dot', 'tap', 'json', 'jsonl', 'junit', 'github'];

const scenario = (expect: string) => `title: A ping to eth1
topology: dual-isp
family: 4
steps:
  - title: as found
    flows:
      - { from: client, to: server:eth1, probe: ping, expect: ${expect} }
`;

const SLOW = `title: A recipe that takes its time
topology: dual-isp
steps:
  - title: sleep
    apply: { node: server, shell: sleep 60, timeout: 60s }
    flows:
      - { from: client, to: server:eth0, probe: ping, expect: symmetric }
`;

/** Two shards, of which one passes and one fails, and a file that is invalid. */
const cwd = t.testdir({
  'good.yaml': scenario('asymmetric'),
  'wrong.yaml': scenario('symmetric'),
  'bad.yaml': scenario('symetric'),
  'slow.yaml': SLOW,
});

const replypath = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => replypathIn(cwd, env)(...args);

t.test('each report of a folder is the one that the run printed', async (t) => {
  for (const name of REPORTERS) {
    const summaries = [join(cwd, 'summary-1'), join(cwd, 'summary-2')] as const;
    const of = (file: string) => ({ GITHUB_STEP_SUMMARY: file, GITHUB_WORKSPACE: join(cwd, '..') });
    const run = replypath(
      ['run', 'good.yaml', 'wrong.yaml', 'bad.yaml', '--reporter', name, '--output', name],
      of(summaries[0]),
    );
    t.equal(run.code, 3, name);
    t.ok(run.stdout.length > 100);
    t.strictSame(replypath(['report', name, '--reporter', name], of(summaries[1])), run, name);
    if (name === 'jsonl') t.equal(run.stdout, readFileSync(join(cwd, name, 'run.jsonl'), 'utf8'));
    if (name === 'json') t.equal(run.stdout, readFileSync(join(cwd, name, 'run.json'), 'utf8'));
    t.equal(existsSync(summaries[0]), name === 'github');
    if (name !== 'github') continue;
    t.match(
      readFileSync(summaries[0], 'utf8'),
      '### replypath\n\n3 scenarios: 1 passed, 1 failed, 1 errored',
    );
    t.equal(readFileSync(summaries[1], 'utf8'), readFileSync(summaries[0], 'utf8'));
    const [folder = ''] = cwd.split('/').slice(-1);
    t.match(run.stdout, `::error file=${folder}/wrong.yaml,line=7,title=wrong::client → server:eth1 ping`);
  }
  const args = ['good.yaml', 'wrong.yaml', 'bad.yaml'];
  for (const detail of ['--verbose', '--quiet']) {
    const run = replypath(['run', ...args, detail]);
    t.strictSame(replypath(['report', detail]), run, `${detail}, from the default folder`);
  }
});

t.test('several reports at once, into files', async (t) => {
  const { code, stdout, stderr } = replypath([
    ...[
      'report',
      'list',
      '--reporter',
      'junit:made/for/it.xml',
      '--reporter',
      'dot',
      '--reporter',
      'list:a.txt',
    ],
  ]);
  t.strictSame([code, stderr], [3, '']);
  t.equal(stdout, replypath(['report', 'list', '--reporter', 'dot']).stdout);
  t.equal(
    readFileSync(join(cwd, 'made/for/it.xml'), 'utf8'),
    replypath(['report', 'list', '--reporter', 'junit']).stdout,
  );
  const coloured = replypath(['report', 'list', '--reporter', 'list:a.txt'], { FORCE_COLOR: '1' });
  t.equal(coloured.stdout, '');
  t.equal(
    readFileSync(join(cwd, 'a.txt'), 'utf8'),
    replypath(['report', 'list']).stdout,
    'no colours in files',
  );
});

t.test('usage', async (t) => {
  writeFileSync(join(cwd, 'a-file'), '');
  const table: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [['nowhere'], /^replypath: there is no folder nowhere\. Name the one that/],
    [['a-file'], /a-file is no folder/],
    [['.'], /\. is not the folder of a run: it has no run\.jsonl\. Did you mean /],
    [['list', 'json'], /several folders are joined only with --merge/],
    [['list', '--output', 'x'], /--output is where --merge/],
    [['--merge', 'list', 'json', '--output', 'json/'], /--output json\/ is one of the runs/],
    [['--merge', 'list', 'json'], /bad is in list and in json, and so are 2 more: which one counts/],
    [['--merge', 'list', 'nowhere'], /there is no folder nowhere/],
    [['list', '--reporter', 'junti'], /--reporter[\s\S]*Did you mean junit\?/],
    [['list', '--reporter', 'tap', '--reporter', 'dot'], /tap and\s+dot cannot both go to standard output/],
    [['list', '--reporter', 'tap:x', '--reporter', 'dot:x'], /Two\s+reports cannot go to one file/],
    [['list', '--reporter', 'tap:'], /A file\s+has to follow tap:/],
    [['list', '--reporter', 'tap:a-file/x'], /cannot write the report: E.*a-file/],
  ];
  for (const [args, message] of table) {
    const { code, stdout, stderr } = replypath(['report', ...args]);
    t.strictSame({ code, stdout }, { code: 2, stdout: '' }, args.join(' '));
    t.match(stderr, message);
    t.notMatch(stderr, / at /, 'no stack');
  }
});

t.test('shards are joined', async (t) => {
  replypath(['run', 'good.yaml', '--output', 'shards/1']);
  replypath(['run', 'wrong.yaml', '--output', 'shards/2']);
  t.equal(replypath(['report', 'shards/1']).code, 0);
  const args = ['report', '--merge', 'shards/1', 'shards/2', '--reporter', 'json', '--output', 'joined'];
  const { code, stdout, stderr } = replypath(args);
  t.strictSame({ code, stderr }, { code: 1, stderr: '' });
  const report = JSON.parse(stdout);
  t.strictSame(reportSchema.safeParse(report).error?.issues, undefined);
  t.match(report, {
    summary: { passed: 1, failed: 1, errored: 0 },
    scenarios: [{ name: 'good' }, { name: 'wrong' }],
  });
  t.equal(readFileSync(join(cwd, 'joined/run.json'), 'utf8'), stdout);
  t.match(JSON.parse(readFileSync(join(cwd, 'joined/last-run.json'), 'utf8')), [
    { name: 'good', status: 'passed' },
    { name: 'wrong', status: 'failed' },
  ]);
  t.strictSame(replypath(['report', 'joined', '--reporter', 'json']), { code, stdout, stderr });

  replypath(['run', 'good.yaml', '--shard', '2/2', '--output', 'shards/empty']);
  const withEmpty = replypath(['report', '--merge', 'shards/empty', 'shards/1', '--reporter', 'json']);
  t.match(withEmpty, { code: 0, stderr: '' }, 'an empty shard has found no tools, and differs from nobody');
  t.strictSame(
    JSON.parse(withEmpty.stdout).environment,
    report.environment,
    'the environment is that of a run which ran something',
  );

  cpSync(join(cwd, 'shards/2'), join(cwd, 'shards/3'), { recursive: true });
  const file = join(cwd, 'shards/3/run.jsonl');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"kernel":"[^"]*"/, '"kernel":"5.12.0"'));
  const other = replypath(['report', '--merge', 'shards/1', 'shards/3', '--quiet']);
  t.match(other, {
    code: 1,
    stdout: /\n2 scenarios: 1 passed, 1 failed in /,
    stderr:
      /^replypath: the runs differ in kernel: .* \(shards\/1\), 5\.12\.0 \(shards\/3\); the report names the first\n$/,
  });
});

t.test('a run that was killed', async (t) => {
  const args = ['run', 'good.yaml', 'slow.yaml', '--output', 'killed'];
  // A report of an earlier run is still there, and must not be taken for that of this one.
  mkdirSync(join(cwd, 'killed'));
  cpSync(join(cwd, 'json/run.json'), join(cwd, 'killed/run.json'));
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, stdio: 'ignore' });
  const closed = once(child, 'close');
  const file = join(cwd, 'killed/run.jsonl');
  while (!existsSync(file) || !readFileSync(file, 'utf8').includes('scenario-ended')) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.kill('SIGKILL');
  await closed;
  const { code, stdout, stderr } = replypath(['report', 'killed']);
  t.equal(code, 4, 'what was not run is no success');
  t.match(stdout, /^✓ good {2}(.|\n)*\n1 scenario: 1 passed in .*\n1 of 2 scenarios were not run\n$/m);
  t.equal(
    stderr,
    'replypath: the run in killed was killed, or still goes on: 1 of 2 scenarios have ended; under way: slow\n',
  );
  writeFileSync(file, readFileSync(file, 'utf8') + '{"type":"scenario-ended","result":{"id":"sl');
  t.strictSame(replypath(['report', 'killed']), { code, stdout, stderr }, 'a line that was cut off');
});

t.test('exit codes are those of the results', async (t) => {
  const [start = '', ...rest] = readFileSync(join(cwd, 'shards/1/run.jsonl'), 'utf8').split('\n');
  const report = (edit: (text: string) => string, ...options: string[]) => {
    rmSync(join(cwd, 'edited'), { recursive: true, force: true });
    mkdirSync(join(cwd, 'edited'));
    writeFileSync(join(cwd, 'edited/run.jsonl'), edit([start, ...rest].join('\n')));
    return replypath(['report', 'edited', ...options]).code;
  };
  const skipped = (text: string) => text.replace('"status":"passed","reason"', '"status":"skipped","reason"');
  t.equal(
    report((text) => text),
    0,
  );
  t.equal(report(skipped), 0);
  t.equal(report(skipped, '--fail-on-skip'), 1);
  t.equal(report(skipped, '--allow-skip', 'no reason'), 1, 'it has none');
  const lacking = '"status":"skipped","reason":{"code":"feature-missing","text":"this machine lacks tun"}';
  const lacks = (text: string) => text.replace('"status":"passed","reason":null', lacking);
  t.equal(report(lacks, '--allow-skip', 'lacks tun'), 0);
  t.equal(report(lacks, '--allow-skip', 'lacks vrf', '--allow-skip', 'lacks gre'), 1);
  t.match(
    replypath(['report', 'edited', '--allow-skip', 'lacks vrf']).stderr,
    'a skip that is not allowed: good: this machine lacks tun\n',
  );
  t.equal(
    report((text) => text.replace('"scenarios":["good"]', '"scenarios":["good","x"]')),
    4,
  );
  const bug = '"status":"errored","reason":{"code":"internal-error","text":"x"}';
  t.equal(
    report((text) => text.replace('"status":"passed","reason":null', bug)),
    70,
  );
  t.equal(
    report(() => `${start.replace('["good"]', '[]')}\n${rest.at(-2)}\n`),
    5,
    'nothing was selected',
  );
});
