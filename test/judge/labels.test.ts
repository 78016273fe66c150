import t from 'tap';
import { labelsOf } from '../../src/judge/labels.js';
import { matchStep } from '../../src/judge/matching.js';
import type { StepObservation } from '../../src/model/observation.js';
import {
  ACK,
  ANSWER,
  back,
  CLIENT,
  DATA,
  ETH1,
  echo,
  icmpError,
  makeFlow,
  makeIp,
  makePlan,
  Recording,
  RST,
  SYN,
  SYN_ACK,
  VIA_ISP1,
  VIA_ISP2,
} from './recording.js';

const PLAN = makePlan();

/** What is said of each frame, in order of time; nothing of one that is no flow's. */
function labelled(observation: StepObservation, before = 0): (readonly string[])[] {
  const labels = labelsOf(matchStep(PLAN, observation), before);
  return observation.captures
    .flatMap(({ frames }) => frames)
    .sort((a, b) => Number(a.time - b.time))
    .map((frame) => labels.get(frame) ?? []);
}

t.test('each hop of a request and its reply', async (t) => {
  const recording = new Recording().arpRequest('client:eth0', CLIENT, '203.0.113.1');
  const observation = recording.ping(VIA_ISP2, back(VIA_ISP1)).observe(makeFlow());
  const there = VIA_ISP2.split(' ').map((at, i) => `request 1, ${i % 2 === 0 ? 'out of' : 'into'} ${at}`);
  const home = back(VIA_ISP1)
    .split(' ')
    .map((at, i) => `reply 1, ${i % 2 === 0 ? 'out of' : 'into'} ${at}`);
  const hops = [there, home].flatMap((way) => way.map((hop, i) => `${hop} (hop ${i + 1} of 6)`));
  t.strictSame(labelled(observation), [
    [],
    ...hops.map((hop) => [`flow 1 client → server:eth1 ping: ${hop}`]),
  ]);
});

t.test('flows are counted through the scenario, and tuples of one are told apart', async (t) => {
  const tokens = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb', 'cccccccccccccccc'] as const;
  const [first, second, third] = tokens.map((token) => makeFlow({ token }));
  if (!first || !second || !third) throw new Error('three flows');
  const flow = { ...first.plan.flow, tuples: { count: 2, seed: 1 } };
  const tuple = (sourcePort: number, token: string) => ({
    ...first,
    plan: { ...first.plan, flow, sourcePort, token },
  });
  const observation = new Recording()
    .packet('client:eth0 internet:client', makeIp(CLIENT, ETH1, echo(8, 1, tokens[1])))
    .packet('client:eth0 internet:client', makeIp(CLIENT, ETH1, echo(8, 1, tokens[2])))
    .observe(tuple(4001, tokens[0]), tuple(4002, tokens[1]), third);
  t.strictSame(labelled(observation, 7), [
    ['flow 8 client → server:eth1 ping from port 4002: request 1, out of client:eth0 (hop 1 of 2)'],
    ['flow 8 client → server:eth1 ping from port 4002: request 1, into internet:client (hop 2 of 2)'],
    ['flow 9 client → server:eth1 ping: request 1, out of client:eth0 (hop 1 of 2)'],
    ['flow 9 client → server:eth1 ping: request 1, into internet:client (hop 2 of 2)'],
  ]);
});

t.test('errors and resets are named as what they are, and a copy as one', async (t) => {
  const request = makeIp(CLIENT, ETH1, echo(8));
  const refused = new Recording()
    .packet('client:eth0 internet:client', request)
    .packet('client:eth0 internet:client', request)
    .packet('internet:client client:eth0', makeIp('203.0.113.1', CLIENT, icmpError(request)))
    .observe(makeFlow());
  const ping = 'flow 1 client → server:eth1 ping:';
  t.strictSame(labelled(refused).flat(), [
    `${ping} request 1, out of client:eth0 (hop 1 of 2)`,
    `${ping} request 1, into internet:client (hop 2 of 2)`,
    `${ping} request 1 once more, out of client:eth0 (hop 1 of 2)`,
    `${ping} request 1 once more, into internet:client (hop 2 of 2)`,
    `${ping} ICMP error about request 1, out of internet:client (hop 1 of 2)`,
    `${ping} ICMP error about request 1, into client:eth0 (hop 2 of 2)`,
  ]);
  const reset = new Recording()
    .packet('client:eth0 internet:client', makeIp(CLIENT, ETH1, SYN))
    .packet('internet:client client:eth0', makeIp(ETH1, CLIENT, RST))
    .observe(makeFlow({ probe: { protocol: 'tcp' } }));
  t.strictSame(labelled(reset).flat().slice(2), [
    'flow 1 client → server:eth1 tcp/22: TCP reset, out of internet:client (hop 1 of 2)',
    'flow 1 client → server:eth1 tcp/22: TCP reset, into client:eth0 (hop 2 of 2)',
  ]);
});

t.test(
  'of a connection: the handshake is the first exchange, and what carries nothing is not named',
  async (t) => {
    const observation = new Recording()
      .packet('client:eth0 internet:client', makeIp(CLIENT, ETH1, SYN))
      .packet('internet:client client:eth0', makeIp(ETH1, CLIENT, SYN_ACK))
      .packet('client:eth0 internet:client', makeIp(CLIENT, ETH1, ACK))
      .packet('client:eth0 internet:client', makeIp(CLIENT, ETH1, DATA))
      .packet('internet:client client:eth0', makeIp(ETH1, CLIENT, ANSWER))
      .observe(makeFlow({ probe: { protocol: 'tcp' }, answeredBy: 'internet' }));
    const what = labelled(observation).map(([label = '']) => /: (\w+ \d)/.exec(label)?.[1] ?? '');
    t.strictSame(what, [
      ...['request 1', 'request 1', 'reply 1', 'reply 1', '', ''],
      ...['request 2', 'request 2', 'reply 2', 'reply 2'],
    ]);
  },
);

t.test('over loopback a packet leaves and enters in one', async (t) => {
  const flow = makeFlow({ from: 'server', to: 'server:eth1', answeredBy: 'server' });
  const observation = new Recording().frame('server:lo', 'host', makeIp(ETH1, ETH1, echo(8))).observe(flow);
  t.strictSame(labelled(observation), [
    [
      'flow 1 server → server:eth1 ping: request 1, out of server:lo (hop 1 of 2)',
      'flow 1 server → server:eth1 ping: request 1, into server:lo (hop 2 of 2)',
    ],
  ]);
});
