import t from 'tap';
import type { FlowResult } from '../../src/model/flow-result.js';
import type { ObservedFlow } from '../../src/model/observation.js';
import type { Ip } from '../../src/model/packet.js';
import { flowResults } from './flow-results.js';
import {
  ANSWER,
  back,
  CLIENT,
  CLIENT_ISN,
  DATA,
  ETH0,
  ETH1,
  echo,
  type FlowOptions,
  icmpError,
  makeFlow,
  makeIp,
  makePlan,
  Recording,
  RST,
  SERVER_ISN,
  SYN,
  SYN_ACK,
  tcp,
  udp,
  VIA_ISP1,
  VIA_ISP2,
} from './recording.js';

const PLAN = makePlan();
const TCP_FLOW: FlowOptions = { probe: { protocol: 'tcp' } };
const UDP_FLOW: FlowOptions = { probe: { protocol: 'udp' } };
const THERE = VIA_ISP2;
const HOME = back(VIA_ISP2);

function judgeAll(recording: Recording, ...flows: ObservedFlow[]): FlowResult[] {
  return flowResults(PLAN, recording.observe(...flows));
}

function judge(recording: Recording, options: FlowOptions = {}): FlowResult | undefined {
  return judgeAll(recording, makeFlow(options))[0];
}

function overLoopback(recording: Recording, node: string, ip: Ip): Recording {
  return recording.frame(`${node}:lo`, 'outgoing', ip).frame(`${node}:lo`, 'host', ip);
}

t.test('the SYN of a connection', async (t) => {
  const connection = (syn: Ip, answer = SYN_ACK) =>
    new Recording()
      .packet(THERE, syn)
      .packet(HOME, makeIp(ETH1, CLIENT, answer))
      .packet(THERE, makeIp(CLIENT, ETH1, DATA))
      .packet(HOME, makeIp(ETH1, CLIENT, ANSWER));
  const symmetric = { verdict: 'symmetric', sent: 2, received: 2 };

  t.match(judge(connection(makeIp(CLIENT, ETH1, SYN)), TCP_FLOW), symmetric, 'by address and ports');
  const masqueraded = makeIp(CLIENT, ETH1, { ...SYN, sourcePort: 1024 });
  t.match(
    judge(connection(masqueraded), TCP_FLOW),
    symmetric,
    'by its data, where the sender translates the port',
  );
  const redirected = new Recording()
    .packet(THERE, makeIp(CLIENT, '198.51.100.11', SYN))
    .packet(HOME, makeIp('198.51.100.11', CLIENT, SYN_ACK));
  t.match(
    judge(redirected, TCP_FLOW)?.packets[0],
    { verdict: 'symmetric', reply: { asAsked: true } },
    'by the source port, where the sender translates the address',
  );
  const bothUnanswered = new Recording().packet(THERE, makeIp(CLIENT, ETH1, { ...SYN, sourcePort: 1024 }));
  t.match(
    judge(bothUnanswered, TCP_FLOW),
    { verdict: 'no-reply', sent: 1 },
    'by the address, where there is no data',
  );
  const elsewhere = new Recording().packet(THERE, makeIp(CLIENT, ETH0, { ...SYN, sourcePort: 1024 }));
  t.match(
    judge(elsewhere, TCP_FLOW),
    { verdict: 'request-lost', sent: 0 },
    'neither address nor port: none of this flow',
  );
  const otherPort = new Recording().packet(
    THERE,
    makeIp(CLIENT, ETH1, { ...SYN, sourcePort: 1024, destinationPort: 23 }),
  );
  t.match(judge(otherPort, TCP_FLOW), { verdict: 'request-lost', sent: 0 });
  const anyPort = new Recording().packet(THERE, makeIp(CLIENT, ETH1, { ...SYN, sourcePort: 1024 }));
  t.match(judge(anyPort, { ...TCP_FLOW, sourcePort: null }), { verdict: 'no-reply', sent: 1 });
  const passing = new Recording().packet('server:eth1 isp2:lan', makeIp(CLIENT, ETH1, SYN));
  t.match(
    judge(passing, TCP_FLOW),
    { verdict: 'request-lost', sent: 0 },
    'a SYN that another node sends is none',
  );
  const strayed = connection(makeIp(CLIENT, ETH1, SYN), { ...SYN_ACK, acknowledgement: CLIENT_ISN + 2 });
  t.match(judge(strayed, TCP_FLOW)?.packets[0], { verdict: 'no-reply' }, 'a SYN-ACK of another connection');

  t.test('two connections over the same ports, one after the other', async (t) => {
    const again = { ...SYN, sequence: 5_000_000 };
    const recording = new Recording()
      .packet(THERE, makeIp(CLIENT, ETH1, SYN))
      .packet(HOME, makeIp(ETH1, CLIENT, RST))
      .packet(THERE, makeIp(CLIENT, ETH1, again));
    const results = judgeAll(recording, makeFlow(TCP_FLOW), makeFlow({ ...TCP_FLOW, token: 'a'.repeat(16) }));
    t.match(results, [
      { verdict: 'refused', duplicates: 0 },
      { verdict: 'no-reply', duplicates: 0 },
    ]);
  });
});

t.test('a reset', async (t) => {
  const opened = () =>
    new Recording()
      .packet(THERE, makeIp(CLIENT, ETH1, SYN))
      .packet(HOME, makeIp(ETH1, CLIENT, SYN_ACK))
      .packet(THERE, makeIp(CLIENT, ETH1, DATA));
  const reset = (sequence: number) => makeIp(ETH1, CLIENT, tcp('r', { rst: true }, sequence, 0));
  const refused = { packets: [{ verdict: 'symmetric' }, { verdict: 'refused' }] };
  t.match(
    judge(opened().packet(HOME, reset(SERVER_ISN + 1)), TCP_FLOW),
    refused,
    'stands where the server had got to',
  );
  t.match(
    judge(opened().packet(HOME, reset(SERVER_ISN - 1000)), TCP_FLOW),
    { refusal: null },
    'or else is of another connection',
  );
  t.match(judge(opened().packet(HOME, reset(SERVER_ISN + 500_000)), TCP_FLOW), { refusal: null });

  t.test('from the own firewall comes by loopback', async (t) => {
    const unsent = TCP_FLOW;
    const own = (ip: Partial<Ip>, segment = RST) =>
      overLoopback(new Recording(), 'client', { ...makeIp(ETH1, CLIENT, segment), ...ip });
    t.match(judge(own({}), unsent), { verdict: 'refused', by: 'client', refusal: { kind: 'tcp-reset' } });
    t.match(judge(own({ source: ETH0 }), unsent), { verdict: 'request-lost' });
    t.match(judge(own({}, { ...RST, sourcePort: 23 }), unsent), { verdict: 'request-lost' });
    t.match(judge(own({}, { ...RST, destinationPort: 23 }), unsent), { verdict: 'request-lost' });
    t.match(judge(own({}), { ...unsent, sourcePort: null }), { verdict: 'request-lost' });
    const elsewhere = overLoopback(new Recording(), 'server', makeIp(ETH1, CLIENT, RST));
    t.match(judge(elsewhere, unsent), { verdict: 'request-lost' });
    const onTheWire = new Recording().packet(HOME, makeIp(ETH1, CLIENT, RST));
    t.match(judge(onTheWire, unsent), { verdict: 'request-lost' });
  });
});

t.test('an ICMP error whose quote ends before the token', async (t) => {
  const home = 'isp2:up internet:isp2 internet:client client:eth0';
  const stuck = THERE.split(' ').slice(0, 4).join(' ');
  const router = '198.18.0.2';
  const tell = (request: Ip, quoted: Ip) =>
    new Recording().packet(stuck, request).packet(home, makeIp(router, CLIENT, icmpError(quoted, 3, 13)));
  const bare = new Uint8Array(0);
  const ping = makeIp(CLIENT, ETH1, echo(8));
  t.match(judge(tell(ping, makeIp(CLIENT, ETH1, { ...echo(8), data: bare }))), { verdict: 'refused' });
  t.match(judge(tell(ping, makeIp(CLIENT, ETH1, { ...echo(8, 2), data: bare }))), {
    verdict: 'request-lost',
  });
  t.match(judge(tell(ping, makeIp(CLIENT, ETH0, { ...echo(8), data: bare }))), { verdict: 'request-lost' });
  const syn = makeIp(CLIENT, ETH1, SYN);
  const quotedSyn = tcp('q', {}, CLIENT_ISN, 0);
  t.match(judge(tell(syn, makeIp(CLIENT, ETH1, quotedSyn)), TCP_FLOW), { verdict: 'refused' });
  t.match(judge(tell(syn, makeIp(CLIENT, ETH1, { ...quotedSyn, sequence: 1 })), TCP_FLOW), {
    verdict: 'request-lost',
  });
  const datagram = makeIp(CLIENT, ETH1, udp('q'));
  t.match(judge(tell(datagram, makeIp(CLIENT, ETH1, { ...udp('q'), data: bare })), UDP_FLOW), {
    verdict: 'refused',
  });
  t.match(judge(tell(datagram, makeIp(CLIENT, ETH1, { ...udp('q'), sourcePort: 5, data: bare })), UDP_FLOW), {
    verdict: 'request-lost',
  });
  t.match(judge(tell(datagram, makeIp(CLIENT, ETH1, null)), UDP_FLOW), { verdict: 'request-lost' });

  t.test('about a request that never left, by loopback, is known from the plan', async (t) => {
    const own = (quoted: Ip) =>
      overLoopback(new Recording(), 'client', makeIp(CLIENT, CLIENT, icmpError(quoted)));
    t.match(judge(own(syn), TCP_FLOW), { verdict: 'refused', by: 'client' });
    t.match(judge(own({ ...syn, destination: ETH0 }), TCP_FLOW), { verdict: 'request-lost' });
    t.match(judge(own(makeIp(CLIENT, ETH1, { ...SYN, sourcePort: 5 })), TCP_FLOW), {
      verdict: 'request-lost',
    });
    t.match(judge(own(makeIp(CLIENT, ETH1, { ...SYN, destinationPort: 5 })), TCP_FLOW), {
      verdict: 'request-lost',
    });
    t.match(judge(own(syn), UDP_FLOW), { verdict: 'request-lost' });
    const foreign = overLoopback(new Recording(), 'server', makeIp(CLIENT, CLIENT, icmpError(syn)));
    t.match(judge(foreign, TCP_FLOW), { verdict: 'request-lost' }, 'what another node tells itself');
    const onTheWire = new Recording().packet(home, makeIp(router, CLIENT, icmpError(syn)));
    t.match(
      judge(onTheWire, TCP_FLOW),
      { verdict: 'request-lost' },
      'on the wire it would be about a packet that was sighted',
    );
  });
});

t.test('packet too big, in IPv6', async (t) => {
  const [from, to] = ['2001:db8:c::9', '2001:db8:b::10'];
  const about = makeIp(from, to, echo(128));
  const told = (type: number) =>
    new Recording()
      .packet(THERE, about)
      .packet(
        'isp2:up internet:isp2 internet:client client:eth0',
        makeIp('2001:db8::2', from, icmpError(about, type, 0)),
      )
      .packet(HOME, makeIp(to, from, echo(129)));
  const flow: FlowOptions = { family: 6, address: to };
  t.match(judge(told(2), flow), { verdict: 'symmetric' });
  t.match(judge(told(1), flow), { verdict: 'refused' });
});

t.test('a neighbour that refuses a packet in IPv6 is named', async (t) => {
  const [from, to] = ['2001:db8:c::9', '2001:db8:b::10'];
  const about = makeIp(from, to, echo(128));
  const told = (code: number) =>
    new Recording()
      .packet(THERE.split(' ').slice(0, 4).join(' '), about)
      .frame(
        'isp2:lan',
        'outgoing',
        makeIp('2001:db8:b::1', 'ff02::1:ff00:10', { ...echo(135), echo: null, neighbourTarget: to }),
      )
      .packet(
        'isp2:up internet:isp2 internet:client client:eth0',
        makeIp('2001:db8::2', from, icmpError(about, 1, code)),
      );
  const flow: FlowOptions = { family: 6, address: to };
  t.match(judge(told(3), flow), { verdict: 'refused', cause: { code: 'neighbour-unresolved' } });
  t.match(judge(told(0), flow), {
    verdict: 'refused',
    cause: { code: 'icmp-error', text: /ICMPv6 error of type 1, code 0/ },
    lost: null,
  });
});

t.test('which of two unresolved neighbours a packet waited for', async (t) => {
  const request = () => new Recording().packet(THERE, makeIp(CLIENT, ETH1, echo(8)));
  const target = (recording: Recording) => judge(recording)?.reply.unresolved;
  const early = new Recording()
    .arpRequest('server:eth0', ETH0, '192.0.2.7')
    .arpRequest('server:eth0', ETH0, '192.0.2.8')
    .packet(THERE, makeIp(CLIENT, ETH1, echo(8)));
  t.equal(target(early), '192.0.2.8', 'the last asked for before it came');
  t.equal(
    target(early.arpRequest('server:eth1', ETH1, '198.51.100.1')),
    '198.51.100.1',
    'rather the first asked for after',
  );
  t.equal(target(early.arpRequest('server:eth1', ETH1, '198.51.100.2')), '198.51.100.1');
  t.equal(
    target(early.arpRequest('server:eth1', ETH1, CLIENT)),
    CLIENT,
    'and rather than all its own destination',
  );
  t.equal(
    target(request().arpRequest('isp1:lan', '192.0.2.1', '192.0.2.7')),
    null,
    'another node asks for its own',
  );
});

t.test('chains of sightings', async (t) => {
  const ping = makeIp(CLIENT, ETH1, echo(8));

  t.test('a frame of another sender does not link', async (t) => {
    const forged = new Recording()
      .packet('client:eth0', ping)
      .frame('internet:client', 'host', ping, 'isp1:up')
      .packet('internet:isp2 isp2:up isp2:lan server:eth1', { ...ping, ttl: 63 });
    const [, second] = judge(forged)?.request.path ?? [];
    t.match(
      second,
      { node: 'internet', direction: 'in' },
      'the visible parts of a hidden way are put together',
    );
    t.match(
      judge(new Recording().packet('client:eth0', ping).frame('internet:client', 'host', ping, 'isp1:up')),
      {
        lost: { node: 'client', reason: 'on-the-link' },
      },
    );
    t.match(
      judge(
        new Recording()
          .packet('client:eth0', ping)
          .frame('internet:client', 'host', { ...ping, ttl: 9 }, 'client:eth0'),
      ),
      {
        lost: { node: 'client', reason: 'on-the-link' },
      },
    );
  });

  t.test('a node that raises the TTL is followed', async (t) => {
    const mangled = new Recording()
      .packet('client:eth0 internet:client', ping)
      .packet('internet:isp2 isp2:up isp2:lan server:eth1', { ...ping, ttl: 200 });
    t.match(judge(mangled), { verdict: 'no-reply', request: { path: { length: 6 } } });
  });

  t.test('a packet that comes back to its origin goes on from there', async (t) => {
    const boomerang = `${THERE.split(' ').slice(0, 3).join(' ')} isp2:up isp2:up internet:isp2 internet:client client:eth0 client:eth0 internet:client`;
    t.match(judge(new Recording().packet(boomerang, ping), { at: 'client' }), {
      request: { out: 'eth0', nexthop: 'internet:client', path: { length: 10 } },
      duplicates: 0,
    });
  });

  t.test('a retransmission after a lap is a new copy', async (t) => {
    const lap = 'client:eth0 internet:client internet:client client:eth0';
    const recording = new Recording().packet(lap, ping).packet(THERE, ping);
    t.match(judge(recording), { verdict: 'no-reply', duplicates: 1, request: { path: { length: 6 } } });
  });

  t.test('copies are told apart by time on one link', async (t) => {
    const recording = new Recording()
      .packet('client:eth0', ping)
      .wait(1_000_000n)
      .packet(THERE, ping)
      .packet(HOME, makeIp(ETH1, CLIENT, echo(0)));
    const result = judge(recording);
    t.match(result, { verdict: 'symmetric', duplicates: 1, request: { path: { length: 6 } } });
  });
});

t.test('an error of the sender counts for what did not leave', async (t) => {
  const datagrams = new Recording().packet(THERE, makeIp(CLIENT, ETH1, udp('q', 1)));
  t.match(judge(datagrams, { probe: { protocol: 'udp', count: 2 }, errno: 'EPERM' })?.packets, [
    { verdict: 'no-reply' },
    { verdict: 'send-failed' },
  ]);
  const opened = new Recording()
    .packet(THERE, makeIp(CLIENT, ETH1, SYN))
    .packet(HOME, makeIp(ETH1, CLIENT, SYN_ACK));
  t.match(judge(opened, { ...TCP_FLOW, errno: 'EPIPE', refused: [] })?.packets, [
    { verdict: 'symmetric' },
    { verdict: 'request-lost' },
  ]);
  const own = {
    from: 'server',
    to: 'client:eth0',
    address: CLIENT,
    answeredBy: 'client',
    errno: 'ENETUNREACH',
  };
  t.match(judge(new Recording(), own), { verdict: 'send-failed', at: 'server', role: 'initiator' });
});

t.test('an error of the sender is not put on the request of which it learnt later', async (t) => {
  // The first datagram waited for a layer-2 address in vain, a filter refused the second at once.
  const told = makeIp(CLIENT, CLIENT, icmpError(makeIp(CLIENT, ETH1, udp('q', 1))));
  const recording = new Recording()
    .arpRequest('client:eth0', CLIENT, '203.0.113.1')
    .wait(150_000_000n)
    .frame('client:lo', 'outgoing', told)
    .frame('client:lo', 'host', told);
  const flow = { probe: { protocol: 'udp' as const, count: 2 }, errno: 'EPERM' };
  for (const refused of [[2], null]) {
    t.match(judge(recording, { ...flow, refused })?.packets, [
      { verdict: 'refused' },
      { verdict: 'send-failed' },
    ]);
  }
  t.equal(judge(recording, { ...flow, refused: [1, 2] })?.verdict, 'send-failed');
});

t.test('of two copies that arrive by different ways the first counts', async (t) => {
  const ping = makeIp(CLIENT, ETH1, echo(8));
  const both = new Recording().packet(VIA_ISP1, ping).packet(VIA_ISP2, ping);
  t.match(judge(both), { verdict: 'no-reply', request: { in: 'eth0' }, duplicates: 1 });
});

t.test('a packet over loopback is captured once, inbound', async (t) => {
  const ask = makeIp(ETH1, ETH1, echo(8));
  const flow: FlowOptions = { from: 'server' };
  const once = new Recording().frame('server:lo', 'host', ask);
  t.match(judge(once, flow), { verdict: 'no-reply', sent: 1, request: { in: 'lo', path: { length: 2 } } });
  t.match(judge(new Recording().frame('server:lo', 'outgoing', ask), flow), { sent: 0 });
});
