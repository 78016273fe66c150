import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
import type { RunEvent, ScenarioResult } from '../../src/model/result.js';
import { dotReporter } from '../../src/report/dot.js';
import { type GithubJob, githubReporter } from '../../src/report/github.js';
import { jsonlReporter } from '../../src/report/jsonl.js';
import { listReporter } from '../../src/report/list.js';
import * as events from './events.js';
import { flaky, retried, written } from './run.js';

const WIDE = { colours: false, columns: Number.POSITIVE_INFINITY };
const ALL = [events.passed, events.failed, events.doubtful, events.broken, events.invalid, events.skipped];

function dots(of: readonly RunEvent[], terminal = WIDE): string {
  return written((write) => dotReporter(write, terminal), of);
}

function listed(results: readonly ScenarioResult[]): string {
  return written((write) => listReporter({ write, ...WIDE, detail: 'quiet' }), events.eventsOf(results));
}

t.test('dot: a character each, then what the list shows of those that did not pass', async (t) => {
  const text = dots(events.eventsOf([...ALL, flaky]));
  t.match(text, /^·✗\?!!-±\n\n✗ recipes\/a1-rt2 \[isp=bcp38 family=4\] {2}1\.05 s\n/);
  const end = text.split('\n').findLastIndex((line) => line.startsWith('7 scenarios: 2 passed'));
  t.ok(end > 0, 'the summary');
  const shown = text.split('\n').slice(2, end).join('\n');
  t.ok(listed(ALL).startsWith(shown), 'as the list shows it');
});

t.test('dot: lines as wide as the terminal', async (t) => {
  const many = (count: number) =>
    events.eventsOf(
      Array.from({ length: count }, (_, index) => ({ ...events.passed, name: `many/${index}` })),
    );
  t.match(dots(many(25), { colours: false, columns: 10 }), /^·{10}\n·{10}\n·{5}\n\n25 scenarios/);
  t.match(dots(many(20), { colours: false, columns: 10 }), /^·{10}\n·{10}\n\n20 scenarios/);
  t.match(dots(many(81)), /^·{80}\n·\n\n81 scenarios/, 'where there is none, of 80');
  const coloured = dots(events.eventsOf(ALL), { colours: true, columns: 100 });
  t.match(coloured, '\u001b[32m·\u001b[39m');
  t.equal(stripVTControlCharacters(coloured), dots(events.eventsOf(ALL), { colours: false, columns: 100 }));
});

t.test('dot: what was not run, and nothing at all', async (t) => {
  t.match(
    dots(events.eventsOf([events.passed], ['never'])),
    /^·\n\n1 scenario: .*\n1 of 2 scenarios were not run\n$/,
  );
  t.equal(dots(events.eventsOf([])), 'no scenario was run\n');
});

t.test('jsonl: the events', async (t) => {
  const lines = written(jsonlReporter, retried).split('\n');
  t.equal(lines.pop(), '');
  t.strictSame(
    lines.map((line) => JSON.parse(line)),
    JSON.parse(JSON.stringify(retried)),
  );
});

function github(of: readonly RunEvent[], folder = ''): { log: string[]; summary: string } {
  let summary = '';
  const job: GithubJob = {
    writeSummary: (text) => {
      summary += text;
    },
    folder,
  };
  return { log: written((write) => githubReporter(write, job), of).split('\n'), summary };
}

t.test('github: annotations at the flow, at the fault, at the file', async (t) => {
  const { log } = github(events.eventsOf(ALL));
  const annotations = log.filter((line) => /^::(error|warning|notice)/.test(line));
  t.strictSame(
    annotations.map((line) => line.replace(/(::.*?::[^%]*).*/, '$1')),
    [
      '::error file=scenarios/a.yaml,line=7,title=recipes/a1-rt2 [isp=bcp38 family=4]::client → server:eth1 ping IPv4: asymmetric',
      '::error file=scenarios/a.yaml,line=7,title=recipes/a1-rt2 [isp=bcp38 family=4]::client → server:eth1 udp/53 IPv4: reply-lost',
      '::error file=scenarios/a.yaml,line=7,title=reports/b09::client → server:eth1 tcp/22 IPv4: inconclusive',
      '::error file=scenarios/a.yaml,title=recipes/a6-netware::a command failed on server: line 3, exit 2',
      '::error file=scenarios/bad.yaml,line=7,col=25,title=unknown-node::the topology has no node servr',
      '::notice file=scenarios/a.yaml,title=recipes/a9-tun # 1 \\ 2::skipped: this kernel has no tun device',
    ],
  );
  t.match(
    annotations[0],
    '%0Aexpected: symmetric, reply out eth1 via isp2:lan%0Aseen: asymmetric, request in eth1',
  );
  const below = github(events.eventsOf([events.failed]), 'tests/routing').log;
  t.ok(below.some((line) => line.startsWith('::error file=tests/routing/scenarios/a.yaml,line=7')));
});

t.test('github: groups of what did not pass, a line for what did', async (t) => {
  const { log } = github(events.eventsOf([events.passed, events.failed]));
  t.equal(log[0], '✓ recipes/a1-rt2 [isp=open family=4]  62 ms');
  t.equal(log[1], '::group::✗ recipes/a1-rt2 [isp=bcp38 family=4]  1.05 s');
  const end = log.indexOf('::endgroup::');
  t.ok(end > 10);
  t.ok(
    listed([events.failed]).startsWith(`${log[1]?.slice(9)}\n${log.slice(2, end).join('\n')}`),
    'as the list shows it',
  );
  t.match(log.slice(-5).join('\n'), /2 scenarios: 1 passed, 1 failed.*\n\nnot passed:\n +✗ recipes/);
  t.ok(
    github(events.eventsOf([], ['never'])).log.includes('::error::1 of 1 scenarios were not run'),
    'what was not run is an error',
  );
});

t.test('github: a flaky scenario is a warning, with what failed before it passed', async (t) => {
  const { log } = github(retried);
  t.equal(
    log.find((line) => line.startsWith('::group::')),
    '::group::✓ flaky  1.05 s  (flaky: passed at attempt 3), and what failed before',
  );
  const [warning, ...more] = log.filter((line) => line.startsWith('::warning'));
  t.match(
    warning,
    /^::warning file=scenarios\/a\.yaml,title=flaky is flaky::passed at attempt 3; before: a command/,
  );
  t.strictSame(more, []);
});

t.test('github: nothing from a file gives the runner a command', async (t) => {
  const title = ' ::add-mask::x ##[error]y';
  const message = '100%\r\n::stop-commands::z\u001b[0m';
  const nasty: ScenarioResult = {
    ...events.broken,
    ...{ name: 'a:b,c%\n::error::x', title, file: 'sce:na,rios/%.yaml' },
    reason: { code: 'recipe-failed', text: message },
    steps: [events.step('::set-output', [], [{ ...events.failedCommand, message }])],
  };
  const { log } = github(events.eventsOf([nasty]));
  const own = /^::(group::!|endgroup::$|error file=)/;
  t.strictSame(
    log.filter((line) => line.trimStart().startsWith('::') && !own.test(line)),
    [],
  );
  t.notMatch(log.join('\n'), '##[');
  t.ok(
    log.includes(
      '::error file=sce%3Ana%2Crios/%25.yaml,title=a%3Ab%2Cc%25%0A%3A%3Aerror%3A%3Ax::100%25\\r%0A::stop-commands::z\\x1b[0m',
    ),
    log.join('\n'),
  );
});

t.test('github: the summary of the job', async (t) => {
  const { summary } = github(
    events.eventsOf([...ALL, flaky, { ...events.failed, name: 'a|b*c <i>' }], ['never']),
  );
  t.match(
    summary,
    /^### replypath\n\n8 scenarios: 2 passed \(1 flaky\), 3 failed \(1 inconclusive\), 2 errored, 1 skipped in 1\.23 s\.\n/,
  );
  t.match(summary, '\n**1 of 9 scenarios were not run.**\n');
  const rows = summary.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| - | -'));
  t.equal(rows.length, 1 + 7, 'all but what passed at once');
  t.match(
    rows[1],
    /^\| ✗ \| recipes\/a1-rt2 \\\[isp=bcp38 family=4\\\] \| client → server:eth1 ping IPv4: the verdict is/,
  );
  t.match(summary, '| ± | flaky | flaky: passed at attempt 3 | 1.05 s |');
  t.match(summary, '| - | recipes/a9-tun \\# 1 \\\\ 2 | this kernel has no tun device | 0 ms |');
  t.match(summary, '| a\\|b\\*c &lt;i> |');
  const many = Array.from({ length: 501 }, (_, index) => ({ ...events.failed, name: `many/${index}` }));
  t.match(github(events.eventsOf(many)).summary, '\n… and 1 more.\n');
});
