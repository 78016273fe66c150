import t from 'tap';
import { judgeStep } from '../../src/judge/judge.js';
import type { Journey, Passage } from '../../src/model/evidence.js';
import type { ObservedFlow } from '../../src/model/observation.js';
import {
  back,
  CLIENT,
  ETH1,
  echo,
  icmpError,
  makeFlow,
  makeIp,
  makePlan,
  Recording,
  SYN,
  SYN_ACK,
  udp,
  VIA_ISP1,
  VIA_ISP2,
} from './recording.js';

const PING = makeIp(CLIENT, ETH1, echo(8));

function journey(recording: Recording, flow: ObservedFlow = makeFlow()): Journey | undefined {
  return judgeStep(makePlan(), recording.observe(flow))[0];
}

function passages(recording: Recording, flow?: ObservedFlow): readonly Passage[] {
  return journey(recording, flow)?.passages ?? [];
}

/** `reply server eth1>- stopped`. */
function texts(given: readonly Passage[]): readonly string[] {
  return given.map(
    ({ leg, node, in: into, out, end }) => `${leg} ${node} ${into ?? '-'}>${out ?? '-'} ${end}`,
  );
}

function until(path: string, count: number): string {
  return path.split(' ').slice(0, count).join(' ');
}

const ARRIVED = [
  'request client ->eth0 sent',
  'request internet client>isp2 forwarded',
  'request isp2 up>lan forwarded',
  'request server eth1>- delivered',
];

t.test('each node that a packet came through, and how it left it', async (t) => {
  const found = passages(new Recording().ping(VIA_ISP2, back(VIA_ISP1)));
  t.strictSame(texts(found), [
    ...ARRIVED,
    'reply server ->eth0 sent',
    'reply isp1 lan>up forwarded',
    'reply internet isp1>client forwarded',
    'reply client eth0>- delivered',
  ]);
  t.equal(found[0]?.nexthop, 'internet:client');
  t.equal(found.at(-1)?.nexthop, null);
});

t.test('where a packet ended: in a node, on a link, or where it was never made', async (t) => {
  const unforwarded = passages(new Recording().packet(until(VIA_ISP2, 4), PING));
  t.strictSame(texts(unforwarded).slice(-1), ['request isp2 up>- stopped']);
  const onTheLink = passages(new Recording().packet(until(VIA_ISP2, 5), PING));
  t.strictSame(texts(onTheLink).slice(-1), ['request isp2 up>lan forwarded']);
  t.equal(onTheLink.at(-1)?.nexthop, null, 'nobody had it next');
  const unsent = passages(new Recording());
  t.strictSame(texts(unsent), ['request client ->- missing']);
  const unresolved = new Recording().arpRequest('client:eth0', CLIENT, ETH1);
  t.equal(judgeStep(makePlan(), unresolved.observe(makeFlow()))[0]?.askedInVain, ETH1);
  t.strictSame(texts(passages(unresolved)), ['request client ->- missing'], 'waiting for its next hop');
  const unanswered = passages(new Recording().packet(VIA_ISP2, PING));
  t.strictSame(texts(unanswered), [...ARRIVED, 'reply server ->- missing']);
  t.match(unanswered.at(-1)?.packet, { source: ETH1, destination: CLIENT }, 'turned round');
});

t.test('an answer to a connection that was not taken, and one whose data never left', async (t) => {
  const recording = new Recording()
    .packet(VIA_ISP2, makeIp(CLIENT, ETH1, SYN))
    .packet(back(VIA_ISP2), makeIp(ETH1, CLIENT, SYN_ACK));
  const untaken = passages(recording, makeFlow({ probe: { protocol: 'tcp' }, sent: 0, answers: 0 }));
  t.strictSame(texts(untaken).slice(0, ARRIVED.length), ARRIVED);
  t.strictSame(texts(untaken).slice(-1), ['reply client eth0>- stopped']);
  t.strictSame(texts(passages(recording, makeFlow({ probe: { protocol: 'tcp' } }))), [
    'request client ->- missing',
  ]);
});

t.test('ports are turned round too, and a packet that was never made has those planned', async (t) => {
  const flow = makeFlow({ probe: { protocol: 'udp' }, sourcePort: 40_000 });
  t.match(passages(new Recording(), flow), [
    { end: 'missing', packet: { protocol: 17, source: null, sourcePort: 40_000, destinationPort: 22 } },
  ]);
  const request = makeIp(CLIENT, ETH1, udp('q'));
  const found = passages(new Recording().packet(VIA_ISP2, request), flow);
  t.match(found.at(-1), { leg: 'reply', packet: { sourcePort: 22, destinationPort: 40_000 } });
});

t.test('routing sees the source before its translation, and the destination after', async (t) => {
  const translations = {
    'internet:isp2': { source: '100.64.0.1', destination: '10.0.0.1' },
    'isp2:up': { source: '100.64.0.1', destination: '10.0.0.1' },
  };
  const found = passages(new Recording().packet(until(VIA_ISP2, 4), PING, translations));
  t.match(found[1], { node: 'internet', packet: { source: CLIENT, destination: '10.0.0.1' } });
  t.match(found[2], { node: 'isp2', packet: { source: '100.64.0.1', destination: '10.0.0.1' } });
});

t.test('an error that came back is told from an answer', async (t) => {
  const error = makeIp('100.64.2.2', CLIENT, icmpError(PING, 3, 13));
  const recording = new Recording().packet(until(VIA_ISP2, 4), PING);
  const found = passages(recording.packet('isp2:up internet:isp2 internet:client client:eth0', error));
  t.match(found.at(-1), { leg: 'reply', node: 'client', packet: { isRefusal: true } });
  const answered = passages(new Recording().ping(VIA_ISP2, back(VIA_ISP2)));
  t.match(answered.at(-1), { packet: { isRefusal: false } });
});

t.test('the address asked for in vain is that of the loss', async (t) => {
  const gateway = '198.51.100.1';
  const stuck = () => new Recording().packet(until(VIA_ISP2, 4), PING).arpRequest('isp2:lan', gateway, ETH1);
  t.equal(journey(stuck())?.askedInVain, ETH1);
  t.equal(journey(stuck().arpReply('isp2:lan', ETH1, gateway))?.askedInVain, null, 'it was answered');
  const onTheLink = new Recording().packet(until(VIA_ISP2, 5), PING).arpRequest('isp2:lan', gateway, ETH1);
  t.equal(journey(onTheLink)?.askedInVain, null, 'it had left');
  const prohibited = makeIp('100.64.2.2', CLIENT, icmpError(PING, 3, 13));
  const refusedFirst = new Recording()
    .packet(until(VIA_ISP2, 4), PING)
    .packet('isp2:up internet:isp2 internet:client client:eth0', prohibited)
    .packet(until(VIA_ISP2, 4), makeIp(CLIENT, ETH1, echo(8, 2)))
    .arpRequest('isp2:lan', gateway, ETH1);
  const second = journey(refusedFirst, makeFlow({ probe: { count: 2 } }));
  t.match(second, { result: { verdict: 'mixed', cause: { code: 'icmp-error' } }, askedInVain: ETH1 });
});
