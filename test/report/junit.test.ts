import { spawnSync } from 'node:child_process';
import t from 'tap';
import type { RunEvent } from '../../src/model/result.js';
import { junitReporter } from '../../src/report/junit.js';
import * as events from './events.js';
import { flaky, retried, written } from './run.js';
import { type Parsed, parseXml } from './xml.js';

/** What may stand in what, by junit-10.xsd of Jenkins' xunit plugin: attributes that must, that may, and elements. */
const XSD: Readonly<Record<string, readonly [must: string, may: string, elements: string]>> = {
  testsuites: ['', 'name time tests failures errors', 'testsuite'],
  testsuite: [
    'name tests failures errors',
    'group time skipped timestamp hostname id package file log url',
    'testsuite properties testcase system-out system-err',
  ],
  properties: ['', '', 'property'],
  property: ['name value', '', ''],
  testcase: [
    'name',
    'time classname group',
    'skipped error failure rerunFailure rerunError flakyFailure flakyError system-out system-err',
  ],
  skipped: ['', 'type message', ''],
  error: ['', 'type message', ''],
  failure: ['', 'type message', ''],
  rerunFailure: ['type', 'message', 'stackTrace system-out system-err'],
  rerunError: ['type', 'message', 'stackTrace system-out system-err'],
  flakyFailure: ['type', 'message', 'stackTrace system-out system-err'],
  flakyError: ['type', 'message', 'stackTrace system-out system-err'],
  stackTrace: ['', '', ''],
  'system-out': ['', '', ''],
};

function faultsOf({ name, attributes, children }: Parsed): string[] {
  const [must, may, elements] = (XSD[name] ?? ['', '', '']).map((words) => words.split(' '));
  const keys = Object.keys(attributes);
  return [
    ...(name in XSD ? [] : [`${name} is unknown`]),
    ...(must ?? []).filter((key) => key !== '' && !keys.includes(key)).map((key) => `${name} lacks ${key}`),
    ...keys.filter((key) => !must?.includes(key) && !may?.includes(key)).map((key) => `${name} has ${key}`),
    ...children
      .filter((child) => !elements?.includes(child.name))
      .map((child) => `${name} has ${child.name}`),
    ...('time' in attributes && !/^\d+\.\d{3}$/.test(attributes.time ?? '') ? [`${name}: time`] : []),
    ...children.flatMap(faultsOf),
  ];
}

function junit(of: readonly RunEvent[]): Parsed {
  return parseXml(written(junitReporter, of));
}

function named(parent: Parsed | undefined, name: string): Parsed[] {
  return parent?.children.filter((child) => child.name === name) ?? [];
}

function suiteOf(root: Parsed, name: string): Parsed {
  const found = named(root, 'testsuite').find(({ attributes }) => attributes.name === name);
  if (found === undefined) throw new Error(`no suite ${name}`);
  return found;
}

const nothing = events.result({ name: 'without flows', title: 'Commands only', tags: ['a', 'b'] });

const ALL = [
  events.passed,
  events.failed,
  events.doubtful,
  events.broken,
  events.invalid,
  events.skipped,
  events.forged,
  nothing,
];

t.test('keeps to the schema', async (t) => {
  for (const of of [events.eventsOf(ALL), retried, events.eventsOf([]), events.eventsOf([], ['unrun'])]) {
    t.strictSame(faultsOf(junit(of)), []);
  }
});

t.test('a suite for each scenario, a case for each flow', async (t) => {
  const root = junit(events.eventsOf(ALL));
  t.strictSame(
    named(root, 'testsuite').map(({ attributes }) => attributes.name),
    ALL.map(({ name }) => (name === events.forged.name ? 'forged\\x1b[2K\\rok 1 - forged' : name)),
  );
  t.match(root.attributes, { name: 'replypath', tests: '11', failures: '4', errors: '2', time: '1.234' });
  const suite = suiteOf(root, events.failed.name);
  t.strictSame(suite.attributes, {
    ...{ name: events.failed.name, tests: '3', failures: '2', errors: '0', skipped: '0' },
    ...{ time: '1.050', timestamp: '2026-11-21T12:16:41.250Z', file: 'scenarios/a.yaml' },
  });
  t.equal(named(suite, 'system-out')[0]?.text, 'captures  replypath-results/a1\n');
  const [good, wrong] = named(suite, 'testcase');
  t.strictSame(good?.attributes, {
    name: 'as found: client → server:eth1 tcp/22 IPv4',
    classname: events.failed.name,
    time: '0.350',
  });
  t.equal(
    named(good, 'system-out')[0]?.text,
    'client → server:eth1  tcp/22  IPv4  in eth1, out eth1 (via isp2:lan)  symmetric\n',
  );
  const [failure] = named(wrong, 'failure');
  t.match(failure?.attributes, {
    type: 'asymmetric',
    message: /^the verdict is asymmetric.*; the reply left by/,
  });
  t.match(
    failure?.text,
    /^✗ client → server:eth1 {2}ping.*\n +expected +seen\n +✗ verdict +symmetric +asymmetric\n/,
  );
});

t.test('what befell a scenario as a whole', async (t) => {
  const root = junit(events.eventsOf(ALL));
  const only = (name: string) => {
    const cases = named(suiteOf(root, name), 'testcase');
    t.equal(cases.length, 1, name);
    return cases[0];
  };
  const broken = named(only(events.broken.name), 'error')[0];
  t.match(broken?.attributes, { type: 'recipe-failed', message: events.broken.reason?.text });
  t.match(broken?.text, 'RTNETLINK answers: Network is unreachable\n');
  t.match(named(only('bad'), 'error')[0]?.text, 'scenarios/bad.yaml:7:25  unknown-node\n');
  t.strictSame(named(only(events.skipped.name), 'skipped')[0]?.attributes, {
    message: 'this kernel has no tun device',
  });
  t.match(only('without flows'), { attributes: { name: 'Commands only' }, children: [] });
  const missing = events.result({
    ...{ name: 'x', title: 'Title', status: 'failed' },
    reason: { code: 'failure-missing', text: 'server, line 3' },
    steps: [events.step('', [events.symmetric, events.symmetric])],
  });
  const [whole, ...flows] = named(suiteOf(junit(events.eventsOf([missing])), 'x'), 'testcase');
  t.match(whole, { attributes: { name: 'Title' }, children: [{ name: 'failure' }] });
  t.strictSame(
    flows.map(({ attributes }) => attributes.name),
    ['client → server:eth1 tcp/22 IPv4', 'client → server:eth1 tcp/22 IPv4 (2)'],
    'the same flow twice has two names',
  );
});

t.test('properties', async (t) => {
  const root = junit(
    events.eventsOf([events.passed, nothing, { ...events.passed, name: 'x', repetition: 2 }]),
  );
  const properties = (name: string) =>
    named(named(suiteOf(root, name), 'properties')[0], 'property').map(({ attributes }) => [
      attributes.name,
      attributes.value,
    ]);
  t.strictSame(properties(events.passed.name), [
    ['replypath', '0.1.0'],
    ['kernel', '6.18.0'],
    ['rootless', 'false'],
    ['scenario', 'recipes/a1-rt2'],
    ['title', 'The reply to a ping on eth1 leaves by eth0'],
    ['variant.isp', 'open'],
    ['variant.family', '4'],
    ['source', 'linux-policy-routing'],
    ['finding', 'confirmed'],
  ]);
  t.strictSame(properties('without flows').slice(-2), [
    ['tag', 'a'],
    ['tag', 'b'],
  ]);
  t.strictSame(properties('x').at(-1), ['repetition', '2']);
});

t.test('attempts that did not pass', async (t) => {
  const root = junit(retried);
  t.match(root.attributes, { tests: '7', failures: '2', errors: '0' });
  const [whole, first, second, third] = named(suiteOf(root, 'flaky'), 'testcase');
  t.match(whole, {
    attributes: { name: flaky.title },
    children: [{ name: 'flakyError', attributes: { type: 'recipe-failed' } }],
  });
  t.match(second?.children[0], { name: 'flakyFailure', attributes: { type: 'asymmetric' } });
  t.match(second?.children[0]?.children[0]?.text, /^✗ client → server:eth1 {2}ping/);
  for (const flow of [first, third]) t.strictSame(named(flow, 'flakyFailure'), []);
  const again = named(suiteOf(root, 'stubborn'), 'testcase');
  t.strictSame(
    again.map(({ children }) => children.map(({ name }) => name)),
    [['system-out'], ['failure', 'rerunFailure'], ['failure', 'rerunFailure']],
  );
});

t.test('no character is lost, and none breaks the document or steers a terminal', async (t) => {
  const title = '<a href="x">&amp; ]]> \u0000\u001b\ufffe\ud800 \t\n é 😀';
  const forged = { ...nothing, name: '"/><x y="', title, tags: [title] };
  const suite = suiteOf(junit(events.eventsOf([forged])), '"/><x y="');
  t.equal(
    named(suite, 'testcase')[0]?.attributes.name,
    '<a href="x">&amp; ]]> \\x00\\x1b\\ufffe\\ud800 \\t\\n é 😀',
  );
});

const python = spawnSync('python3', ['--version']).status === 0;

t.test('another parser reads the same', { skip: python ? false : 'no python3 here' }, async (t) => {
  const program =
    'import sys, json, xml.etree.ElementTree as E\n' +
    'f = lambda e: {"name": e.tag, "attributes": e.attrib, "children": [f(c) for c in e], ' +
    '"text": (e.text or "") + "".join(c.tail or "" for c in e)}\n' +
    'print(json.dumps(f(E.fromstring(sys.stdin.buffer.read()))))';
  for (const of of [events.eventsOf(ALL), retried]) {
    const text = written(junitReporter, of);
    const { stdout } = spawnSync('python3', ['-c', program], { input: text, encoding: 'utf8' });
    t.strictSame(JSON.parse(stdout), parseXml(text));
  }
});
