import t from 'tap';
import type { FlowResult } from '../../src/model/flow-result.js';
import type { Ip } from '../../src/model/packet.js';
import type { Expectation, Probe } from '../../src/model/scenario.js';
import { payloadText } from '../../src/net/payload.js';
import { flowResults } from './flow-results.js';
import {
  back,
  CLIENT,
  CLIENT_ISN,
  ETH1,
  echo,
  makeFlow,
  makeIp,
  makePlan,
  Recording,
  RST,
  SERVER_ISN,
  SYN,
  SYN_ACK,
  TOKEN,
  tcp,
  VIA_ISP1,
  VIA_ISP2,
} from './recording.js';

const PLAN = makePlan();
const MS = 1_000_000n;
const THERE = VIA_ISP2;
const HOME = back(VIA_ISP2);
const ASTRAY = back(VIA_ISP1);

/** What comes of each request of a stream of pings, one every 20 ms: the way of its reply, or null where it is lost. */
function pings(replies: readonly (string | null)[], expected: Partial<Expectation> = {}): FlowResult {
  const recording = new Recording();
  replies.forEach((reply, i) => {
    const request = makeIp(CLIENT, ETH1, echo(8, i + 1));
    if (reply === null) recording.packet(THERE.split(' ').slice(0, 3).join(' '), request);
    else recording.ping(THERE, reply, i + 1);
    recording.wait(20n * MS);
  });
  return judge(recording, { protocol: 'icmp', count: replies.length }, expected);
}

function judge(
  recording: Recording,
  probe: Partial<Probe>,
  expected: Partial<Expectation> = {},
  sent = probe.count ?? 0,
): FlowResult {
  const stream = { intervalMs: 20, durationMs: 20 * (probe.count ?? 0) };
  const flow = makeFlow({ probe: { ...probe, stream }, expected });
  const [result] = flowResults(PLAN, recording.observe({ ...flow, sender: { ...flow.sender, sent } }));
  if (result === undefined) throw new Error('no result');
  return result;
}

const repeat = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

/** Beyond the intervals, a recording takes 10 µs for each sighting. */
const near = (value: number | undefined, wanted: number) => Math.abs((value ?? -1) - wanted) < 5;

t.test('a stream of which all is answered by one way', async (t) => {
  const { verdict, packets, stream } = pings(repeat(10, HOME));
  t.equal(verdict, 'symmetric');
  t.same(packets, []);
  t.match(stream, { intervalMs: 20, sent: 10, received: 10, lost: 0, longestBlackoutMs: 0, blackouts: [] });
  t.match(stream?.ways, [
    {
      packets: 10,
      verdict: 'symmetric',
      request: { in: 'eth1' },
      reply: { out: 'eth1', nexthop: 'isp2:lan' },
    },
  ]);
  t.equal(stream?.connection, null);
});

t.test('a blackout goes from the first lost request to the first that is answered again', async (t) => {
  const { verdict, sent, received, packets, stream } = pings([
    ...repeat(5, HOME),
    ...repeat(3, null),
    ...repeat(4, HOME),
    null,
    HOME,
  ]);
  t.equal(verdict, 'mixed');
  t.same(packets, [], 'the ways tell it');
  t.same([sent, received], [14, 10]);
  t.match(stream, { sent: 14, received: 10, lost: 4 });
  const [first, second, ...more] = stream?.blackouts ?? [];
  t.same(more, []);
  t.match(first, { lost: 3, recovered: true });
  t.ok(near(first?.beginMs, 100) && near(first?.durationMs, 60), JSON.stringify(first));
  t.match(second, { lost: 1, recovered: true });
  t.ok(near(second?.beginMs, 240) && near(second?.durationMs, 20), JSON.stringify(second));
  t.equal(stream?.longestBlackoutMs, first?.durationMs);
  t.equal(stream?.ways.length, 1, 'a blackout does not begin a way');
});

t.test('a blackout that does not end lasts as long as the stream', async (t) => {
  const { stream } = pings([...repeat(4, HOME), ...repeat(6, null)]);
  t.match(stream?.blackouts, [{ lost: 6, recovered: false }]);
  t.ok(near(stream?.blackouts[0]?.durationMs, 120), JSON.stringify(stream?.blackouts));
});

t.test('a request that never left its node has the time at which it was due', async (t) => {
  const recording = new Recording();
  for (const number of [1, 2, 6]) {
    recording.ping(THERE, HOME, number).wait((number === 2 ? 80n : 20n) * MS);
  }
  const { stream } = judge(recording, { protocol: 'icmp', count: 6 });
  t.match(stream, { sent: 6, lost: 3 });
  t.ok(near(stream?.blackouts[0]?.beginMs, 40), JSON.stringify(stream?.blackouts));
  t.ok(near(stream?.blackouts[0]?.durationMs, 60), JSON.stringify(stream?.blackouts));
});

t.test('ways follow each other; one that comes again is another', async (t) => {
  const { verdict, stream } = pings([...repeat(3, ASTRAY), ...repeat(2, HOME), ...repeat(4, ASTRAY)]);
  t.equal(verdict, 'mixed');
  t.match(
    stream?.ways.map(({ packets, crossing, verdict, reply }) => [packets, crossing, verdict, reply.out]),
    [
      [3, 0, 'asymmetric', 'eth0'],
      [2, 0, 'symmetric', 'eth1'],
      [4, 0, 'asymmetric', 'eth0'],
    ],
  );
  t.ok(near(stream?.ways[1]?.beginMs, 60) && near(stream?.ways[2]?.beginMs, 100));
});

t.test('a request that was on its way when the way changed begins no way', async (t) => {
  const crossing = (between: number) => {
    const recording = new Recording();
    const ways = [
      ...repeat(3, [VIA_ISP1, back(VIA_ISP1)] as const),
      ...repeat(between, [VIA_ISP1, back(VIA_ISP2)] as const),
      ...repeat(3, [VIA_ISP2, back(VIA_ISP2)] as const),
    ];
    ways.forEach(([there, home], i) => {
      recording.ping(there, home, i + 1).wait(20n * MS);
    });
    return judge(recording, { protocol: 'icmp', count: ways.length }).stream?.ways.map(
      ({ packets, crossing }) => [packets, crossing],
    );
  };
  t.same(crossing(1), [
    [3, 0],
    [4, 1],
  ]);
  t.same(
    crossing(2),
    [
      [3, 0],
      [2, 0],
      [3, 0],
    ],
    'two of which the first was answered before the second was sent are a way',
  );
});

/** The data of a round, or its answer: 23 bytes each. */
function tcpRound(side: 'q' | 'r', number: number): Ip {
  const text = payloadText(TOKEN, side, number);
  const [ours, theirs] = side === 'q' ? [CLIENT_ISN, SERVER_ISN] : [SERVER_ISN, CLIENT_ISN];
  const before = (number - 1) * text.length + 1;
  const acknowledged = theirs + before + (side === 'q' ? 0 : text.length);
  const transport = tcp(side, { ack: true, psh: true }, ours + before, acknowledged, text);
  return side === 'q' ? makeIp(CLIENT, ETH1, transport) : makeIp(ETH1, CLIENT, transport);
}

/** A connection after its handshake; the script gives how many rounds were sent. */
function connection(
  script: (recording: Recording) => number,
  expected: Partial<Expectation> = {},
): FlowResult {
  const recording = new Recording();
  recording
    .packet(THERE, makeIp(CLIENT, ETH1, SYN))
    .packet(HOME, makeIp(ETH1, CLIENT, SYN_ACK))
    .wait(20n * MS);
  const sent = script(recording);
  return judge(recording, { protocol: 'tcp', count: 50 }, expected, sent);
}

const round = (recording: Recording, number: number, home = HOME) =>
  recording
    .packet(THERE, tcpRound('q', number))
    .packet(home, tcpRound('r', number))
    .wait(20n * MS);

t.test('what becomes of a connection', async (t) => {
  const kept = connection((recording) => {
    for (let number = 1; number <= 5; number++) round(recording, number);
    return 5;
  });
  t.match(kept, { verdict: 'symmetric', stream: { sent: 6, lost: 0, connection: 'kept', blackouts: [] } });

  const moved = connection((recording) => {
    for (let number = 1; number <= 5; number++) round(recording, number, number > 3 ? ASTRAY : HOME);
    return 5;
  });
  t.match(moved, { verdict: 'mixed', stream: { connection: 'moved' } });

  const stalled = connection((recording) => {
    round(recording, 1);
    recording.packet(THERE.split(' ').slice(0, 1).join(' '), tcpRound('q', 2)).wait(200n * MS);
    recording.packet(THERE.split(' ').slice(0, 1).join(' '), tcpRound('q', 2));
    return 2;
  });
  t.match(stalled, {
    verdict: 'mixed',
    stream: { sent: 3, lost: 1, connection: 'stalled', blackouts: [{ lost: 1, recovered: false }] },
  });

  const reset = connection((recording) => {
    round(recording, 1);
    recording.packet(THERE, tcpRound('q', 2)).packet(HOME, makeIp(ETH1, CLIENT, RST));
    return 2;
  });
  t.match(reset, { stream: { connection: 'reset' } });
});

t.test('a round that was sent again is answered late, and not lost', async (t) => {
  const { verdict, stream } = connection((recording) => {
    round(recording, 1);
    recording.packet(THERE.split(' ').slice(0, 2).join(' '), tcpRound('q', 2)).wait(400n * MS);
    round(recording, 2);
    round(recording, 3);
    return 3;
  });
  t.equal(verdict, 'symmetric');
  t.match(stream, { sent: 4, lost: 0, connection: 'kept', blackouts: [{ lost: 0, recovered: true }] });
  t.ok(near(stream?.longestBlackoutMs, 400), JSON.stringify(stream));
});

t.test('a round that was never sent, for no answer came before, is none', async (t) => {
  const { sent, stream } = connection((recording) => {
    round(recording, 1);
    return 1;
  });
  t.equal(sent, 2);
  t.match(stream, { sent: 2, lost: 0, connection: 'kept' });
});

t.test('expectations, each with one that is not met', async (t) => {
  const replies = [...repeat(5, ASTRAY), ...repeat(5, null), ...repeat(5, HOME)];
  const differences = (stream: Expectation['stream']) =>
    pings(replies, { verdict: 'mixed', ...(stream === undefined ? {} : { stream }) }).differences;
  t.same(differences(undefined), []);
  t.same(differences({ lost: { most: 5 } }), []);
  t.same(differences({ lost: { most: 4 } }), ['stream.lost is 5 of 15, expected at most 4']);
  t.same(differences({ lost: { least: 5 } }), []);
  t.same(differences({ lost: { least: 6 } }), ['stream.lost is 5 of 15, expected at least 6']);
  t.same(differences({ lost: { least: 0, most: 0 } }), ['stream.lost is 5 of 15, expected 0']);
  t.same(differences({ blackout: { most: 110 } }), []);
  t.match(differences({ blackout: { most: 90 } }), [
    /^stream\.blackout is 10\d(\.\d+)? ms from 10\d(\.\d+)? ms on, expected at most 90 ms$/,
  ]);
  t.same(differences({ ways: [{ reply: { out: 'eth0' } }, { verdict: 'symmetric' }] }), []);
  t.same(differences({ ways: [{ reply: { out: 'eth1' } }, { request: { in: 'eth0' } }] }), [
    'stream.ways[1].reply.out is eth0, expected eth1',
    'stream.ways[2].request.in is eth1, expected eth0',
  ]);
  t.same(differences({ ways: [{ reply: { out: 'eth0' } }] }), [
    'stream.ways are 2 (request in eth1, reply out eth0, asymmetric, then request in eth1, reply out eth1, symmetric), expected 1',
  ]);
  t.same(differences({ connection: 'kept' }), ['stream.connection is none, expected kept']);
});
