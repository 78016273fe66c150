import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { hopWords } from '../../src/diagnose/hop-words.js';
import { queryTo } from '../../src/diagnose/query.js';
import { decide } from '../../src/diagnose/rpdb.js';
import { judgeStep } from '../../src/judge/judge.js';
import type { NodeState, Route, Rule } from '../../src/model/evidence.js';
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
import {
  BY_ETH0,
  device,
  evidenceOf,
  held,
  KERNEL_RULES,
  route,
  rule,
  rulesWith,
  stateOf,
} from './configured.js';

const PLAN = makePlan();
const GATEWAY = '198.51.100.1';

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

/** isp2 asks for the server's eth1 in vain, and the server is as said. */
function vain(more: Partial<NodeState>) {
  const recording = new Recording()
    .packet(VIA_ISP2.split(' ').slice(0, 4).join(' '), makeIp(CLIENT, ETH1, echo(8)))
    .arpRequest('isp2:lan', GATEWAY, ETH1);
  return causeOf(recording, {}, stateOf(KERNEL_RULES, [BY_ETH0], more), ISP2);
}

t.test('an interface that is down does not answer', async (t) => {
  const devices = [device('eth0'), { ...device('eth1'), flags: [] }];
  t.match(vain({ devices }), {
    text: /nobody answered: server:eth1 is down$/,
    repair: { text: 'put server:eth1 up', deeds: [{ event: { kind: 'link-up' } }], isAdvice: true },
  });
});

t.test('a rule for ARP dropped the question or the answer', async (t) => {
  const dropping = (chain: string, rule: string) =>
    `table arp f {\n\tchain ${chain} {\n\t\ttype filter hook ${chain} priority filter; policy accept;\n\t\t${rule}\n\t}\n}`;
  const answer = `arp operation reply arp saddr ip ${ETH1} arp daddr ip ${GATEWAY} drop`;
  const cause = vain({ ruleset: dropping('output', answer) });
  t.match(cause, { repair: { text: 'take the rule away', isAdvice: true } });
  const why = `server dropped its answer: rule \`${answer}\` in chain output of table arp f`;
  t.equal(cause?.text.split('nobody answered: ')[1], why);
  t.match(vain({ ruleset: dropping('input', 'iifname "eth1" drop') }), {
    text: /dropped the question: rule/,
  });
  for (const other of [
    dropping('input', 'iifname "eth0" drop'),
    dropping('input', 'arp operation reply drop'),
    dropping('output', `arp saddr ip ${GATEWAY} drop`),
    dropping('output', answer).replace('table arp', 'table ip'),
  ])
    t.match(vain({ ruleset: other }), { text: /server:eth1 did not answer$/, repair: null }, other);
});

/** The server asks for the gateway of the route by which it answers. */
function asked(target: string, by: Route, devices = stateOf([], []).devices, from = CLIENT) {
  const address = { ...held('vmbr1', '198.51.100.10'), prefixLength: 24 };
  const recording = new Recording()
    .packet(VIA_ISP2, makeIp(from, ETH1, echo(8)))
    .arpRequest(`server:${by.nexthops[0]?.device}`, ETH1, target);
  const addresses = [held('eth0', '192.0.2.10'), held('eth1', ETH1), address];
  const state = stateOf(KERNEL_RULES, [by], { devices, addresses });
  const cause = causeOf(recording, {}, state, ISP2);
  const [deed] = cause?.repair?.deeds ?? [];
  const [item] = deed !== undefined && 'apply' in deed ? deed.apply.items : [];
  return { cause, typed: item?.kind === 'ip' ? item.commands.map(({ text }) => text) : [] };
}

t.test('what a port of a bridge asks is answered to the bridge', async (t) => {
  const route1 = route(`default via ${GATEWAY} dev eth1`);
  const ports = (kind: string) => [device('eth0'), device('eth1', 'veth', 'vmbr1'), device('vmbr1', kind)];
  const { cause, typed } = asked(GATEWAY, route1, ports('bridge'));
  t.match(cause, { text: /nobody answered: eth1 is a port of vmbr1, to which the answer belongs$/ });
  t.strictSame(typed, [`route replace 0.0.0.0/0 table main via ${GATEWAY} dev vmbr1 onlink`]);
  t.match(asked(GATEWAY, route1, ports('vrf')).cause, { text: /isp2:lan did not answer$/ });
});

t.test('an address in the network of another device has a route of its own by that', async (t) => {
  const { cause, typed } = asked(GATEWAY, route(`${CLIENT}/32 via ${GATEWAY} dev eth0`));
  t.match(cause, { text: /on another link, that of isp2:lan$/ });
  t.strictSame(typed, [`route replace ${CLIENT}/32 table main via ${GATEWAY} dev eth1`]);
  const near = asked(GATEWAY, route('198.51.100.0/24 dev eth0'), stateOf([], []).devices, GATEWAY);
  t.strictSame(near.typed, [`route add ${GATEWAY} dev eth1 table main`], 'the link keeps its route');
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

t.test('IPv6 looks for a gateway without an interface, and without what its rules suppress', async (t) => {
  const six = (text: string, table: string, destination = '::/0') =>
    ({ ...route(text, table), family: 6, destination }) as const;
  const link = six('2001:db8:b::/64 dev eth1', 'main', '2001:db8:b::/64');
  const hop = { gateway: '2001:db8:b::1', device: 'eth1' };
  const wordsWith = (more: Partial<Rule>, by: Route) => {
    const rules = rulesWith(rule(1000, 'from all lookup 103', more));
    const state = stateOf(
      rules.map((each) => ({ ...each, family: 6 })),
      [link, by],
    );
    return hopWords(state, 6, hop, '102');
  };
  const byGateway = six('default via 2001:db8:b::2 dev eth1', '103');
  const [plain, onlink] = ['via 2001:db8:b::1 dev eth1', 'via 2001:db8:b::1 dev eth1 onlink'];
  t.equal(wordsWith({ suppressPrefixLength: 24 }, byGateway), onlink);
  t.equal(wordsWith({ iif: 'lo' }, byGateway), plain);
  t.equal(wordsWith({ iif: 'eth0', not: true }, byGateway), onlink);
  const byOther = six('default via 2001:db8:a::1 dev eth0', '103');
  t.equal(wordsWith({ suppressPrefixLength: 24 }, byOther), plain, 'another device is passed over');
});
