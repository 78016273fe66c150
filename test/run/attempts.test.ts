import t from 'tap';
import type { ReasonCode, ScenarioResult, ScenarioStatus } from '../../src/model/result.js';
import { runAttempts } from '../../src/run/attempts.js';
import { result } from '../report/events.js';

type Outcome = 'passed' | 'skipped' | 'guest-died' | ReasonCode;

const FAILURES: readonly ReasonCode[] = ['flow-not-as-expected', 'flow-inconclusive', 'failure-missing'];

function outcome(code: Outcome): ScenarioResult {
  if (code === 'passed') return result({ name: 'a' });
  if (code === 'skipped')
    return result({ name: 'a', status: 'skipped', reason: { code: 'feature-missing', text: '' } });
  if (code === 'guest-died') return { ...outcome('lab-not-built'), guestDied: 'a panic' };
  const status: ScenarioStatus = FAILURES.includes(code) ? 'failed' : 'errored';
  return result({ name: 'a', status, reason: { code, text: '' } });
}

/** What comes of attempts that would end so; `signal` is aborted in the attempt of this number. */
async function tried(retries: number, outcomes: readonly Outcome[], abortIn = 0) {
  const controller = new AbortController();
  const retried: (readonly [number, string | undefined])[] = [];
  let runs = 0;
  const final = await runAttempts(
    async (attempt) => {
      runs += 1;
      t.equal(attempt, runs, 'attempts count from 1');
      if (attempt === abortIn) controller.abort();
      return outcome(outcomes[attempt - 1] ?? 'internal-error');
    },
    {
      retries,
      signal: controller.signal,
      onRetry: ({ attempts, reason }) => retried.push([attempts, reason?.code]),
    },
  );
  const { status, attempts, flaky, guestDied = null } = final;
  return { status, attempts, flaky, guestDied, runs, retried };
}

t.test('what did not pass is tried again, and what then passes is flaky', async (t) => {
  t.match(await tried(0, ['flow-not-as-expected']), { status: 'failed', attempts: 1, flaky: false, runs: 1 });
  t.match(await tried(3, ['passed']), { status: 'passed', attempts: 1, flaky: false, retried: [] });
  t.strictSame(await tried(3, ['flow-inconclusive', 'lab-not-built', 'passed']), {
    status: 'passed',
    attempts: 3,
    flaky: true,
    guestDied: null,
    runs: 3,
    retried: [
      [1, 'flow-inconclusive'],
      [2, 'lab-not-built'],
    ],
  });
  t.match(await tried(1, ['recipe-timeout', 'flow-not-as-expected', 'passed']), {
    status: 'failed',
    attempts: 2,
    flaky: false,
    runs: 2,
    retried: [[1, 'recipe-timeout']],
  });
});

t.test('what a guest took with it is tried once more than what did not pass', async (t) => {
  t.strictSame(await tried(0, ['guest-died', 'passed']), {
    ...{ status: 'passed', attempts: 2, flaky: true, guestDied: 'a panic', runs: 2 },
    retried: [[1, 'lab-not-built']],
  });
  const still = { status: 'errored', attempts: 2, guestDied: 'a panic', runs: 2 };
  t.match(await tried(0, ['guest-died', 'lab-not-built', 'passed']), still);
  t.match(await tried(1, ['flow-not-as-expected', 'guest-died', 'passed']), { status: 'passed', runs: 3 });
  t.match(
    await tried(0, ['guest-died', 'passed'], 1),
    { status: 'errored', runs: 1 },
    'not once interrupted',
  );
});

t.test('what another attempt cannot change, or must not hide, is not tried again', async (t) => {
  const final: readonly Outcome[] = [
    'skipped',
    'scenario-invalid',
    'results-not-written',
    'interrupted',
    'internal-error',
  ];
  for (const code of final) t.match(await tried(5, [code, 'passed']), { runs: 1, flaky: false }, code);
});

t.test('an interrupted run tries nothing again', async (t) => {
  t.match(await tried(5, ['flow-not-as-expected', 'lab-ended', 'passed'], 2), { runs: 2, status: 'errored' });
});
