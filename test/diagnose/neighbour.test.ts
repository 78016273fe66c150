import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { hopWords } from '../../src/diagnose/hop-words.js';
import { queryTo } from '../../src/diagnose/query.js';
import { decide } from '../../src/diagnose/rpdb.js';
import { judgeStep } from '../../src/judge/judge.js';
import type { HeldAddress, NodeState, Rule } from '../../src/model/evidence.js';
import {
  CLIENT,
  ETH0,
  ETH1,
  echo,
  type FlowOptions,
  icmpError,
  makeFlow,
  makeIp,
  makePlan,
  Recording,
  VIA_ISP2,
} from '../judge/recording.js';
import { BY_ETH0, device, evidenceOf, KERNEL_RULES, route, rule, rulesWith, stateOf } from './configured.js';

const PLAN = makePlan();
const GATEWAY = '198.51.100.1';

function held(name: string, address: string): HeldAddress {
  return { device: name, family: 4, address, prefixLength: 24, scope: 'global', peer: null };
}

const ISP2: NodeState = {
  ...stateOf(KERNEL_RULES, []),
  node: 'isp2',
  routes: [route('198.51.100.0/24 dev lan')],
  addresses: [held('up', '100.64.2.2'), held('lan', GATEWAY)],
  devices: [device('up'), device('lan')],
};

function causeOf(recording: Recording, options: FlowOptions, ...states: readonly NodeState[]) {
  const [journey] = judgeStep(PLAN, recording.observe(makeFlow(options)));
  return journey === undefined ? null : diagnose(evidenceOf(journey, ...states), PLAN, []);
}

/** isp2 asks for the server's eth1 in vain. */
function silence(settings: Readonly<Record<string, string>>, rules = KERNEL_RULES) {
  const request = makeIp(CLIENT, ETH1, echo(8));
  const recording = new Recording()
    .packet(VIA_ISP2.split(' ').slice(0, 4).join(' '), request)
    .arpRequest('isp2:lan', GATEWAY, ETH1);
  const sysctls = new Map(
    Object.entries(settings).map(([key, value]) => [`net.ipv4.conf.${key}`, value] as const),
  );
  return causeOf(recording, {}, stateOf(rules, [BY_ETH0], { sysctls }), ISP2);
}

/** What the server sends to its gateway at eth1 goes by eth0. */
const TURNED = rulesWith(rule(50, 'from 198.51.100.10 lookup 50', { from: '198.51.100.10/32' }));
const ASTRAY = route('198.51.100.0/24 via 192.0.2.1 dev eth0', '50');

t.test('who has an address does not answer for it, and why', async (t) => {
  t.match(silence({}), { text: /: server:eth1 did not answer$/, repair: null });
  t.match(silence({ 'eth1.arp_ignore': '8' }), { text: /does not answer ARP for it \(arp_ignore=8\)$/ });
  t.match(silence({ 'eth1.arp_ignore': '1' }), { repair: null }, 'its own address is answered for');
  t.match(silence({ 'eth1.arp_ignore': '2' }), { repair: null }, 'and to who is of its network');
  const filtered = (settings: Readonly<Record<string, string>>) => {
    const request = makeIp(CLIENT, ETH1, echo(8));
    const recording = new Recording()
      .packet(VIA_ISP2.split(' ').slice(0, 4).join(' '), request)
      .arpRequest('isp2:lan', GATEWAY, ETH1);
    const sysctls = new Map(Object.entries(settings).map(([key, value]) => [`net.ipv4.conf.${key}`, value]));
    return causeOf(recording, {}, stateOf(TURNED, [BY_ETH0, ASTRAY], { sysctls }), ISP2);
  };
  t.match(filtered({}), { repair: null });
  t.match(filtered({ 'all.arp_filter': '1' }), {
    text: /server:eth1 answers ARP only for whom it would send to by eth1 \(arp_filter=1\), and 198\.51\.100\.1 is not$/,
    repair: { isAdvice: true },
  });
  t.match(filtered({ 'all.rp_filter': '1' }), {
    text: /the reverse-path filter of server:eth1 \(rp_filter=1\) dropped the question/,
    repair: { text: 'make the reverse-path filter of eth1 a loose one' },
  });
  t.match(silence({ 'all.rp_filter': '1' }), { repair: null }, 'the way back is by it');
});

t.test('a gateway on another link is exchanged, and the question of another packet is none', async (t) => {
  const request = makeIp(CLIENT, ETH1, echo(8));
  const asking = (target: string) =>
    new Recording().packet(VIA_ISP2, request).arpRequest('server:eth0', ETH0, target);
  const wrong = stateOf(KERNEL_RULES, [route(`default via ${GATEWAY} dev eth0`)]);
  t.match(causeOf(asking(GATEWAY), {}, wrong, ISP2), {
    code: 'neighbour-unresolved',
    text: /its gateway 198\.51\.100\.1 .* on another link, that of isp2:lan$/,
  });
  const refusing: Rule = { ...rule(50, 'from all prohibit'), action: 'prohibit' };
  const refused = stateOf(rulesWith(refusing), [route(`default via ${GATEWAY} dev eth0`)]);
  t.equal(causeOf(asking(GATEWAY), {}, refused, ISP2)?.code, 'route-refuses');
});

t.test('what is bound to a device without a route is asked for on its link', async (t) => {
  const recording = new Recording()
    .arpRequest('server:eth1', ETH1, CLIENT)
    .packet('server:lo server:lo', makeIp(ETH1, ETH1, icmpError(makeIp(ETH1, CLIENT, echo(8)))));
  const options: FlowOptions = {
    ...{ from: 'server', to: 'client:eth0', address: CLIENT, answeredBy: 'client' },
    probe: { bindDevice: 'eth1' },
  };
  const state = stateOf(KERNEL_RULES, [BY_ETH0, route(`10.0.0.0/8 via ${GATEWAY} dev eth1`)]);
  const cause = causeOf(recording, options, state);
  t.match(cause, {
    code: 'neighbour-unresolved',
    text: /\(no rule led to a route, and so to a neighbour on eth1\)/,
  });
  t.match(cause?.repair?.deeds, [
    { apply: { items: [{ commands: [{ text: `route add default via ${GATEWAY} dev eth1 metric 4096` }] }] } },
  ]);
});

t.test('a route of IPv6 that refuses is passed over by what is bound to a device', async (t) => {
  const six = (text: string, more: object) => ({ ...route(text), family: 6, ...more }) as const;
  const prohibit = six('prohibit default dev lo', { type: 'prohibit', destination: '::/0', nexthops: [] });
  const rules = KERNEL_RULES.map((each) => ({ ...each, family: 6 }) as const);
  const state = stateOf(rules, [prohibit]);
  t.equal(decide(state, queryTo(6, '2001:db8:c::9')).end.kind, 'refused');
  const bound = queryTo(6, '2001:db8:c::9', { oif: 'eth1', isBound: true });
  t.equal(decide(state, bound).end.kind, 'none');
});

t.test('a gateway that the rules do not lead to by its link is said to be on it', async (t) => {
  const hop = { gateway: GATEWAY, device: 'eth1' };
  t.equal(hopWords(stateOf(KERNEL_RULES, []), 4, hop, 'main'), `via ${GATEWAY} dev eth1`);
  const refusing: Rule = { ...rule(50, 'from all prohibit'), action: 'prohibit' };
  const state = stateOf(rulesWith(refusing), []);
  t.equal(hopWords(state, 4, hop, '101'), `via ${GATEWAY} dev eth1 onlink`);
  t.equal(hopWords(state, 4, hop, 'main'), `via ${GATEWAY} dev eth1`, 'the table itself is asked first');
});
