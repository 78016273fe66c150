import t from 'tap';
import type { RunEvent } from '../../src/model/result.js';
import { completed, duplicatesOf, joined, progressOf, resultsOf } from '../../src/report/join.js';
import * as events from './events.js';
import { retried } from './run.js';

const first = events.eventsOf([events.passed, events.failed]);
const second = events.eventsOf([events.broken], ['never/run']);

t.test('a run that has ended stays as it is', async (t) => {
  t.equal(completed(first), first);
});

t.test('a run that was killed is summed up by what ended', async (t) => {
  const later = { ...events.failed, startedAt: '2026-11-21T12:16:43.250Z', durationMs: 500 };
  const cut: readonly RunEvent[] = [...events.eventsOf([events.passed, later], ['x']).slice(0, -1)];
  t.strictSame(completed(cut).slice(0, -1), cut);
  t.match(completed(cut).at(-1), {
    type: 'run-ended',
    summary: { passed: 1, failed: 1, errored: 0, durationMs: 2500 },
  });
  t.match(completed(first.slice(0, 1)).at(-1), { summary: { passed: 0, durationMs: 0 } });
});

t.test('joined runs are one run', async (t) => {
  const all = joined([first, second, retried]);
  t.strictSame(
    all.filter(({ type }) => type === 'run-started' || type === 'run-ended').map(({ type }) => type),
    ['run-started', 'run-ended'],
  );
  const { announced, ended } = progressOf(all);
  t.strictSame(announced, [
    events.passed.name,
    events.failed.name,
    events.broken.name,
    'never/run',
    'flaky',
    'stubborn',
  ]);
  t.strictSame(
    [...ended],
    announced.filter((name) => name !== 'never/run'),
  );
  t.equal(resultsOf(all).length, 5);
  t.equal(all.filter(({ type }) => type === 'scenario-retried').length, 3, 'attempts are kept');
  t.match(all.at(-1), {
    summary: { passed: 2, failed: 2, errored: 1, skipped: 0, flaky: 1, durationMs: 1234 },
  });
});

t.test('one that was killed is joined with what it has', async (t) => {
  const all = joined([first.slice(0, 3), second]);
  t.match(all.at(-1), { type: 'run-ended', summary: { passed: 1, failed: 0, errored: 1 } });
  t.equal(progressOf(all).announced.length, 4);
});

t.test('scenarios of two runs', async (t) => {
  t.strictSame(duplicatesOf([first, second]), []);
  t.strictSame(duplicatesOf([first, second, events.eventsOf([events.failed], ['never/run'])]), [
    { name: events.failed.name, first: 0, again: 2 },
    { name: 'never/run', first: 1, again: 2 },
  ]);
});
