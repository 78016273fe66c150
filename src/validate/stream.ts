import { milliseconds } from '../format/common.js';
import type { ExpectationInput } from '../format/expectation.js';
import type { FlowInput } from '../format/flow.js';
import { markAt, type Tree } from '../load/tree.js';
import type { Bounds, ExpectedStream, Flow, Probe, Stream, Timed } from '../model/scenario.js';
import type { Faults } from './faults.js';
import { present } from './present.js';

type Path = readonly PropertyKey[];
type StreamInput = NonNullable<Extract<FlowInput['probe'], object>['stream']>;
type ExpectedStreamInput = NonNullable<Exclude<ExpectationInput, string | readonly unknown[]>['stream']>;

/** Less is no interval any more on a machine that is busy with other things. */
const SHORTEST_INTERVAL_MS = 5;

/** The number of a request has four digits in its payload (net/payload.ts). */
const MOST_REQUESTS = 9999;

/** A stream and how many requests it has; null, reported, where it makes no sense. */
export function streamOf(
  tree: Tree,
  path: Path,
  input: StreamInput,
  faults: Faults,
): { readonly stream: Stream; readonly count: number } | null {
  const [intervalMs, durationMs] = [milliseconds(input.every), milliseconds(input.for)];
  const count = Math.floor(durationMs / intervalMs);
  const fault = (key: 'every' | 'for', message: string, hint: string) => {
    faults.add(markAt(tree, [...path, key]), 'bad-probe', message, hint);
    return null;
  };
  if (intervalMs < SHORTEST_INTERVAL_MS) {
    const message = `a request every ${intervalMs} ms is too often`;
    return fault('every', message, `Give it ${SHORTEST_INTERVAL_MS}ms or more.`);
  }
  if (count < 2) {
    const message = `in ${durationMs} ms there is no second request, with one every ${intervalMs} ms`;
    return fault('for', message, 'Let it last longer, or use count.');
  }
  if (count > MOST_REQUESTS) {
    const message = `these are ${count} requests, and a stream has at most ${MOST_REQUESTS}`;
    return fault('for', message, 'Let it last shorter, or send less often.');
  }
  return { stream: { intervalMs, durationMs }, count };
}

/** Reports what is expected of a stream where there is none, or not such a one. */
export function checkExpectedStream(
  tree: Tree,
  path: Path,
  { stream, protocol }: Pick<Probe, 'stream' | 'protocol'>,
  expected: ExpectedStream | undefined,
  faults: Faults,
): void {
  if (expected === undefined) return;
  const at = markAt(tree, path);
  if (stream === null) {
    const hint = 'Give the probe a stream, for example stream: { every: 20ms, for: 3s }.';
    faults.add(at, 'bad-probe', 'a stream is expected of a probe that has none', hint);
  } else if (expected.connection !== undefined && protocol !== 'tcp') {
    const message = 'a connection is expected of a probe that has none';
    faults.add(at, 'bad-probe', message, 'Use tcp, or remove connection.');
  }
}

/** Reports what is to happen when the last stream has ended, or where there is none. */
export function checkDuring(
  tree: Tree,
  path: Path,
  during: readonly Timed[],
  flows: readonly Pick<Flow, 'probe'>[],
  faults: Faults,
): void {
  const last = during.at(-1);
  if (last === undefined) return;
  const ends = flows.flatMap(({ probe }) => (probe.stream === null ? [] : [probe.stream.durationMs]));
  const at = markAt(tree, path);
  if (ends.length === 0) {
    const hint =
      'Give a probe a stream, for example stream: { every: 20ms, for: 3s }, or use event and apply.';
    faults.add(
      at,
      'bad-value',
      'no flow of this step is a stream, during which something could happen',
      hint,
    );
    return;
  }
  const end = Math.max(...ends);
  if (last.atMs < end) return;
  const message = `what happens at ${last.atMs} ms comes too late: the longest stream of this step ends at ${end} ms`;
  faults.add(at, 'bad-value', message, 'Let it happen earlier, or the stream last longer.');
}

/** @param check reports interfaces and endpoints that a way names and that are not there. */
export function expectedStreamOf(
  path: Path,
  { lost, blackout, ways, connection }: ExpectedStreamInput,
  check: (
    path: Path,
    passage: { in?: string | undefined; out?: string | undefined; nexthop?: string | undefined } | undefined,
  ) => void,
): ExpectedStream {
  for (const [index, way] of (ways ?? []).entries()) {
    check([...path, 'ways', index, 'request'], way.request);
    check([...path, 'ways', index, 'reply'], way.reply);
  }
  return present({
    lost: lost === undefined ? undefined : boundsOf(lost, Number),
    blackout:
      blackout === undefined
        ? undefined
        : boundsOf(blackout, (text) => (text === '0' ? 0 : milliseconds(text))),
    ways: ways?.map(({ verdict, request, reply }) =>
      present({ verdict, request: request && present(request), reply: reply && present(reply) }),
    ),
    connection,
  });
}

function boundsOf(written: number | string, read: (text: string) => number): Bounds {
  const [, sign = '', text = ''] = /^([<>]=)? *(.*)$/.exec(String(written)) ?? [];
  const value = typeof written === 'number' ? written : read(text);
  if (sign === '<=') return { most: value };
  return sign === '>=' ? { least: value } : { least: value, most: value };
}
