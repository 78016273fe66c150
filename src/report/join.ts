import type { RunEvent, ScenarioResult } from '../model/result.js';
import { summaryOf } from './collect.js';

type Events = readonly RunEvent[];

/** The names of the scenarios that a run was to run, and of those that it did. */
export function progressOf(events: Events): {
  readonly announced: readonly string[];
  readonly ended: ReadonlySet<string>;
} {
  return {
    announced: events.flatMap((event) => (event.type === 'run-started' ? event.scenarios : [])),
    ended: new Set(resultsOf(events).map(({ name }) => name)),
  };
}

export function resultsOf(events: Events): readonly ScenarioResult[] {
  return events.flatMap((event) => (event.type === 'scenario-ended' ? [event.result] : []));
}

/** The events as they are; where the run was ended before it could sum up, with that sum. */
export function completed(events: Events): Events {
  if (events.at(-1)?.type === 'run-ended') return events;
  const results = resultsOf(events);
  return [...events, { type: 'run-ended', summary: summaryOf(results, spanOf(results)) }];
}

/** Milliseconds from the first beginning to the last end. */
function spanOf(results: readonly ScenarioResult[]): number {
  const begins = results.map(({ startedAt }) => Date.parse(startedAt));
  const ends = results.map(({ startedAt, durationMs }) => Date.parse(startedAt) + durationMs);
  return results.length === 0
    ? 0
    : ends.reduce((a, b) => Math.max(a, b)) - begins.reduce((a, b) => Math.min(a, b));
}

/** Scenarios that are in several of the runs, each with the places of two of these. */
export function duplicatesOf(
  runs: readonly Events[],
): readonly { readonly name: string; readonly first: number; readonly again: number }[] {
  const places = new Map<string, number>();
  return runs.flatMap((events, again) => {
    const { announced, ended } = progressOf(events);
    return [...new Set([...announced, ...ended])].flatMap((name) => {
      const first = places.get(name);
      if (first !== undefined) return [{ name, first, again }];
      places.set(name, again);
      return [];
    });
  });
}

/**
 * One run made of several that had a part of the scenarios each: one after the other, in the environment of the
 * first that had any, on the kernels of all, and as long as the longest, because they are thought to have gone on at the same time.
 */
export function joined(runs: readonly Events[]): Events {
  const starts = runs.flatMap((events) => events.filter((event) => event.type === 'run-started'));
  const start = starts.find(({ scenarios }) => scenarios.length > 0) ?? starts[0];
  if (start === undefined) return [];
  const whole = runs.map(completed);
  const durations = whole.flatMap((events) =>
    events.flatMap((event) => (event.type === 'run-ended' ? [event.summary.durationMs] : [])),
  );
  const between = whole.flatMap((events) =>
    events.filter(({ type }) => type !== 'run-started' && type !== 'run-ended'),
  );
  const kernels = Object.assign({}, ...starts.map(({ environment }) => environment.kernels ?? {}));
  const environment = {
    ...start.environment,
    ...(Object.keys(kernels).length === 0 ? {} : { kernels }),
  };
  return [
    { ...start, environment, scenarios: starts.flatMap(({ scenarios }) => scenarios) },
    ...between,
    { type: 'run-ended', summary: summaryOf(resultsOf(between), Math.max(...durations)) },
  ];
}
