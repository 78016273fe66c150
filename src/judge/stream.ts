import type {
  Blackout,
  PacketVerdict,
  StreamPassage,
  StreamResult,
  StreamWay,
} from '../model/flow-result.js';
import type { Probe } from '../model/scenario.js';
import type { ConnectionFate } from '../model/verdict.js';
import type { Exchange } from './exchange.js';

/** One request of a stream, judged. */
export interface StreamPacket extends PacketVerdict {
  readonly exchange: Exchange;
}

/** A request of a stream and its times, in milliseconds since the flows began. */
interface Timed extends StreamPacket {
  /** When it was sent; where it never left its node, when it was to be. */
  readonly sentMs: number;
  readonly answeredMs: number | null;
}

/** The least time after which TCP sends again what was not acknowledged: TCP_RTO_MIN in include/net/tcp.h. */
const TCP_LEAST_WAIT_MS = 200;

/**
 * What a stream of requests met over time, from the time stamps of the captures.
 *
 * @param begun when the flows of the step began, in nanoseconds since 1970.
 */
export function measureStream(probe: Probe, packets: readonly StreamPacket[], begun: bigint): StreamResult {
  const { intervalMs, durationMs } = probe.stream ?? { intervalMs: 0, durationMs: 0 };
  const timed = withTimes(packets, begun, intervalMs);
  const end = Math.max((timed[0]?.sentMs ?? 0) + durationMs, (timed.at(-1)?.sentMs ?? 0) + intervalMs);
  const isConnection = probe.protocol === 'tcp';
  const blackouts = isConnection ? stallsOf(timed, intervalMs, end) : runsOf(timed, end);
  const ways = waysOf(timed);
  const received = timed.filter(({ answeredMs }) => answeredMs !== null).length;
  return {
    intervalMs,
    sent: timed.length,
    received,
    lost: timed.length - received,
    longestBlackoutMs: Math.max(0, ...blackouts.map(({ durationMs }) => durationMs)),
    blackouts,
    ways,
    connection: isConnection ? fateOf(timed, ways) : null,
  };
}

/** A request that was never sighted is taken to have been due an interval after the one before it. */
function withTimes(packets: readonly StreamPacket[], begun: bigint, intervalMs: number): Timed[] {
  const since = (time: bigint) => Number(time - begun) / 1e6;
  const first = packets.findIndex(({ exchange }) => exchange.sentAt !== null);
  const firstAt = packets[first]?.exchange.sentAt ?? null;
  let due = firstAt === null ? 0 : Math.max(0, since(firstAt) - first * intervalMs);
  return packets.map((packet) => {
    const { sentAt, answeredAt } = packet.exchange;
    const sentMs = rounded(sentAt === null ? due : since(sentAt));
    const answeredMs = answeredAt === null ? null : rounded(since(answeredAt));
    due = sentMs + intervalMs;
    return { ...packet, sentMs, answeredMs };
  });
}

/** To a hundredth: captures do not tell more of a process that has to be woken. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}

function blackout(beginMs: number, endMs: number, lost: number, recovered: boolean): Blackout {
  return { beginMs, durationMs: rounded(Math.max(0, endMs - beginMs)), lost, recovered };
}

/** Runs of requests without an answer, each to the next one that has one. */
function runsOf(packets: readonly Timed[], end: number): Blackout[] {
  const blackouts: Blackout[] = [];
  let begin: Timed | null = null;
  let lost = 0;
  for (const packet of packets) {
    if (packet.answeredMs === null) {
      begin ??= packet;
      lost++;
    } else if (begin !== null) {
      blackouts.push(blackout(begin.sentMs, packet.sentMs, lost, true));
      begin = null;
      lost = 0;
    }
  }
  return begin === null ? blackouts : [...blackouts, blackout(begin.sentMs, end, lost, false)];
}

/**
 * Rounds of a connection that had to be sent again, by either side: seen twice, or seen for the first time only when TCP
 * can have tried before, in a node that let nothing out. Rounds that follow each other are one blackout.
 */
function stallsOf(packets: readonly Timed[], intervalMs: number, end: number): Blackout[] {
  const blackouts: Blackout[] = [];
  let wasStalled = false;
  packets.forEach((packet, i) => {
    const due = (packets[i - 1]?.answeredMs ?? packet.sentMs) + intervalMs;
    const isLate = packet.sentMs - due >= TCP_LEAST_WAIT_MS;
    const isStalled = packet.answeredMs === null || packet.exchange.repeated || isLate;
    if (isStalled) {
      const before = wasStalled ? blackouts.pop() : undefined;
      blackouts.push(
        blackout(
          before?.beginMs ?? Math.min(due, packet.sentMs),
          packet.answeredMs ?? end,
          (before?.lost ?? 0) + (packet.answeredMs === null ? 1 : 0),
          packet.answeredMs !== null,
        ),
      );
    }
    wasStalled = isStalled;
  });
  return blackouts;
}

/** Answered requests that follow each other and went the same way. */
function waysOf(packets: readonly Timed[]): StreamWay[] {
  const runs: Timed[][] = [];
  for (const packet of packets) {
    if (packet.answeredMs === null) continue;
    const last = runs.at(-1);
    if (last?.[0] !== undefined && wayText(last[0]) === wayText(packet)) last.push(packet);
    else runs.push([packet]);
  }
  const ways: StreamWay[] = [];
  let crossed: readonly Timed[] = [];
  runs.forEach((run, i) => {
    if (isCrossing(runs[i - 1], run, runs[i + 1])) {
      crossed = run;
      return;
    }
    ways.push(wayOf(run, crossed));
    crossed = [];
  });
  return ways;
}

/** Whether requests were on their way when it changed: one of their directions is the way before, the other the one after. */
function isCrossing(
  before: readonly Timed[] | undefined,
  run: readonly Timed[],
  after: readonly Timed[] | undefined,
): boolean {
  const [a, b, c] = [before?.[0], run[0], after?.[0]];
  const last = run.at(-1);
  if (a === undefined || b === undefined || c === undefined || last === undefined) return false;
  if (b.answeredMs === null || last.sentMs > b.answeredMs || wayText(a) === wayText(c)) return false;
  const [request, reply] = [passageText(b.request), passageText(b.reply)];
  return (
    (request === passageText(a.request) && reply === passageText(c.reply)) ||
    (request === passageText(c.request) && reply === passageText(a.reply))
  );
}

function wayOf(run: readonly Timed[], crossed: readonly Timed[]): StreamWay {
  const all = [...crossed, ...run];
  const [first, last] = [all[0], all.at(-1)];
  const { verdict, request, reply } = run[0] ?? NOTHING;
  return {
    beginMs: first?.sentMs ?? 0,
    endMs: last?.answeredMs ?? 0,
    packets: all.length,
    crossing: crossed.length,
    verdict,
    request: passageOf(request),
    reply: passageOf(reply),
  };
}

const NOWHERE: StreamPassage = { in: null, out: null, nexthop: null };
const NOTHING = { verdict: 'inconclusive', request: NOWHERE, reply: NOWHERE } as const;

function passageOf({ in: entered, out, nexthop }: StreamPassage): StreamPassage {
  return { in: entered, out, nexthop };
}

function passageText({ in: entered, out, nexthop }: StreamPassage): string {
  return [entered, out, nexthop].join(' ');
}

function wayText({ verdict, request, reply }: Timed): string {
  return [verdict, passageText(request), passageText(reply)].join(', ');
}

function fateOf(packets: readonly Timed[], ways: readonly StreamWay[]): ConnectionFate {
  if (packets.some(({ exchange }) => exchange.refusal?.kind === 'tcp-reset')) return 'reset';
  if (packets.at(-1)?.answeredMs === null) return 'stalled';
  return ways.length > 1 ? 'moved' : 'kept';
}
