import t from 'tap';
import type { RunEvent, ScenarioResult } from '../../src/model/result.js';
import { listReporter } from '../../src/report/list.js';
import type { Drawing, LiveTerminal } from '../../src/report/live-region.js';
import * as events from './events.js';
import { Screen } from './screen.js';

/** The list on a terminal whose time goes by when the test says so. */
class Stage {
  readonly screen: Screen;
  private drawing: Drawing | null = null;
  private time = 0;
  private readonly report: (event: RunEvent) => void;

  constructor(
    private columns: number,
    private rows: number,
    colours = false,
  ) {
    this.screen = new Screen(columns, rows);
    const live: LiveTerminal = {
      size: () => ({ columns: this.columns, rows: this.rows }),
      follow: (drawing) => {
        this.drawing = drawing;
        return () => {
          this.drawing = null;
        };
      },
    };
    const write = (text: string) => this.screen.write(text);
    this.report = listReporter({ write, colours, columns, detail: 'normal', live, now: () => this.time });
  }

  get isFollowed(): boolean {
    return this.drawing !== null;
  }

  /** The lines of the region, without the empty one above it. */
  get region(): readonly string[] {
    const lines = this.screen.text.split('\n');
    return lines.slice(this.screen.cursor.row).filter((line) => line !== '');
  }

  begin(scenarios: readonly string[]): void {
    this.report({ type: 'run-started', version: 1, environment: events.environment, scenarios });
  }

  start(...names: readonly string[]): void {
    for (const name of names) this.report({ type: 'scenario-started', name });
  }

  end(...results: readonly ScenarioResult[]): void {
    for (const result of results) this.report({ type: 'scenario-ended', result });
  }

  retry(result: ScenarioResult): void {
    this.report({ type: 'scenario-retried', result });
  }

  finish(passed: number): void {
    const none = { failed: 0, errored: 0, skipped: 0, inconclusive: 0, flaky: 0 };
    this.report({ type: 'run-ended', summary: { passed, ...none, durationMs: 1234 } });
  }

  wait(milliseconds: number): void {
    this.time += milliseconds;
    this.drawing?.draw();
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.screen.resize(columns, rows);
    this.drawing?.draw();
  }

  /** What someone else has to say on the same terminal. */
  tell(message: string): void {
    this.drawing?.erase();
    this.screen.write(`${message}\n`);
  }
}

const NAMES = Array.from(
  { length: 12 },
  (_, index) => `recipes/b${index}-a-rather-long-name [isp=bcp38 family=4]`,
);
const results = NAMES.map((name) => events.result({ name }));

/** The list of the same run where there is no terminal. */
function plainly(): string {
  let text = '';
  const report = listReporter({
    write: (more) => {
      text += more;
    },
    ...{ colours: false, columns: Number.POSITIVE_INFINITY, detail: 'normal' },
  });
  for (const event of events.eventsOf(results)) report(event);
  return text.trimEnd();
}

t.test('the region says how far the run is and what takes long', async (t) => {
  const stage = new Stage(80, 24);
  stage.begin(NAMES);
  stage.start(...NAMES.slice(0, 5));
  t.strictSame(stage.region, [], 'nothing is drawn before there is something to wait for');
  stage.wait(2300);
  stage.end(events.result({ name: NAMES[0] ?? '' }));
  stage.start('x');
  stage.end(events.result({ name: 'x', status: 'failed', reason: null }));
  stage.retry(events.result({ name: NAMES[2] ?? '', status: 'failed' }));
  stage.wait(60_000);
  t.strictSame(stage.region, [
    '━━━─────────────────  2/12  1 min 2 s  1 failed, 1 passed',
    '  1 min 2 s  recipes/b1-a-rather-long-name [isp=bcp38 family=4]',
    '  1 min 2 s  recipes/b2-a-rather-long-name [isp=bcp38 family=4] (attempt 2)',
    '  1 min 2 s  recipes/b3-a-rather-long-name [isp=bcp38 family=4]',
  ]);
  t.match(stage.screen.text, '\n\n━━━', 'below an empty line');
});

for (const [columns, rows] of [
  [20, 6],
  [40, 3],
  [80, 24],
  [200, 60],
] as const) {
  t.test(`${columns} columns, ${rows} rows: no line breaks, and nothing of the region stays`, async (t) => {
    const stage = new Stage(columns, rows, true);
    stage.begin(NAMES);
    for (const [index, result] of results.entries()) {
      const printed = stage.screen.broken;
      stage.start(...NAMES.slice(index, index + 4));
      stage.wait(100);
      stage.wait(5100);
      t.equal(stage.screen.broken, printed, 'a frame breaks no line');
      const lines = stage.region;
      t.ok(lines.length >= 1 && lines.length < rows, `${lines.length} lines of the region`);
      t.match(lines[0], new RegExp(`${index}/12 `));
      t.match(stage.screen.cursor, { column: 0, wraps: true });
      stage.end(result);
    }
    stage.finish(NAMES.length);
    t.notOk(stage.isFollowed, 'nobody draws any more');
    const shown = stage.screen.text.replace(/\n\nslowest:\n(.*\n?)*$/, '');
    if (columns > 60) t.equal(shown, plainly());
    t.notMatch(stage.screen.text, /\/12|━|─|running/);
    t.match(stage.screen.cursor, { column: 0, wraps: true });
  });
}

t.test('very narrow: signs instead of words, and both ends of a name', async (t) => {
  const stage = new Stage(20, 10);
  stage.begin(NAMES);
  stage.start(...NAMES);
  stage.end(...results.slice(0, 3), events.result({ name: 'x', status: 'errored' }));
  stage.wait(4000);
  t.strictSame(stage.region, [
    '4/12 4.0 s !1 ✓3',
    '4.0 s recipe…ily=4]',
    '4.0 s recipe…ily=4]',
    '4.0 s recipe…ily=4]',
  ]);
});

t.test('each event and each tick is one write', async (t) => {
  const stage = new Stage(80, 24);
  stage.begin(NAMES);
  stage.wait(100);
  const before = stage.screen.writes;
  stage.wait(100);
  stage.end(...results.slice(0, 2));
  t.equal(stage.screen.writes - before, 3);
});

t.test('wide and combining characters are cut whole', async (t) => {
  const wide = '路由試験'.repeat(20);
  const combined = `e\u0301${'a\u0308o\u0302'.repeat(40)}`;
  const stage = new Stage(30, 10);
  stage.begin([wide, combined, 'a\u001b[2Kb']);
  stage.start(wide, combined, 'a\u001b[2Kb');
  stage.wait(1000);
  t.equal(stage.screen.broken, 0);
  t.strictSame(stage.region, [
    '0/3  1.0 s',
    '1.0 s 路由試験路…試験路由試験',
    `1.0 s e\u0301${'a\u0308o\u0302'.repeat(5)}…o\u0302${'a\u0308o\u0302'.repeat(5)}`,
    '1.0 s a\\x1b[2Kb',
  ]);
});

t.test('what others write meanwhile stays, and the region is drawn again below it', async (t) => {
  const stage = new Stage(60, 12);
  stage.begin(NAMES);
  stage.start(...NAMES.slice(0, 4));
  stage.wait(100);
  stage.tell('replypath: ending the run');
  t.strictSame(stage.region, []);
  stage.wait(100);
  stage.end(...results.slice(0, 1));
  stage.finish(1);
  t.match(
    stage.screen.text,
    /as root\n\nreplypath: ending the run\n✓ recipes.*62 ms\n\n1 scenario: 1 passed in 1.23 s\n11 of 12 scenarios were not run$/,
  );
});

t.test('the size changes while it runs', async (t) => {
  const stage = new Stage(120, 24);
  stage.begin(NAMES);
  stage.start(...NAMES.slice(0, 4));
  for (const columns of [120, 33, 20, 90, 21, 200, 40]) {
    stage.resize(columns, 10);
    stage.wait(100);
    t.equal(stage.screen.text.match(/0\/12/g)?.length, 1, `${columns} columns: one region`);
    t.equal(stage.region.length, 4);
  }
  stage.resize(120, 24);
  stage.end(...results);
  stage.finish(results.length);
  t.equal(stage.screen.text.replace(/\n\nslowest:\n(.*\n?)*$/, ''), plainly());
});

t.test('no scenario, no region', async (t) => {
  const stage = new Stage(80, 24);
  stage.begin([]);
  t.notOk(stage.isFollowed);
  stage.finish(0);
  t.match(stage.screen.text, /no scenario was run$/);
});
