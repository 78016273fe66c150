import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { kernelOf } from '../../src/guest/cache.js';
import type { RunReport } from '../../src/model/result.js';
import { replypathIn } from '../cli/replypath.js';

const NAME = '6.12';

/** Its recipe works on no kernel but this machine's. */
const SCENARIO = `title: The reply leaves by the uplink of the request
topology: dual-isp
matrix: { family: [4] }
steps:
  - title: with a table, where the kernel is the one
    apply:
      node: server
      shell: |
        if test "$(uname -r)" = '${release()}'; then
          ip route add default via 198.51.100.1 dev eth1 table 101
          ip rule add from 198.51.100.10 table 101
        fi
    flows:
      - { from: client, to: "server:eth0", probe: ping, expect: symmetric }
      - { from: client, to: "server:eth1", probe: ping, expect: symmetric }
`;

t.test('a suite on two kernels: one report that says where they differ', { timeout: 300_000 }, async (t) => {
  const cwd = t.testdir({ scenarios: { 'a.yaml': SCENARIO, 'bad.yaml': 'title: bad\nsteps: []\n' } });
  const replypath = replypathIn(cwd);
  const reporters = ['--reporter', 'json,list:list.txt,junit:junit.xml,jsonl:run.jsonl'];
  const run = replypath('run', '--kernel', `host,${NAME}`, '--fail-on-skip', ...reporters);
  t.match(run, { code: 3, stderr: /^(replypath: fetching .*\n)?$/ }, run.stderr);
  const report: RunReport = JSON.parse(run.stdout);

  const { kernel, kernels = {} } = report.environment;
  t.equal(kernel, release());
  t.strictSame(Object.keys(kernels), ['host', NAME]);
  t.match(kernels[NAME], /^6\.12\./);
  t.strictSame(
    report.scenarios.map((each) => [each.name, each.status, each.kernel]),
    [
      ['bad', 'errored', release()],
      ['a [family=4] on host', 'passed', release()],
      [`a [family=4] on ${NAME}`, 'failed', kernels[NAME]],
    ],
  );
  t.match(report.differences, [
    {
      ...{ scenario: 'a [family=4]', flow: { step: 1, flow: 2, to: 'server:eth1' } },
      differing: [
        { property: 'verdict', values: { host: 'symmetric', [NAME]: 'asymmetric' } },
        { property: 'status', values: { host: 'passed', [NAME]: 'failed' } },
        { property: 'cause', values: { host: null, [NAME]: 'no-source-rule' } },
        { property: 'reply out', values: { host: 'eth1', [NAME]: 'eth0' } },
        { property: 'reply via', values: { host: 'isp2:lan', [NAME]: 'isp1:lan' } },
        { property: 'reply path' },
      ],
    },
  ]);
  t.equal(report.differences?.length, 1, 'the other flow is the same');
  t.strictSame(readdirSync(join(cwd, 'replypath-results')).sort(), [
    ...['.gitignore', 'a [family=4] on 6.12', 'a [family=4] on host', 'guests'],
    ...['last-run.json', 'run.json', 'run.jsonl'],
  ]);
  t.strictSame(readdirSync(join(cwd, 'replypath-results/guests')), [NAME], 'consoles');

  const list = readFileSync(join(cwd, 'list.txt'), 'utf8');
  t.match(list, /\nKernels differ in 1 of 1 scenario:\n\n {2}a \[family=4\]\n/);
  t.match(list, /≠ reply out {2}eth1 +eth0\n/);
  t.match(list, new RegExp(`next .*explain .*--kernel ${NAME}\n`));
  t.match(
    readFileSync(join(cwd, 'junit.xml'), 'utf8'),
    /kernels differ\n {2}≠ verdict {2}host: symmetric; 6\.12: /,
  );
  t.equal(replypath('report', '--reporter', 'json').stdout, run.stdout, 'reported again');
  t.equal(replypath('report').stdout, list);
  t.strictSame(
    replypath('run', '--last-failed', '--list').stdout,
    'a [family=4]\n',
    'what did not pass on one kernel is selected by the name that it has on all',
  );
});

t.test('nothing is run where a kernel cannot be had, or is there twice', async (t) => {
  const cwd = t.testdir({ scenarios: { 'a.yaml': SCENARIO } });
  const table = [
    [`host,${NAME},6.999`, 4, /^replypath: there is no kernel 6\.999 in Debian's archive\. It has 6\./],
    ['host,./none', 4, /^replypath: cannot read the kernel \.\/none: ENOENT/],
  ] as const;
  for (const [kernels, code, stderr] of table)
    t.match(replypathIn(cwd)('run', '--kernel', kernels), { code, stdout: '', stderr }, kernels);
  const { release: whole } = await kernelOf(NAME);
  t.strictSame(replypathIn(cwd)('run', '--kernel', NAME, '--kernel', whole), {
    ...{ code: 2, stdout: '' },
    stderr: `replypath: ${NAME} and ${whole} are the same kernel, ${whole}: name one of them\n`,
  });
  t.notOk(existsSync(join(cwd, 'replypath-results')));
});
