import type { RunEvent, ScenarioResult } from '../../src/model/result.js';
import type { Reporter, Write } from '../../src/report/reporter.js';
import * as events from './events.js';

/** What a reporter writes of these events. */
export function written(make: (write: Write) => Reporter, of: readonly RunEvent[]): string {
  let text = '';
  const reporter = make((more) => {
    text += more;
  });
  for (const event of of) reporter(event);
  return text;
}

const calm = { status: 'passed', differences: [] } as const;
const [first, second, third] = events.failed.steps[0]?.flows ?? [];
if (first === undefined || second === undefined || third === undefined) throw new Error('three flows');

/** Its second flow fails at the first attempt, and no flow at the second. */
export const flaky: ScenarioResult = {
  ...events.failed,
  ...{ name: 'flaky', status: 'passed', reason: null, attempts: 3, flaky: true },
  steps: [events.step('as found', [first, { ...second, ...calm }, { ...third, ...calm }])],
};

const failedAttempt: ScenarioResult = {
  ...events.failed,
  ...{ name: 'flaky', attempts: 1 },
  steps: [events.step('as found', [first, second, { ...third, ...calm }])],
};

const brokenAttempt: ScenarioResult = { ...events.broken, name: 'flaky', attempts: 2 };

/** Fails at both of its attempts, with the same flows. */
export const stubborn: ScenarioResult = { ...events.failed, name: 'stubborn', attempts: 2, repetition: 2 };

/** A run in which scenarios are tried again. */
export const retried: readonly RunEvent[] = events.eventsOf([flaky, stubborn]).flatMap((event) => {
  if (event.type !== 'scenario-started') return [event];
  const attempts = event.name === 'flaky' ? [failedAttempt, brokenAttempt] : [{ ...stubborn, attempts: 1 }];
  return [event, ...attempts.map((result): RunEvent => ({ type: 'scenario-retried', result }))];
});
