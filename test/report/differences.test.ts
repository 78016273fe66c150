import pc from 'picocolors';
import t from 'tap';
import { Parser } from 'tap-parser';
import { reportSchema } from '../../src/format/report.js';
import type { Hop } from '../../src/model/flow-result.js';
import type { RunEvent, RunReport, ScenarioResult } from '../../src/model/result.js';
import { differences } from '../../src/report/differences.js';
import { dotReporter } from '../../src/report/dot.js';
import { githubReporter } from '../../src/report/github.js';
import { joined } from '../../src/report/join.js';
import { jsonReporter } from '../../src/report/json.js';
import { junitReporter } from '../../src/report/junit.js';
import { type ListOptions, listReporter } from '../../src/report/list.js';
import { tapReporter } from '../../src/report/tap.js';
import { pathText } from '../../src/report/text/path-text.js';
import * as events from './events.js';
import { byOther, filtered, KERNELS, on, runOn, scenario, skipped, symmetric } from './kernels.js';
import { written } from './run.js';
import { type Parsed, parseXml } from './xml.js';

const PAIR = ['host', '6.12'] as const;

/** One that differs in a flow, one that is skipped on one of them, one that is the same, and a file that is none. */
const DIFFERING = runOn(PAIR, [
  events.invalid,
  on('host', scenario('recipes/x [isp=plain]', symmetric)),
  on('6.12', scenario('recipes/x [isp=plain]', filtered)),
  on('host', skipped),
  on('6.12', scenario('dummy', symmetric)),
  on('host', scenario('same', symmetric)),
  on('6.12', scenario('same', symmetric)),
]);

const SAME = runOn(PAIR, [on('host', scenario('a', symmetric)), on('6.12', scenario('a', symmetric))]);

function between(...results: readonly ScenarioResult[]) {
  return differences(Object.keys(KERNELS), results);
}

t.test('a flow that is not the same: each property, by kernel', async (t) => {
  const [difference, ...others] = between(
    on('host', scenario('x', symmetric)),
    on('6.12', scenario('x', filtered)),
    on('6.1', scenario('x', byOther)),
  );
  t.strictSame(others, [], 'the second flow is the same');
  t.match(difference, {
    scenario: 'x',
    file: 'scenarios/a.yaml',
    flow: {
      step: 1,
      title: 'as found',
      flow: 1,
      from: 'client',
      to: 'server:eth1',
      probe: 'ping',
      family: 4,
    },
  });
  t.strictSame(
    Object.fromEntries((difference?.differing ?? []).map(({ property, values }) => [property, values])),
    {
      verdict: { host: 'symmetric', '6.12': 'no-reply', '6.1': 'asymmetric' },
      status: { host: 'passed', '6.12': 'failed', '6.1': 'failed' },
      cause: { host: null, '6.12': 'neighbour-unresolved', '6.1': null },
      'reply out': { host: 'eth1', '6.12': null, '6.1': 'eth0' },
      'reply via': { host: 'isp2:lan', '6.12': null, '6.1': 'isp1:lan' },
      'reply from': { host: '198.51.100.10', '6.12': null, '6.1': '198.51.100.10' },
      'reply path': {
        host: 'server:eth1 → isp2:lan›wan → internet:isp2›client → client:eth0',
        '6.12': null,
        '6.1': 'server:eth0 → isp1:lan›wan → internet:isp1›client → client:eth0',
      },
    },
  );
});

t.test('what is no difference', async (t) => {
  const slower = {
    ...scenario('x', symmetric),
    durationMs: 9000,
    startedAt: '2027-01-01T00:00:00.000Z',
    attempts: 2,
  };
  const otherMac = { ...symmetric, reply: { ...symmetric.reply, mac: '02:00:00:00:00:99' }, duplicates: 3 };
  t.strictSame(between(on('host', scenario('x', symmetric)), on('6.12', slower)), []);
  t.strictSame(between(on('host', scenario('x', symmetric)), on('6.12', scenario('x', otherMac))), []);
  t.strictSame(between(on('host', skipped), on('6.12', skipped)), [], 'skipped on both');
  t.strictSame(between(on('host', events.invalid), events.invalid), []);
  t.strictSame(
    between(on('host', scenario('x', symmetric)), on('6.12', scenario('y', filtered))),
    [],
    'two scenarios',
  );
  const interrupted = events.result({
    ...{ name: 'x', status: 'errored' },
    reason: { code: 'interrupted', text: 'the run was ended' },
  });
  t.strictSame(between(on('host', scenario('x', symmetric)), on('6.12', interrupted)), []);
});

t.test('a scenario that comes to another end', async (t) => {
  const found = between(
    on('host', skipped),
    on('6.12', scenario('dummy', symmetric)),
    on('6.1', scenario('dummy', byOther)),
  );
  const text = 'this machine lacks what the scenario needs: dummy (Unknown device type)';
  t.strictSame(
    found.map(({ flow, differing }) => [flow?.flow ?? null, differing.map(({ property }) => property)]),
    [
      [null, ['status', 'reason']],
      [1, ['verdict', 'status', 'reply out', 'reply via', 'reply path']],
    ],
  );
  t.strictSame(found[0]?.differing, [
    { property: 'status', values: { host: 'skipped', '6.12': 'passed', '6.1': 'failed' } },
    { property: 'reason', values: { host: text, '6.12': null, '6.1': null } },
  ]);
  t.strictSame(
    found[1]?.differing[0]?.values,
    { '6.12': 'symmetric', '6.1': 'asymmetric' },
    'host has no flow',
  );

  const otherLine = { code: 'recipe-failed', text: 'a command failed on server: line 4, exit 2' } as const;
  t.match(between(on('host', events.broken), on('6.12', { ...events.broken, reason: otherLine })), [
    { flow: null, differing: [{ property: 'reason' }] },
  ]);
  const guestGone = { code: 'lab-not-built', text: 'one reason' } as const;
  const other = { ...guestGone, text: 'another' };
  t.strictSame(
    between(
      on('host', { ...events.broken, reason: guestGone }),
      on('6.12', { ...events.broken, reason: other }),
    ),
    [],
    'what the machine said is no difference of kernels',
  );
});

t.test('the same nodes and interfaces in other directions are another path', async (t) => {
  const path = (...hops: readonly (readonly [string, string, Hop['direction']])[]) =>
    hops.map(([node, name, direction]): Hop => ({ node, interface: name, direction, address: '192.0.2.1' }));
  t.equal(pathText([]), null);
  t.equal(
    pathText(path(['a', 'x', 'out'], ['b', 'y', 'in'], ['b', 'z', 'out'], ['c', 'x', 'in'])),
    'a:x → b:y›z → c:x',
  );
  t.equal(pathText(path(['a', 'x', 'out'], ['b', 'y', 'in'], ['b', 'z', 'in'])), 'a:x → b:y in, z in');
  t.equal(pathText(path(['a', 'x', 'out'], ['b', 'y', 'out'])), 'a:x → b:y out');
  t.equal(pathText(path(['a', 'x', 'in'])), 'a:x in');
  const [inner, outer, arrived, out] = path(
    ['a', 'wg0', 'out'],
    ['a', 'x', 'out'],
    ['b', 'y', 'in'],
    ['b', 'wg0', 'in'],
  );
  const tunnel = { tunnel: 'wg0' };
  const carried = [inner, { ...outer, ...tunnel }, { ...arrived, ...tunnel }, out] as Hop[];
  t.equal(pathText(carried), 'a:wg0›(x → b:y)›wg0', 'what carries a packet stands in parentheses');
});

function listed(of: readonly RunEvent[], options: Partial<ListOptions> = {}): string {
  const all = { colours: false, columns: Number.POSITIVE_INFINITY, detail: 'normal', ...options } as const;
  return written((write) => listReporter({ write, ...all }), of);
}

const TABLE = `
Kernels differ in 2 of 3 scenarios:

  dummy
              host     6.12
    ≠ status  skipped  passed
    ≠ reason
        host  this machine lacks what the scenario needs: dummy (Unknown device type)

  recipes/x [isp=plain]
  · as found
    client → server:eth1 ping IPv4
                  host           6.12
    ≠ verdict     symmetric      no-reply
    ≠ status      passed         failed
    ≠ cause       none           neighbour-unresolved
    ≠ reply out   eth1           none
    ≠ reply via   isp2:lan       none
    ≠ reply from  198.51.100.10  none
    ≠ reply path
        host  server:eth1 → isp2:lan›wan → internet:isp2›client → client:eth0
        6.12  never sighted
`;

t.test('list: a column for each kernel, after the summary', async (t) => {
  const text = listed(DIFFERING);
  t.ok(text.endsWith(TABLE), text);
  t.match(text, /^replypath 0\.1\.0, Linux 6\.18\.0 \(host\), 6\.12\.117\+deb12-amd64 \(6\.12\), as root\n/);
  t.match(text, /next {6}replypath explain scenarios\/a\.yaml --grep '\\\[isp=plain\\\]' --kernel 6\.12/);
  t.ok(listed(DIFFERING, { detail: 'quiet' }).endsWith(TABLE), 'quiet too');
  t.match(listed(SAME), /\n\nNo verdict or path differs between host and 6\.12\.\n$/);
  t.match(listed(SAME, { detail: 'quiet' }), /No verdict or path differs between host and 6\.12\.\n$/);
  t.notMatch(listed(events.eventsOf([events.passed])), /differ/, 'of one kernel there is nothing to say');
});

t.test('list: nothing is said to be the same that was not compared', async (t) => {
  const results = [
    on('host', scenario('a', symmetric)),
    on('6.12', scenario('a', symmetric)),
    on('host', scenario('b', symmetric)),
  ];
  t.match(
    listed(runOn(PAIR, results)),
    /\nNo verdict or path differs between host and 6\.12 in the 1 of 2 scenarios that ran on all of them\.\n$/,
  );
  t.notMatch(listed(runOn(PAIR, results.slice(2))), /differs/);
  t.notMatch(listed(runOn(PAIR, [events.invalid])), /differs/);
});

t.test('list: on a narrow terminal', async (t) => {
  for (const columns of [60, 40]) {
    const text = listed(DIFFERING, { columns, detail: 'quiet' });
    const lines = text.slice(text.indexOf('Kernels')).split('\n');
    t.strictSame(
      lines.filter((line) => line.length > columns),
      [],
      `${columns}`,
    );
  }
  const narrow = listed(DIFFERING, { columns: 30, detail: 'quiet' });
  t.match(narrow, /≠ verdict\n {8}host {2}symmetric\n {8}6\.12 {2}no-reply\n/, 'below one another');
});

const yellow = pc.createColors(true).yellow;

t.test('list: what is another than on the first kernel is coloured', async (t) => {
  const text = listed(DIFFERING, { colours: true, detail: 'quiet' });
  t.notOk(text.includes(yellow('symmetric')), 'the first kernel is what others are compared with');
  t.ok(text.includes(`symmetric      ${yellow('no-reply')}\n`), text);
});

t.test('JSON and the events say the same, and keep to the schema', async (t) => {
  const document: RunReport = JSON.parse(written(jsonReporter, DIFFERING));
  t.strictSame(reportSchema.safeParse(document).error?.issues, undefined);
  t.strictSame(document.environment.kernels, { host: KERNELS.host, '6.12': KERNELS['6.12'] });
  t.strictSame(document.differences, between(...document.scenarios));
  t.strictSame(
    document.differences?.map((each) => each.scenario),
    ['dummy', 'recipes/x [isp=plain]'],
  );
  t.strictSame(JSON.parse(written(jsonReporter, SAME)).differences, []);
  t.notOk('differences' in JSON.parse(written(jsonReporter, events.eventsOf([events.passed]))));
});

t.test('joined shards are compared on the kernels of all', async (t) => {
  const third = [on('host', scenario('b', symmetric)), on('6.1', scenario('b', byOther))];
  const shards = [runOn(PAIR, []), SAME, DIFFERING, runOn(['host', '6.1'], third)];
  const document: RunReport = JSON.parse(written(jsonReporter, joined(shards)));
  t.strictSame(Object.keys(document.environment.kernels ?? {}), ['host', '6.12', '6.1']);
  t.equal(document.differences?.length, 3);
  t.match(listed(joined(shards)), /Kernels differ in 3 of 5 scenarios/);
});

t.test('JUnit: the kernel of each suite, and differences at its flows', async (t) => {
  const root = parseXml(written(junitReporter, DIFFERING));
  const suite = (name: string) => root.children.find(({ attributes }) => attributes.name === name);
  const property = (name: string, key: string) =>
    suite(name)
      ?.children.find((child) => child.name === 'properties')
      ?.children.filter(({ attributes }) => attributes.name === key)
      .map(({ attributes }) => attributes.value);
  t.strictSame(property('same on 6.12', 'kernel'), [KERNELS['6.12']]);
  t.strictSame(property('same on 6.12', 'kernel.name'), ['6.12']);
  t.strictSame(property('same on 6.12', 'kernel.host'), [KERNELS.host]);
  t.strictSame(property('same on 6.12', 'differs'), []);
  t.strictSame(property('dummy on 6.12', 'differs')?.[0], 'status  host: skipped; 6.12: passed');
  const told = (name: string) =>
    suite(name)
      ?.children.filter((child) => child.name === 'testcase')
      .map(({ children }: Parsed) =>
        children.filter(({ text }) => /^kernels differ/.test(text)).map(({ text }) => text),
      );
  const [[difference = ''] = [], ...others] = told('recipes/x [isp=plain] on 6.12') ?? [];
  t.match(difference, /^kernels differ\n {2}≠ verdict {2}host: symmetric; 6\.12: no-reply\n/);
  t.strictSame(others, [[]], 'not at the other flow');
  t.strictSame(told('recipes/x [isp=plain] on host'), told('recipes/x [isp=plain] on 6.12'));
  t.strictSame(told('same on host'), [[], []]);
});

t.test('TAP has it in comments, dot and GitHub as in the list', async (t) => {
  const tap = written(tapReporter, DIFFERING);
  t.match(tap, /\n# Kernels differ in 2 of 3 scenarios:\n/);
  t.match(tap, /\n# {5}≠ verdict {5}symmetric {6}no-reply\n/);
  const parser = new Parser({ strict: true });
  parser.end(tap);
  t.equal(parser.results?.failures.filter(({ tapError }) => tapError).length, 0, 'still TAP');
  t.ok(written((write) => dotReporter(write, { colours: false, columns: 100 }), DIFFERING).endsWith(TABLE));
  let summary = '';
  const job = {
    writeSummary: (text: string) => {
      summary += text;
    },
    folder: '',
  };
  t.ok(written((write) => githubReporter(write, job), DIFFERING).endsWith(TABLE));
  t.match(
    summary,
    /\n\*\*Kernels differ in 2 of 3 scenarios:\*\*\n\n\| scenario \| \| \| host \| 6\.12 \|\n/,
  );
  t.match(
    summary,
    /\n\| recipes\/x \\\[isp=plain\\\] \| as found: client → .* \| verdict \| symmetric \| no-reply \|\n/,
  );
});
