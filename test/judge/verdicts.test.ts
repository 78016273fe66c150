import t from 'tap';
import type { FlowResult } from '../../src/model/flow-result.js';
import type { ObservedFlow } from '../../src/model/observation.js';
import { flowResults } from './flow-results.js';
import {
  ACK,
  ANSWER,
  back,
  CLIENT,
  DATA,
  ETH0,
  ETH1,
  echo,
  icmpError,
  macOf,
  makeFlow,
  makeIp,
  makePlan,
  Recording,
  RST,
  SYN,
  SYN_ACK,
  TOKEN,
  tcp,
  udp,
  VIA_ISP1,
  VIA_ISP2,
} from './recording.js';

const PLAN = makePlan();

function judge(recording: Recording, flow: ObservedFlow = makeFlow(), plan = PLAN): FlowResult {
  const [result] = flowResults(plan, recording.observe(flow));
  if (result === undefined) throw new Error('no result');
  return result;
}

const PING = makeIp(CLIENT, ETH1, echo(8));
const PONG = makeIp(ETH1, CLIENT, echo(0));
const THERE = VIA_ISP2;
const HOME = back(VIA_ISP2);
const ASTRAY = back(VIA_ISP1);
const TCP_FLOW = { probe: { protocol: 'tcp' } } as const;
const UDP_FLOW = { probe: { protocol: 'udp' } } as const;

function until(path: string, count: number): string {
  return path.split(' ').slice(0, count).join(' ');
}

t.test('each verdict of the table, and its near twin', async (t) => {
  t.test('symmetric: the reply leaves where the request came in', async (t) => {
    const result = judge(new Recording().ping(THERE, HOME));
    t.match(result, {
      verdict: 'symmetric',
      status: 'passed',
      at: 'server',
      role: 'responder',
      sameNexthop: true,
      sent: 1,
      received: 1,
      duplicates: 0,
      lost: null,
      cause: null,
    });
    t.match(result.request, { in: 'eth1', out: null, previousHop: 'isp2:lan', mac: macOf('isp2:lan') });
    t.match(result.reply, { in: null, out: 'eth1', nexthop: 'isp2:lan', source: ETH1, asAsked: true });
    t.equal(result.reply.mac, macOf('isp2:lan'));
    t.same(
      result.request.path.map((hop) => `${hop.direction} ${hop.node}:${hop.interface}`),
      [
        'out client:eth0',
        'in internet:client',
        'out internet:isp2',
        'in isp2:up',
        'out isp2:lan',
        'in server:eth1',
      ],
    );
    t.equal(result.reply.path[0]?.address, ETH1);
  });

  t.test('asymmetric: the reply leaves by the other provider', async (t) => {
    const result = judge(new Recording().ping(THERE, ASTRAY));
    t.match(result, { verdict: 'asymmetric', status: 'failed', sameNexthop: false, received: 1 });
    t.match(result.request, { in: 'eth1' });
    t.match(result.reply, { out: 'eth0', nexthop: 'isp1:lan', mac: macOf('isp1:lan') });
  });

  t.test('reply-lost: sighted out at the server, never in at the client', async (t) => {
    const result = judge(new Recording().ping(THERE, until(ASTRAY, 2)));
    t.match(result, { verdict: 'reply-lost', sent: 1, received: 0, cause: null });
    t.same(result.lost, { node: 'isp1', interface: 'lan', direction: 'in', reason: 'not-forwarded' });
    t.match(result.reply, { out: 'eth0', nexthop: 'isp1:lan', source: ETH1, asAsked: true });
  });

  t.test('reply-lost: the probe had given up, and the twin just in time', async (t) => {
    const after = (nanoseconds: bigint) =>
      judge(
        new Recording()
          .packet(THERE, PING)
          .wait(nanoseconds)
          .packet(HOME, makeIp(ETH1, CLIENT, echo(0))),
      );
    t.match(after(1_000_000_000n), {
      verdict: 'reply-lost',
      received: 0,
      lost: { node: 'client', interface: 'eth0', direction: 'in', reason: 'too-late' },
    });
    t.equal(after(990_000_000n).verdict, 'symmetric');
  });

  t.test('symmetric, and yet lost to the program that asked', async (t) => {
    const told = (answers?: number) =>
      judge(new Recording().ping(THERE, HOME), makeFlow(answers === undefined ? {} : { answers }));
    t.match(told(0), {
      verdict: 'symmetric',
      status: 'passed',
      received: 1,
      lost: { node: 'client', interface: 'eth0', direction: 'in', reason: 'not-taken' },
    });
    t.equal(told(1).lost, null);
    t.equal(told().lost, null, 'it does not tell');
  });

  t.test('reply-lost on the link', async (t) => {
    const result = judge(new Recording().ping(THERE, until(HOME, 1)));
    t.equal(result.verdict, 'reply-lost');
    t.same(result.lost, { node: 'server', interface: 'eth1', direction: 'out', reason: 'on-the-link' });
    t.match(result.reply, { out: 'eth1', nexthop: null, mac: null });
  });

  t.test('no-reply: it came in, and nothing went out', async (t) => {
    const result = judge(new Recording().packet(THERE, PING));
    t.match(result, { verdict: 'no-reply', cause: null, sent: 1, received: 0 });
    t.same(result.lost, { node: 'server', interface: 'eth1', direction: 'in', reason: 'not-answered' });
    t.match(result.reply, { out: null, source: null, asAsked: null, path: [] });
  });

  t.test('no-reply, because the neighbour for the reply stays unresolved', async (t) => {
    const recording = new Recording().packet(THERE, PING).arpRequest('server:eth0', ETH0, '192.0.2.1');
    const result = judge(recording);
    t.match(result, { verdict: 'no-reply', cause: { code: 'neighbour-unresolved', text: /192\.0\.2\.1/ } });
    t.same(result.lost, {
      node: 'server',
      interface: 'eth0',
      direction: 'out',
      reason: 'neighbour-unresolved',
    });
    t.match(result.reply, { out: null, nexthop: null, unresolved: '192.0.2.1' });
    t.equal(result.request.unresolved, null);

    const answered = recording.arpReply('server:eth0', '192.0.2.1', ETH0);
    t.match(judge(answered), { cause: null, lost: { reason: 'not-answered' }, reply: { unresolved: null } });
  });

  t.test(
    'asked for in vain on two interfaces, it is the question that was asked for the source of the reply',
    async (t) => {
      const recording = new Recording()
        .packet(THERE, PING)
        .arpRequest('server:eth0', ETH0, CLIENT)
        .arpRequest('server:eth1', ETH1, CLIENT);
      t.match(judge(recording), {
        verdict: 'no-reply',
        lost: { interface: 'eth1', reason: 'neighbour-unresolved' },
      });
    },
  );

  t.test('a neighbour that was asked for in vain long before explains nothing', async (t) => {
    const recording = new Recording()
      .arpRequest('server:eth0', ETH0, '192.0.2.1')
      .wait(5_000_000_000n)
      .packet(THERE, PING);
    t.match(judge(recording), { cause: null, lost: { reason: 'not-answered' } });
  });

  t.test('request-lost: it ends at a node in between', async (t) => {
    const result = judge(new Recording().packet(until(THERE, 4), PING));
    t.match(result, { verdict: 'request-lost', at: 'server', role: 'responder', sent: 1 });
    t.same(result.lost, { node: 'isp2', interface: 'up', direction: 'in', reason: 'not-forwarded' });
    t.match(result.request, { in: null, path: { length: 4 } });
  });

  t.test('request-lost: the last node looked for the server in vain', async (t) => {
    const recording = new Recording()
      .packet(until(THERE, 4), PING)
      .arpRequest('isp2:lan', '198.51.100.1', ETH1);
    const result = judge(recording, makeFlow({ at: 'isp2' }));
    t.match(result, { verdict: 'request-lost', role: 'forwarder', cause: { code: 'neighbour-unresolved' } });
    t.match(result.request, { in: 'up', out: null, unresolved: ETH1 });
  });

  t.test('request-lost: nothing left the sender, and it reports no error', async (t) => {
    const result = judge(new Recording());
    t.match(result, { verdict: 'request-lost', sent: 0 });
    t.same(result.lost, { node: 'client', interface: null, direction: 'out', reason: 'not-sent' });
  });

  t.test('a packet that was never sent is not blamed on the neighbour of another flow', async (t) => {
    const other = new Recording().arpRequest('client:eth0', CLIENT, '203.0.113.77');
    t.match(judge(other), { verdict: 'request-lost', cause: null, lost: { reason: 'not-sent' } });
    const own = new Recording().arpRequest('client:eth0', CLIENT, ETH1);
    t.match(judge(own), { cause: { code: 'neighbour-unresolved' }, lost: { interface: 'eth0' } });
    const gratuitous = new Recording().frame('client:eth0', 'outgoing', {
      kind: 'arp',
      operation: 'request',
      senderLink: '',
      sender: ETH1,
      targetLink: '',
      target: ETH1,
    });
    t.match(judge(gratuitous), { cause: null, lost: { reason: 'not-sent' } });
  });

  t.test('IPv6 asks by neighbour solicitation', async (t) => {
    const [from, to] = ['2001:db8:c::9', '2001:db8:b::10'];
    const solicitation = (type: 135 | 136, neighbourTarget: string, source = '2001:db8:b::1', ttl = 255) =>
      makeIp(source, 'ff02::1:ff00:1', { ...echo(type), echo: null, neighbourTarget }, ttl);
    const flow = makeFlow({ family: 6, address: to });
    const request = () => new Recording().packet(THERE, makeIp(from, to, echo(128)));
    const asked = () => request().frame('server:eth1', 'outgoing', solicitation(135, 'fe80::1'));
    t.match(judge(asked(), flow), { verdict: 'no-reply', reply: { unresolved: 'fe80::1' } });
    const answered = asked().frame('server:eth1', 'host', solicitation(136, 'fe80::1'));
    t.match(judge(answered, flow), { reply: { unresolved: null } });
    const passedOn = solicitation(136, 'fe80::1', '2001:db8:b::1', 254);
    const routed = asked().frame('server:eth1', 'host', passedOn);
    t.match(judge(routed, flow), { reply: { unresolved: 'fe80::1' } }, 'a router passed it on');
    const duplicates = request().frame('server:eth1', 'outgoing', solicitation(135, 'fe80::1', '::'));
    t.match(judge(duplicates, flow), { reply: { unresolved: null } }, 'duplicate detection asks for nobody');
    const pong = request().packet(HOME, makeIp(to, from, echo(129)));
    t.match(judge(pong, flow), { verdict: 'symmetric', family: 6 });
    const error = { ...icmpError(makeIp(from, to, echo(128)), 1, 6) };
    const refused = request().packet(HOME, makeIp(to, from, error));
    t.match(judge(refused, flow), { verdict: 'refused', refusal: { kind: 'icmp6', type: 1, code: 6 } });
  });

  t.test('send-failed: nothing left the sender, and the system said why', async (t) => {
    const result = judge(new Recording(), makeFlow({ errno: 'ENETUNREACH' }));
    t.match(result, { verdict: 'send-failed', errno: 'ENETUNREACH', sent: 0, lost: null });
    t.match(result.cause, { code: 'local-refusal', text: /ENETUNREACH/ });
  });

  t.test('an error of the sender does not hide a packet that left', async (t) => {
    t.equal(
      judge(new Recording().ping(THERE, HOME), makeFlow({ errno: 'EHOSTUNREACH' })).verdict,
      'symmetric',
    );
  });

  t.test('wrong-source: the reply came from an address that was not asked', async (t) => {
    const flow = makeFlow(UDP_FLOW);
    const recording = () => new Recording().packet(THERE, makeIp(CLIENT, ETH1, udp('q')));
    const wrong = judge(recording().packet(ASTRAY, makeIp(ETH0, CLIENT, udp('r'))), flow);
    t.match(wrong, {
      verdict: 'wrong-source',
      received: 1,
      reply: { source: ETH0, asAsked: false, out: 'eth0' },
    });
    const right = judge(recording().packet(ASTRAY, makeIp(ETH1, CLIENT, udp('r'))), flow);
    t.match(right, { verdict: 'asymmetric', reply: { source: ETH1, asAsked: true } });
    const ping = new Recording().packet(THERE, PING).packet(HOME, makeIp(ETH0, CLIENT, echo(0)));
    t.match(judge(ping), { verdict: 'wrong-source' });
  });

  t.test('refused by an ICMP error of a router', async (t) => {
    const about = { ...PING, ttl: 62 };
    const recording = () => new Recording().packet(until(THERE, 4), PING);
    const home = 'isp2:up internet:isp2 internet:client client:eth0';
    const result = judge(recording().packet(home, makeIp('198.18.0.2', CLIENT, icmpError(about, 3, 13))));
    t.match(result, {
      verdict: 'refused',
      by: 'isp2',
      refusal: { kind: 'icmp', type: 3, code: 13 },
      cause: { code: 'icmp-error' },
      lost: null,
      reply: { source: '198.18.0.2', asAsked: null, path: { length: 4 } },
    });
    const lost = judge(
      recording().packet('isp2:up internet:isp2', makeIp('198.18.0.2', CLIENT, icmpError(about, 3, 13))),
    );
    t.match(lost, { verdict: 'request-lost', by: null, refusal: null, lost: { node: 'isp2' } });
  });

  t.test('refused because a router found no neighbour', async (t) => {
    const recording = new Recording()
      .packet(until(THERE, 4), PING)
      .arpRequest('isp2:lan', '198.51.100.1', ETH1)
      .wait(900_000_000n)
      .packet(
        'isp2:up internet:isp2 internet:client client:eth0',
        makeIp('198.18.0.2', CLIENT, icmpError(PING)),
      );
    t.match(judge(recording), {
      verdict: 'refused',
      by: 'isp2',
      cause: { code: 'neighbour-unresolved', evidence: [/type 3, code 1/] },
      lost: { node: 'isp2', interface: 'lan', reason: 'neighbour-unresolved' },
    });
  });

  t.test('refused by the sender itself: its own neighbour stays unresolved', async (t) => {
    const flow = makeFlow(TCP_FLOW);
    const own = makeIp(CLIENT, CLIENT, icmpError(makeIp(CLIENT, ETH1, SYN)));
    const recording = new Recording()
      .arpRequest('client:eth0', CLIENT, '203.0.113.1')
      .wait(150_000_000n)
      .frame('client:lo', 'outgoing', own)
      .frame('client:lo', 'host', own);
    t.match(judge(recording, flow), {
      verdict: 'refused',
      by: 'client',
      sent: 0,
      cause: { code: 'neighbour-unresolved' },
      lost: { node: 'client', interface: 'eth0', direction: 'out', reason: 'neighbour-unresolved' },
    });
    const unsent = makeFlow({ ...TCP_FLOW, errno: 'EHOSTUNREACH' });
    t.match(judge(recording, unsent), { verdict: 'send-failed', by: null }, 'the first that applies');
  });

  t.test('a reset after the probe has given up is no refusal', async (t) => {
    const opened = () => new Recording().packet(THERE, makeIp(CLIENT, ETH1, SYN));
    const reset = makeIp(ETH1, CLIENT, RST);
    t.equal(judge(opened().wait(900_000_000n).packet(HOME, reset), makeFlow(TCP_FLOW)).verdict, 'refused');
    t.equal(judge(opened().wait(1_100_000_000n).packet(HOME, reset), makeFlow(TCP_FLOW)).verdict, 'no-reply');
  });

  t.test('refused by a TCP reset, and the same reset lost on its way', async (t) => {
    const recording = () => new Recording().packet(THERE, makeIp(CLIENT, ETH1, SYN));
    const result = judge(recording().packet(ASTRAY, makeIp(ETH1, CLIENT, RST)), makeFlow(TCP_FLOW));
    t.match(result, {
      verdict: 'refused',
      by: 'server',
      refusal: { kind: 'tcp-reset', type: null },
      cause: { code: 'tcp-reset' },
    });
    t.match(result.reply, { out: 'eth0', asAsked: null });
    const lost = judge(recording().packet(until(ASTRAY, 2), makeIp(ETH1, CLIENT, RST)), makeFlow(TCP_FLOW));
    t.match(lost, {
      verdict: 'reply-lost',
      by: null,
      refusal: null,
      lost: { node: 'isp1' },
      reply: { out: 'eth0' },
    });
    const other = { ...RST, acknowledgement: 77 };
    const foreign = judge(recording().packet(ASTRAY, makeIp(ETH1, CLIENT, other)), makeFlow(TCP_FLOW));
    t.match(foreign, { verdict: 'no-reply' }, 'a reset of another connection is none of this one');
  });

  t.test('mixed: the packets do not agree', async (t) => {
    const flow = makeFlow({ probe: { count: 3 } });
    const recording = new Recording().ping(THERE, HOME, 1).ping(THERE, ASTRAY, 2);
    recording.packet(THERE, makeIp(CLIENT, ETH1, echo(8, 3)));
    const result = judge(recording, flow);
    t.match(result, {
      verdict: 'mixed',
      sent: 3,
      received: 2,
      sameNexthop: false,
      lost: { reason: 'not-answered' },
    });
    t.same(
      result.packets.map(({ sequence, verdict }) => `${sequence} ${verdict}`),
      ['1 symmetric', '2 asymmetric', '3 no-reply'],
    );
    const ways = judge(
      new Recording().ping(THERE, HOME, 1).ping(VIA_ISP1, ASTRAY, 2),
      makeFlow({ probe: { count: 2 } }),
    );
    t.match(ways, { verdict: 'mixed' }, 'both symmetric, by different ways');
    const agreeing = judge(
      new Recording().ping(THERE, HOME, 1).ping(THERE, HOME, 2),
      makeFlow({ probe: { count: 2 } }),
    );
    t.match(agreeing, { verdict: 'symmetric', packets: [], received: 2 });
  });
});

t.test('a TCP flow is judged by its handshake and its data', async (t) => {
  const handshake = (home: string) =>
    new Recording()
      .packet(THERE, makeIp(CLIENT, ETH1, SYN))
      .packet(home, makeIp(ETH1, CLIENT, SYN_ACK))
      .packet(THERE, makeIp(CLIENT, ETH1, ACK));
  const rounds = (home: string, answer: string) =>
    handshake(home)
      .packet(THERE, makeIp(CLIENT, ETH1, DATA))
      .packet(answer, makeIp(ETH1, CLIENT, ANSWER));

  t.match(judge(rounds(HOME, HOME), makeFlow(TCP_FLOW)), { verdict: 'symmetric', sent: 2, received: 2 });
  const mixed = judge(rounds(HOME, ASTRAY), makeFlow(TCP_FLOW));
  t.match(mixed, {
    verdict: 'mixed',
    packets: [
      { sequence: 1, verdict: 'symmetric' },
      { sequence: 2, verdict: 'asymmetric' },
    ],
  });
  const stuck = judge(handshake(HOME), makeFlow(TCP_FLOW));
  t.match(
    stuck,
    { verdict: 'mixed', packets: [{}, { verdict: 'request-lost' }] },
    'an answered handshake without data proves nothing',
  );
  t.match(stuck.lost, { node: 'client', interface: null, reason: 'not-sent' }, 'data that was handed over');
  const untaken = judge(handshake(HOME), makeFlow({ ...TCP_FLOW, sent: 0, answers: 0 }));
  t.match(untaken, { verdict: 'mixed', packets: [{}, { verdict: 'request-lost' }] });
  t.match(
    untaken.lost,
    { node: 'client', interface: 'eth0', direction: 'in', reason: 'not-taken' },
    'the connection never stood',
  );
  const unanswered = judge(handshake(HOME), makeFlow({ ...TCP_FLOW, answers: 0 }));
  t.match(unanswered.lost, { reason: 'not-sent' }, 'only what came can be not taken');
  const lost = judge(handshake(until(ASTRAY, 2)), makeFlow(TCP_FLOW));
  t.match(
    lost,
    { verdict: 'reply-lost', sent: 1, packets: [] },
    'data is not missed where there is no connection',
  );

  const reset = tcp('r', { rst: true }, 0, 0);
  const midway = handshake(HOME)
    .packet(THERE, makeIp(CLIENT, ETH1, DATA))
    .packet(HOME, makeIp(ETH1, CLIENT, { ...reset, sequence: 0 }));
  t.match(judge(midway, makeFlow(TCP_FLOW)), {
    verdict: 'mixed',
    by: 'server',
    packets: [{}, { verdict: 'refused' }],
  });
  const unsent = (pause: bigint) =>
    judge(
      handshake(HOME)
        .wait(pause)
        .packet(HOME, makeIp(ETH1, CLIENT, RST)),
      makeFlow(TCP_FLOW),
    );
  t.match(unsent(900_000_000n).packets, [{}, { verdict: 'refused' }], 'a reset before any data');
  t.match(
    unsent(1_100_000_000n).packets,
    [{}, { verdict: 'request-lost' }],
    'is none once the probe has given up',
  );
  const late = rounds(HOME, HOME).packet(HOME, makeIp(ETH1, CLIENT, RST));
  t.match(
    judge(late, makeFlow(TCP_FLOW)),
    { verdict: 'symmetric', refusal: null },
    'a reset after the last answer refuses nothing',
  );
  const stranger = handshake(HOME)
    .packet(THERE, makeIp(CLIENT, ETH1, DATA))
    .packet(HOME, makeIp(ETH0, CLIENT, ANSWER));
  t.match(judge(stranger, makeFlow(TCP_FLOW)).packets, [{}, { verdict: 'wrong-source' }]);
  t.match(
    judge(stranger.packet(HOME, makeIp(ETH1, CLIENT, RST)), makeFlow(TCP_FLOW)).packets,
    [{}, { verdict: 'refused' }],
    'but a reset after an answer from an address that was not asked does',
  );
  const own = handshake(HOME).packet(
    THERE,
    makeIp(CLIENT, ETH1, tcp('q', { rst: true, ack: true }, 1, 1_000_001)),
  );
  t.match(judge(own, makeFlow(TCP_FLOW)), { refusal: null }, 'nor does a reset of the client');

  t.test('retransmissions are merged and counted', async (t) => {
    const syn = makeIp(CLIENT, ETH1, SYN);
    const recording = new Recording()
      .packet(until(THERE, 4), syn)
      .packet(THERE, { ...syn, identification: 2 })
      .packet(HOME, makeIp(ETH1, CLIENT, SYN_ACK))
      .packet(THERE, makeIp(CLIENT, ETH1, DATA))
      .packet(until(HOME, 3), makeIp(ETH1, CLIENT, ANSWER))
      .packet(HOME, makeIp(ETH1, CLIENT, ANSWER));
    const result = judge(recording, makeFlow(TCP_FLOW));
    t.match(result, {
      verdict: 'symmetric',
      sent: 2,
      received: 2,
      duplicates: 2,
      request: { path: { length: 6 } },
    });
  });

  t.test('two connections to one address are told apart, also where one never left', async (t) => {
    const first = makeFlow({ ...TCP_FLOW, token: 'f'.repeat(16), sourcePort: 39_999, errno: 'EHOSTUNREACH' });
    const results = flowResults(PLAN, rounds(HOME, HOME).observe(first, makeFlow(TCP_FLOW)));
    t.same(
      results.map(({ verdict }) => verdict),
      ['send-failed', 'symmetric'],
    );
  });
});

t.test('packets are recognised through address translation', async (t) => {
  const there = 'client:eth0 internet:client internet:isp1 isp1:up isp1:lan server:eth0 server:eth2 web:eth0';
  const flow = (protocol: 'icmp' | 'tcp' | 'udp') =>
    makeFlow({ to: 'server:eth0', address: ETH0, answeredBy: 'web', probe: { protocol } });
  const dnat = { 'server:eth2': { destination: '10.0.0.2' } };
  const undo = { 'server:eth0': { source: ETH0 } };
  const inside = '10.0.0.2';

  for (const [protocol, request, reply] of [
    ['icmp', echo(8), echo(0, 1, TOKEN, 99)],
    ['udp', udp('q'), udp('r')],
  ] as const) {
    const recording = new Recording()
      .packet(there, makeIp(CLIENT, ETH0, request), dnat)
      .packet(
        'web:eth0 server:eth2 server:eth0 isp1:lan isp1:up internet:isp1 internet:client client:eth0',
        makeIp(inside, CLIENT, reply),
        undo,
      );
    const result = judge(recording, flow(protocol));
    t.match(result, { verdict: 'symmetric', at: 'server', role: 'forwarder', sameNexthop: true }, protocol);
    t.match(result.request, { in: 'eth0', out: 'eth2', nexthop: 'web:eth0', previousHop: 'isp1:lan' });
    t.match(result.reply, { in: 'eth2', out: 'eth0', source: ETH0, asAsked: true });
    t.same(
      result.reply.path.map(({ address }) => address),
      [inside, inside, ...Array(6).fill(ETH0)],
    );
  }

  const wrongWay = new Recording()
    .packet(there, makeIp(CLIENT, ETH0, echo(8)), dnat)
    .packet(
      'web:eth0 server:eth2 server:eth1 isp2:lan isp2:up internet:isp2 internet:client client:eth0',
      makeIp(inside, CLIENT, echo(0)),
      { 'server:eth1': { source: ETH0 } },
    );
  t.match(judge(wrongWay, flow('icmp')), {
    verdict: 'asymmetric',
    reply: { in: 'eth2', out: 'eth1' },
    sameNexthop: false,
  });

  const handshake = new Recording()
    .packet(there, makeIp(CLIENT, ETH0, SYN), {
      'server:eth2': { destination: inside, transport: { ...SYN, sourcePort: 5, destinationPort: 80 } },
    })
    .packet(back(there), makeIp(inside, CLIENT, { ...SYN_ACK, sourcePort: 80, destinationPort: 5 }), undo);
  t.match(judge(handshake, flow('tcp')), {
    packets: [{ verdict: 'symmetric' }, { verdict: 'request-lost' }],
  });

  t.test('an ICMP error quotes the packet as translated, cut before the token', async (t) => {
    const translated = makeIp(CLIENT, inside, { ...udp('q'), data: new Uint8Array(0) });
    const recording = new Recording()
      .packet(there, makeIp(CLIENT, ETH0, udp('q')), dnat)
      .packet(back(there), makeIp(inside, CLIENT, icmpError(translated, 3, 3)), undo);
    t.match(judge(recording, flow('udp')), { verdict: 'refused', by: 'web', refusal: { type: 3, code: 3 } });
    const about = makeIp(inside, CLIENT, udp('r'));
    const reverse = new Recording()
      .packet(there, makeIp(CLIENT, ETH0, udp('q')), dnat)
      .packet(back(there), makeIp(inside, CLIENT, icmpError(about, 3, 3)), undo);
    t.match(
      judge(reverse, flow('udp')),
      { verdict: 'no-reply' },
      'an error about the reply is none about the request',
    );
  });

  t.test('a middle box that answers in its place is no reply', async (t) => {
    const proxied = new Recording()
      .packet(there, makeIp(CLIENT, ETH0, echo(8)), dnat)
      .packet(ASTRAY, makeIp(ETH0, CLIENT, echo(0)));
    t.match(judge(proxied, flow('icmp')), {
      verdict: 'no-reply',
      lost: { node: 'web' },
      received: 0,
      cause: { code: 'answered-elsewhere', text: 'server answered in the place of web' },
    });
    const cut = new Recording().packet(until(there, 6), makeIp(CLIENT, ETH0, echo(8)));
    t.match(judge(cut, flow('icmp')), { verdict: 'request-lost', cause: null });
    t.match(judge(cut.packet(ASTRAY, makeIp(ETH0, CLIENT, echo(0))), flow('icmp')), {
      verdict: 'request-lost',
      cause: { code: 'answered-elsewhere' },
    });
  });

  t.test('a SYN proxy answers the handshake, and carries the data on', async (t) => {
    const [cookie, outside, inside] = [5_000_000, until(THERE, 4), 'isp2:lan server:eth1'];
    const behind = 'server:eth1 isp2:lan';
    const opening = () =>
      new Recording()
        .packet(outside, makeIp(CLIENT, ETH1, SYN))
        .packet(back(outside), makeIp(ETH1, CLIENT, { ...SYN_ACK, sequence: cookie }))
        .packet(outside, makeIp(CLIENT, ETH1, { ...ACK, acknowledgement: cookie + 1 }))
        .packet(inside, makeIp(CLIENT, ETH1, SYN));
    const proxied = opening()
      .packet(behind, makeIp(ETH1, CLIENT, SYN_ACK))
      .packet(THERE, makeIp(CLIENT, ETH1, DATA))
      .packet(HOME, makeIp(ETH1, CLIENT, ANSWER));
    const result = judge(proxied, makeFlow(TCP_FLOW));
    t.match(result, {
      verdict: 'mixed',
      duplicates: 0,
      lost: { node: 'isp2', interface: 'lan', direction: 'in', reason: 'not-forwarded' },
      cause: { code: 'answered-elsewhere', text: 'isp2 answered in the place of server' },
    });
    t.match(result.packets, [
      { verdict: 'reply-lost', request: { in: 'eth1', path: { length: 6 } }, reply: { out: 'eth1' } },
      { verdict: 'symmetric' },
    ]);
    const closed = judge(opening().packet(HOME, makeIp(ETH1, CLIENT, RST)), makeFlow(TCP_FLOW));
    t.match(closed, { verdict: 'refused', by: 'server', cause: { code: 'tcp-reset' }, packets: [] });
    const silent = judge(opening(), makeFlow(TCP_FLOW));
    t.match(silent, { verdict: 'no-reply', cause: { code: 'answered-elsewhere' }, packets: [] });
  });
});

t.test('the judged node and its role', async (t) => {
  const recording = () => new Recording().ping(THERE, ASTRAY);
  t.match(judge(recording(), makeFlow({ at: 'client' })), {
    verdict: 'symmetric',
    role: 'initiator',
    at: 'client',
    request: { out: 'eth0', nexthop: 'internet:client' },
    reply: { in: 'eth0', previousHop: 'internet:client' },
    sameNexthop: true,
  });
  t.match(judge(recording(), makeFlow({ at: 'internet' })), {
    verdict: 'asymmetric',
    role: 'forwarder',
    request: { in: 'client', out: 'isp2' },
    reply: { in: 'isp1', out: 'client' },
    sameNexthop: false,
  });
  t.match(
    judge(recording(), makeFlow({ at: 'desk' })),
    { verdict: 'asymmetric', role: 'forwarder', request: { in: null } },
    'a node that saw nothing keeps no rule',
  );
  t.match(
    judge(recording(), makeFlow(), makePlan('isp1')),
    { at: 'isp1', role: 'forwarder' },
    'the node under test, sighted on the reply',
  );
  t.match(
    judge(recording(), makeFlow(), makePlan('web')),
    { at: 'server', role: 'responder' },
    'a node under test that has nothing to do with it',
  );
  t.match(judge(recording(), makeFlow(), makePlan(null)), { at: 'server' });
  t.match(judge(new Recording(), makeFlow({ answeredBy: null })), {
    at: 'client',
    role: 'initiator',
    verdict: 'request-lost',
  });

  t.test('the node under test sends', async (t) => {
    const flow = makeFlow({ from: 'server', to: 'client:eth0', address: CLIENT, answeredBy: 'client' });
    const sends = new Recording()
      .packet(ASTRAY, makeIp(ETH0, CLIENT, echo(8)))
      .packet(VIA_ISP2, makeIp(CLIENT, ETH0, echo(0)));
    t.match(judge(sends, flow), {
      at: 'server',
      role: 'initiator',
      verdict: 'asymmetric',
      request: { out: 'eth0' },
      reply: { in: 'eth1' },
    });
  });

  t.test('a node that asks itself goes by loopback', async (t) => {
    const flow = makeFlow({ from: 'server' });
    const local = new Recording();
    for (const ip of [makeIp(ETH1, ETH1, echo(8)), makeIp(ETH1, ETH1, echo(0))]) {
      local.frame('server:lo', 'outgoing', ip).frame('server:lo', 'host', ip);
    }
    t.match(judge(local, flow), { verdict: 'symmetric', request: { in: 'lo' }, reply: { out: 'lo' } });
  });

  t.test('a node that asks what is forwarded back to it does so by its interface', async (t) => {
    const flow = makeFlow({ from: 'server', address: CLIENT });
    const [turn, home] = ['server:eth1 isp2:lan isp2:lan server:eth1', 'server:eth1 isp2:lan'];
    const hairpin = new Recording()
      .packet(turn, makeIp(ETH1, CLIENT, echo(8)))
      .packet(turn, makeIp(CLIENT, ETH1, echo(0)));
    t.match(judge(hairpin, flow), { verdict: 'symmetric', request: { in: 'eth1' }, reply: { out: 'eth1' } });
    const lost = new Recording().packet(home, makeIp(ETH1, CLIENT, echo(8)));
    t.match(judge(lost, flow), { verdict: 'request-lost', lost: { node: 'isp2', reason: 'not-forwarded' } });
  });
});

t.test('what is no hop', async (t) => {
  const noisy = new Recording()
    .packet(THERE, PING)
    .frame('server:eth0', 'otherhost', { ...PING, ttl: 62 }, 'isp1:lan')
    .frame('server:lo', 'host', PONG)
    .packet(HOME, PONG);
  const result = judge(noisy);
  t.match(result, { verdict: 'symmetric', request: { in: 'eth1', path: { length: 6 } }, duplicates: 0 });
  const other = new Recording()
    .ping(THERE, HOME)
    .packet(ASTRAY, makeIp(ETH1, CLIENT, echo(0, 1, 'f'.repeat(16))));
  t.match(
    judge(other),
    { verdict: 'symmetric', reply: { path: { length: 6 } } },
    'the reply of another flow',
  );
});

t.test('a routing loop shows in the path, and ends', async (t) => {
  const loop = `${until(THERE, 4)} isp2:up internet:isp2 internet:isp2 isp2:up isp2:up internet:isp2`;
  const result = judge(new Recording().packet(loop, PING), makeFlow({ at: 'isp2' }));
  t.match(result, {
    verdict: 'request-lost',
    request: { in: 'up', out: 'up', path: { length: 10 } },
    duplicates: 0,
  });
});

t.test('on a segment the one that took the frame is the next hop', async (t) => {
  const flow = makeFlow({ from: 'desk', address: '10.1.0.10', to: 'server:lan0' });
  const ask = makeIp('10.1.0.9', '10.1.0.10', echo(8));
  const answer = makeIp('10.1.0.10', '10.1.0.9', echo(0));
  const flux = new Recording()
    .packet('desk:eth0 server:lan1', ask)
    .frame('server:lan0', 'otherhost', ask, 'desk:eth0')
    .packet('server:lan0 desk:eth0', answer);
  const result = judge(flux, flow);
  t.match(result, {
    verdict: 'asymmetric',
    request: { in: 'lan1', previousHop: 'desk:eth0' },
    reply: { out: 'lan0' },
    sameNexthop: true,
  });
  t.match(judge(flux, makeFlow({ ...flow.plan.flow, at: 'desk' })), {
    role: 'initiator',
    request: { out: 'eth0', nexthop: 'server:lan1', mac: macOf('server:lan1') },
    reply: { previousHop: 'server:lan0' },
    sameNexthop: false,
  });
});

t.test('packet too big is no refusal where the request got through after all', async (t) => {
  const about = icmpError(PING, 3, 4);
  const home = 'isp2:up internet:isp2 internet:client client:eth0';
  const stuck = new Recording()
    .packet(until(THERE, 4), PING)
    .packet(home, makeIp('198.18.0.2', CLIENT, about));
  t.match(judge(stuck), { verdict: 'refused' });
  t.match(judge(stuck.ping(THERE, HOME)), { verdict: 'symmetric', duplicates: 1 });
});
