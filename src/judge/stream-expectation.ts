import type { StreamPassage, StreamResult, StreamWay } from '../model/flow-result.js';
import type { Bounds, ExpectedPassage, ExpectedStream, ExpectedWay } from '../model/scenario.js';

/** What differs from what is expected of a stream, in a sentence each. */
export function streamDifferences(
  stream: StreamResult | null,
  expected: ExpectedStream | undefined,
): string[] {
  if (stream === null || expected === undefined) return [];
  const { lost, blackout, ways, connection } = expected;
  const fate = stream.connection ?? 'none';
  return [
    ...(lost === undefined || isWithin(stream.lost, lost)
      ? []
      : [`stream.lost is ${stream.lost} of ${stream.sent}, expected ${boundsText(lost)}`]),
    ...(blackout === undefined || isWithin(stream.longestBlackoutMs, blackout)
      ? []
      : [`stream.blackout is ${blackoutText(stream)}, expected ${boundsText(blackout, ' ms')}`]),
    ...(ways === undefined ? [] : waysDifferences(stream.ways, ways)),
    ...(connection === undefined || connection === fate
      ? []
      : [`stream.connection is ${fate}, expected ${connection}`]),
  ];
}

function isWithin(value: number, { least, most }: Bounds): boolean {
  return value >= (least ?? value) && value <= (most ?? value);
}

function boundsText({ least, most }: Bounds, unit = ''): string {
  if (least === most) return `${least}${unit}`;
  return most === undefined ? `at least ${least}${unit}` : `at most ${most}${unit}`;
}

function blackoutText({ longestBlackoutMs, blackouts }: StreamResult): string {
  const longest = blackouts.find(({ durationMs }) => durationMs === longestBlackoutMs);
  if (longest === undefined) return '0 ms';
  const end = longest.recovered ? '' : ' to the end';
  return `${longestBlackoutMs} ms from ${longest.beginMs} ms on${end}`;
}

function waysDifferences(seen: readonly StreamWay[], expected: readonly ExpectedWay[]): string[] {
  if (seen.length !== expected.length) {
    const text = seen.map(wayText).join(', then ');
    return [`stream.ways are ${seen.length}${text === '' ? '' : ` (${text})`}, expected ${expected.length}`];
  }
  return seen.flatMap((way, i) => {
    const { verdict, request, reply } = expected[i] ?? {};
    const name = `stream.ways[${i + 1}]`;
    return [
      ...(verdict === undefined || verdict === way.verdict
        ? []
        : [`${name}.verdict is ${way.verdict}, expected ${verdict}`]),
      ...passageDifferences(`${name}.request`, way.request, request),
      ...passageDifferences(`${name}.reply`, way.reply, reply),
    ];
  });
}

function passageDifferences(
  name: string,
  seen: StreamPassage,
  expected: ExpectedPassage | undefined,
): string[] {
  return (['in', 'out', 'nexthop'] as const).flatMap((key) => {
    const wanted = expected?.[key];
    if (wanted === undefined || wanted === seen[key]) return [];
    return [`${name}.${key} is ${seen[key] ?? 'none'}, expected ${wanted}`];
  });
}

/** `request in eth1, reply out eth0, asymmetric`: both directions at the judged node. */
function wayText({ verdict, request, reply }: StreamWay): string {
  const passage = (label: string, { in: entered, out }: StreamPassage) => {
    const parts = [entered === null ? '' : ` in ${entered}`, out === null ? '' : ` out ${out}`].join('');
    return parts === '' ? [] : [`${label}${parts}`];
  };
  return [...passage('request', request), ...passage('reply', reply), verdict].join(', ');
}
