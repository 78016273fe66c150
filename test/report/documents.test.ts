import t from 'tap';
import { type FinalResults, Parser, type Result } from 'tap-parser';
import { eventSchema, reportSchema } from '../../src/format/report.js';
import type { ScenarioResult } from '../../src/model/result.js';
import { jsonReporter } from '../../src/report/json.js';
import type { Reporter, Write } from '../../src/report/reporter.js';
import { tapReporter } from '../../src/report/tap.js';
import * as events from './events.js';
import { flaky, retried, stubborn, written } from './run.js';

const ALL = [
  events.passed,
  events.failed,
  events.doubtful,
  events.broken,
  events.invalid,
  events.skipped,
  events.forged,
  events.result({ name: 'x', steps: [events.step('', [events.forwarded, events.initiated, events.mixed])] }),
];

function report(
  make: (write: Write) => Reporter,
  results: readonly ScenarioResult[],
  unrun: string[] = [],
): string {
  let text = '';
  const reporter = make((more) => {
    text += more;
  });
  for (const event of events.eventsOf(results, unrun)) reporter(event);
  return text;
}

interface Parsed {
  readonly results: FinalResults;
  readonly points: readonly Result[];
  /** By the number of its test point. */
  readonly flows: ReadonlyMap<string, readonly Result[]>;
  /** What is not TAP. */
  readonly extra: readonly string[];
}

function parse(text: string): Promise<Parsed> {
  return new Promise((resolve) => {
    const points: Result[] = [];
    const extra: string[] = [];
    const flows = new Map<string, Result[]>();
    const parser = new Parser({ strict: true }, (results) => resolve({ results, points, flows, extra }));
    parser.on('assert', (point: Result) => points.push(point));
    parser.on('extra', (line: string) => extra.push(line));
    parser.on('child', (child: Parser) => {
      const own: Result[] = [];
      flows.set(child.name, own);
      child.on('assert', (point: Result) => own.push(point));
      child.on('extra', (line: string) => extra.push(line));
    });
    parser.end(text);
  });
}

t.test('TAP 14 in strict mode', async (t) => {
  const { results, points, flows, extra } = await parse(report(tapReporter, ALL));
  t.strictSame(
    results.failures.filter(({ tapError }) => tapError),
    [],
    'no fault of form',
  );
  t.strictSame(extra, []);
  t.equal(results.plan.end, ALL.length);
  t.strictSame(
    points.map(({ ok, name }) => [ok, name]),
    [
      [true, 'recipes/a1-rt2 [isp=open family=4]'],
      [false, 'recipes/a1-rt2 [isp=bcp38 family=4]'],
      [false, 'reports/b09'],
      [false, 'recipes/a6-netware'],
      [false, 'bad'],
      [true, 'recipes/a9-tun # 1 \\ 2'],
      [false, 'forged\\x1b[2K\\rok 1 - forged'],
      [true, 'x'],
    ],
  );
  t.equal(points[5]?.skip, 'this kernel has no tun device');
  t.match(points[3]?.diag, { reason: 'recipe-failed', commands: [{ line: 3, exit: 2 }] });
  t.match(points[4]?.diag, { diagnostics: [events.diagnostic] });

  const failed = flows.get('recipes/a1-rt2 [isp=bcp38 family=4]');
  t.strictSame(
    failed?.map(({ ok }) => ok),
    [true, false, false],
  );
  t.equal(
    failed?.[1]?.name,
    'as found: client → server:eth1 ping IPv4 in eth1, out eth0 (via isp1:lan) asymmetric',
  );
  t.match(failed?.[2]?.diag, {
    expected: 'symmetric',
    seen: 'reply-lost, request in eth1, reply out eth0 via isp1:lan',
    reply: 'server:eth0 → isp1:lan → ✗',
  });
});

t.test('TAP: what is wrong as a whole', async (t) => {
  t.notMatch(report(tapReporter, ALL), /[^\P{Cc}\n]|\u202e/u, 'nothing that steers a terminal gets through');
  const ended = await parse(report(tapReporter, [events.passed], ['never/begun']));
  t.equal(ended.results.bailout, 'the run was ended after 1 of 2 scenarios');
  const nothing = await parse(report(tapReporter, []));
  t.equal(nothing.results.ok, true);
  t.match(nothing.results.plan.skipReason, /no scenario selected/);
});

t.test('TAP: attempts and repetitions', async (t) => {
  const text = written(tapReporter, retried);
  const { results, points, extra } = await parse(text);
  t.strictSame(extra, []);
  t.equal(results.failures.filter(({ tapError }) => tapError).length, 0, 'no fault of form');
  t.strictSame(
    points.map(({ ok, name }) => [ok, name]),
    [
      [true, 'flaky'],
      [false, 'stubborn'],
    ],
    'one point for each scenario, however often it was tried',
  );
  t.match(
    text,
    '\n# flaky: attempt 1 did not pass: 2 flows are not as expected\n# flaky: attempt 2 did not pass: a command',
  );
  t.match(points[0]?.diag, { attempts: flaky.attempts, flaky: true });
  t.match(points[1]?.diag, { attempts: stubborn.attempts, flaky: false, repetition: 2 });
});

t.test('events keep to their schema, and JSON has what they add up to', async (t) => {
  for (const event of [...retried, ...events.eventsOf(ALL)]) {
    t.strictSame(eventSchema.safeParse(event).error?.issues, undefined);
  }
  const document = JSON.parse(written(jsonReporter, retried));
  t.strictSame(reportSchema.safeParse(document).error?.issues, undefined);
  t.strictSame(document.scenarios, JSON.parse(JSON.stringify([flaky, stubborn])), 'the last attempt of each');
  t.equal(document.summary.flaky, 1);
});

t.test('JSON: one document that keeps to its schema', async (t) => {
  const document = JSON.parse(report(jsonReporter, ALL));
  t.strictSame(reportSchema.safeParse(document).error?.issues, undefined);
  t.strictSame(document.scenarios, JSON.parse(JSON.stringify(ALL)));
  t.strictSame(document.environment, events.environment);
  t.equal(document.summary.inconclusive, 1);
});

t.test('JSON: scenarios are in the order announced, not in the one in which they ended', async (t) => {
  let text = '';
  const reporter = jsonReporter((more) => {
    text += more;
  });
  const [first, ...rest] = events.eventsOf([events.passed, events.failed]);
  const [, passed, , failed, last] = rest;
  for (const event of [first, failed, passed, last]) if (event !== undefined) reporter(event);
  t.strictSame(
    JSON.parse(text).scenarios.map(({ name }: ScenarioResult) => name),
    [events.passed.name, events.failed.name],
  );
});
