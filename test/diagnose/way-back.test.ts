import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { judgeStep } from '../../src/judge/judge.js';
import type { NodeState, Rule } from '../../src/model/evidence.js';
import {
  back,
  CLIENT,
  ETH1,
  echo,
  type FlowOptions,
  makeFlow,
  makeIp,
  makePlan,
  Recording,
  VIA_ISP1,
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
  typedIn,
} from './configured.js';

const PLAN = makePlan();

function causeOf(recording: Recording, state: NodeState, options: FlowOptions = {}) {
  const [journey] = judgeStep(PLAN, recording.observe(makeFlow(options)));
  return journey === undefined ? null : diagnose(evidenceOf(journey, state), PLAN, []);
}

/** The client asks for eth1's address, and gets no answer. */
function silenceWith(state: NodeState) {
  return causeOf(new Recording().packet(VIA_ISP2, makeIp(CLIENT, ETH1, echo(8))), state);
}

const STRICT = { sysctls: new Map([['net.ipv4.conf.all.rp_filter', '1']]) };
const BY_ETH1 = route('default via 198.51.100.1 dev eth1', '101');

t.test('a way back that is refused is to blame, and not the filter that looked for it', async (t) => {
  const prohibit = route('prohibit default', 'main', { type: 'prohibit', destination: '0.0.0.0/0' });
  const byRoute = silenceWith(stateOf(KERNEL_RULES, [prohibit, BY_ETH1], STRICT));
  t.match(byRoute, { code: 'route-refuses', text: /dropped by its reverse-path filter \(strict, all=1\)/ });
  t.strictSame(typedIn(byRoute), ['route del prohibit default table main']);
  const blackhole: Rule = { ...rule(50, 'from all blackhole'), action: 'blackhole' };
  const byRule = silenceWith(stateOf(rulesWith(blackhole), [BY_ETH0], STRICT));
  t.match(byRule, { code: 'route-refuses', repair: { text: 'take away rule 50' } });
  t.match(silenceWith(stateOf(KERNEL_RULES, [BY_ETH0], STRICT)), { code: 'reverse-path-filter' });
});

t.test('where there is none, a route back mends it, and no looser filter', async (t) => {
  const none = silenceWith(stateOf(KERNEL_RULES, [BY_ETH1], STRICT));
  t.equal(none?.code, 'reverse-path-filter');
  t.strictSame(typedIn(none), ['route add default via 198.51.100.1 dev eth1']);
});

t.test('a missing route goes where it is looked for, and beside one that is there', async (t) => {
  const thrown = route('throw default', 'main', { type: 'throw', destination: '0.0.0.0/0' });
  const past = silenceWith(stateOf(KERNEL_RULES, [thrown, BY_ETH1]));
  t.equal(past?.code, 'no-route');
  t.strictSame(typedIn(past), ['route add 203.0.113.9 via 198.51.100.1 dev eth1']);
  t.match(
    past?.text,
    /: there is none in default \(rule 32767\), and that of main \(rule 32766\) is of type throw/,
  );
  const withoutMain = KERNEL_RULES.filter(({ preference }) => preference !== 32766);
  const elsewhere = silenceWith(stateOf(withoutMain, [BY_ETH0, BY_ETH1]));
  t.strictSame(typedIn(elsewhere), ['route add default via 198.51.100.1 dev eth1 onlink table default']);
});

t.test(
  'with a rule by protocol the reverse-path filter asks by it, unless it is for what the node sends',
  async (t) => {
    const byIcmp = rule(50, 'from all ipproto icmp lookup 100', { protocol: 1 });
    const routes = [BY_ETH1, route('default via 198.51.100.1 dev eth1'), route('default dev eth0', '100')];
    const ping = { ...makeIp(CLIENT, ETH1, echo(8)), protocol: 1 };
    const causeWith = (byProtocol: Rule) =>
      causeOf(new Recording().packet(VIA_ISP2, ping), stateOf(rulesWith(byProtocol), routes, STRICT));
    t.match(causeWith(byIcmp), { code: 'reverse-path-filter', text: /rule 50 → 100 → default dev eth0/ });
    t.not(causeWith({ ...byIcmp, iif: 'lo' })?.code, 'reverse-path-filter');
  },
);

t.test('nobody listens, and what would say so does not leave either', async (t) => {
  const asked = { probe: { responder: 'none' } } as const;
  const request = new Recording().packet(VIA_ISP2, makeIp(CLIENT, ETH1, echo(8)));
  const state = stateOf(KERNEL_RULES, [route('default via 198.51.100.1 dev eth1')]);
  const silent = { code: 'no-listener', repair: { probe: { responder: 'address' } } };
  t.match(causeOf(request, state, asked), silent);
  t.not(causeOf(request, state)?.code, 'no-listener');
});

t.test('ARP flux only where the address’s own interface would have made a difference', async (t) => {
  const onLan = (rules: readonly Rule[], reply: string) =>
    stateOf(rules, [route(`10.0.0.0/24 dev ${reply}`)], {
      addresses: [held('lan0', '10.0.0.10'), held('lan1', '10.0.0.20')],
      devices: [device('lan0'), device('lan1')],
    });
  const asked = { from: 'desk', to: 'server:lan1', address: '10.0.0.20' };
  const request = makeIp('10.0.0.50', '10.0.0.20', echo(8));
  const answer = makeIp('10.0.0.20', '10.0.0.50', echo(0));
  const entering = new Recording().packet('desk:eth0 server:lan0', request);
  const refusing: Rule = { ...rule(50, 'from all prohibit'), action: 'prohibit' };
  t.equal(causeOf(entering, onLan(rulesWith(refusing), 'lan0'), asked)?.code, 'route-refuses');
  const astray = entering.packet(back('desk:eth0 server:lan1'), answer);
  t.equal(causeOf(astray, onLan(KERNEL_RULES, 'lan1'), asked)?.code, 'arp-flux');
});

t.test('a node that the request did not come to, and one that it did', async (t) => {
  const recording = () => new Recording().ping(VIA_ISP2, back(VIA_ISP1));
  const state = stateOf(KERNEL_RULES, [BY_ETH0]);
  t.match(causeOf(recording(), state, { at: 'isp1' }), {
    code: 'not-on-the-way',
    text: /judged at isp1, .* client → internet → isp2 → server: the reply alone came to isp1$/,
    repair: { at: 'server', isAdvice: false },
  });
  t.equal(causeOf(recording(), state, { at: 'isp2' })?.code, 'no-source-rule');
});
