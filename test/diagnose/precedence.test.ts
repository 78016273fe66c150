import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { judgeStep } from '../../src/judge/judge.js';
import type { NodeState } from '../../src/model/evidence.js';
import {
  back,
  CLIENT,
  ETH0,
  echo,
  type FlowOptions,
  makeFlow,
  makeIp,
  makePlan,
  Recording,
  VIA_ISP1,
  VIA_ISP2,
} from '../judge/recording.js';
import { device, evidenceOf, held, KERNEL_RULES, route, rule, rulesWith, stateOf } from './configured.js';

const PLAN = makePlan();
const LAN = '192.0.2.1';

/** It answers by the way to the source's own network, whatever the way by which the request came. */
const INTERNET: NodeState = {
  ...stateOf(KERNEL_RULES, []),
  node: 'internet',
  routes: [route('192.0.2.0/24 via 100.64.1.2 dev isp1'), route('198.51.100.0/24 via 100.64.2.2 dev isp2')],
  addresses: [held('isp1', '100.64.1.1'), held('isp2', '100.64.2.1'), held('client', '203.0.113.1')],
  devices: [device('isp1'), device('isp2'), device('client')],
};

const ISP1: NodeState = {
  ...stateOf(KERNEL_RULES, []),
  node: 'isp1',
  routes: [route('192.0.2.0/24 dev lan')],
  addresses: [held('up', '100.64.1.2'), held('lan', LAN)],
  devices: [device('up'), device('lan')],
};

/** What it sends from eth0 goes by eth1, and so would what it sends to isp1's question. */
const SERVER = stateOf(
  rulesWith(rule(100, 'from 192.0.2.10 lookup 101', { from: '192.0.2.10/32' })),
  [route('default via 198.51.100.1 dev eth1', '101')],
  { sysctls: new Map([['net.ipv4.conf.all.rp_filter', '1']]) },
);

const LOST_AT_ISP1 = VIA_ISP1.split(' ').slice(0, 4).join(' ');
const LOST_ON_LINK = VIA_ISP1.split(' ').slice(0, 5).join(' ');

/** The server asks the client from eth0 by eth1; the answer parts from the request's way at internet, and is lost beyond. */
function causeOf(reply: string, isAsked: boolean, options: FlowOptions = {}) {
  const recording = new Recording()
    .packet(back(VIA_ISP2), makeIp(ETH0, CLIENT, echo(8)))
    .packet(reply, makeIp(CLIENT, ETH0, echo(0)));
  if (isAsked) recording.arpRequest('isp1:lan', LAN, ETH0);
  const to = { from: 'server', to: 'client:eth0', address: CLIENT, answeredBy: 'client' };
  const [journey] = judgeStep(PLAN, recording.observe(makeFlow({ ...to, ...options })));
  if (journey === undefined) throw new Error('no journey');
  t.equal(journey.result.verdict, 'reply-lost');
  return diagnose(evidenceOf(journey, SERVER, INTERNET, ISP1), PLAN, []);
}

t.test('a parting that others chose gives way to what is known of the loss', async (t) => {
  t.match(causeOf(LOST_AT_ISP1, true), {
    code: 'neighbour-unresolved',
    text: /^isp1 asked on lan for the layer-2 address of 192\.0\.2\.10 .* the reverse-path filter of server:eth0/,
    repair: { text: 'make the reverse-path filter of eth0 a loose one' },
  });
});

t.test('and is told where nothing is known of that', async (t) => {
  t.match(causeOf(LOST_ON_LINK, false), {
    code: 'no-source-rule',
    text: /^internet has no rule for the source 203\.0\.113\.9, so [^;]*, while the request came in by isp2$/,
  });
});

t.test('at the judged node it is the cause, and the loss its consequence', async (t) => {
  t.match(causeOf(LOST_AT_ISP1, true, { at: 'internet' }), {
    code: 'no-source-rule',
    text: /^internet has no rule for the source .*, while the request came in by isp2; isp1 asked on lan for /,
    repair: { text: 'add a rule for 203.0.113.9, with a table that leads by isp2' },
  });
});
