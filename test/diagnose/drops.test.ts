import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { judgeStep } from '../../src/judge/judge.js';
import type { FlowEvidence, NodeState } from '../../src/model/evidence.js';
import {
  back,
  CLIENT,
  ETH1,
  echo,
  makeFlow,
  makeIp,
  makePlan,
  Recording,
  RST,
  SYN,
  VIA_ISP1,
  VIA_ISP2,
} from '../judge/recording.js';
import { BY_ETH0, evidenceOf, KERNEL_RULES, route, rule, rulesWith, stateOf } from './configured.js';

const PLAN = makePlan();
const REQUEST = makeIp(CLIENT, ETH1, echo(8));

/** The client asks for eth1's address, and gets no answer. */
function silence() {
  const [journey] = judgeStep(PLAN, new Recording().packet(VIA_ISP2, REQUEST).observe(makeFlow()));
  if (journey === undefined) throw new Error('no journey');
  return journey;
}

function astray() {
  const recording = new Recording().ping(VIA_ISP2, back(VIA_ISP1));
  const [journey] = judgeStep(PLAN, recording.observe(makeFlow()));
  if (journey === undefined) throw new Error('no journey');
  return journey;
}

function causeWith(state: NodeState, more: Partial<FlowEvidence> = {}, journey = silence()) {
  return diagnose({ ...evidenceOf(journey, state), ...more }, PLAN, []);
}

const sysctls = (...settings: readonly (readonly [string, string])[]) => ({ sysctls: new Map(settings) });
const ALL = 'net.ipv4.conf.all.rp_filter';
const OWN = 'net.ipv4.conf.eth1.rp_filter';

t.test('a reverse-path filter: the greater setting counts, and what the kernel counted', async (t) => {
  const strict = stateOf(KERNEL_RULES, [BY_ETH0], sysctls([ALL, '1'], [OWN, '0']));
  t.equal(
    causeWith(strict)?.text,
    'server dropped it: reverse-path filter (strict, all=1) on eth1, because the way back to 203.0.113.9 is eth0 (rule 32766 → main → default via 192.0.2.1 dev eth0)',
  );
  const denied = { counters: new Map([['server', {}]]) };
  t.not(causeWith(strict, denied)?.code, 'reverse-path-filter', 'the kernel counted none');
  const counted = { counters: new Map([['server', { TcpExtIPReversePathFilter: 1 }]]) };
  t.match(causeWith(strict, counted)?.evidence, ['server: the counter IPReversePathFilter rose by 1']);
  const loose = stateOf(KERNEL_RULES, [BY_ETH0], sysctls([ALL, '1'], [OWN, '2']));
  t.not(causeWith(loose)?.code, 'reverse-path-filter');
  const nowhere = stateOf(KERNEL_RULES, [], sysctls([ALL, '2']));
  t.match(causeWith(nowhere), { code: 'reverse-path-filter', text: /loose/ });
  const selected = rulesWith(rule(101, 'from 198.51.100.10 lookup 101', { from: '198.51.100.10/32' }));
  const back = stateOf(
    selected,
    [BY_ETH0, route('default via 198.51.100.1 dev eth1', '101')],
    sysctls([ALL, '1']),
  );
  t.not(causeWith(back)?.code, 'reverse-path-filter', 'a rule for the address asked leads back');
});

t.test('a source that is the address of the node itself', async (t) => {
  const own = {
    device: 'lo',
    family: 4,
    address: CLIENT,
    prefixLength: 32,
    scope: 'global',
    peer: null,
  } as const;
  const base = stateOf(KERNEL_RULES, [BY_ETH0]);
  const state = { ...base, addresses: [...base.addresses, own] };
  t.match(causeWith(state), { code: 'martian-source', text: /its own address, on lo/ });
  const accepting = { ...state, ...sysctls(['net.ipv4.conf.all.accept_local', '1']) };
  t.not(causeWith(accepting)?.code, 'martian-source');
});

const INPUT = `table inet filter {
\tchain input {
\t\ttype filter hook input priority filter; policy accept;
\t\tip saddr 203.0.113.9 drop
\t}
}`;

t.test('a packet filter, and a rule that is for other packets', async (t) => {
  const dropping = causeWith(stateOf(KERNEL_RULES, [BY_ETH0], { ruleset: INPUT }));
  t.match(dropping, { code: 'firewall', repair: { isAdvice: true } });
  t.equal(
    dropping?.text,
    'server dropped the request from 203.0.113.9 to 198.51.100.10: rule `ip saddr 203.0.113.9 drop` in chain input of table inet filter',
  );
  const other = INPUT.replace('203.0.113.9', '203.0.113.8');
  t.not(causeWith(stateOf(KERNEL_RULES, [BY_ETH0], { ruleset: other }))?.code, 'firewall');
  const both = `${INPUT}\ntable inet more {\n\tchain input {\n\t\ttype filter hook input priority raw; policy accept;\n\t\tlimit rate 5/second drop\n\t}\n}`;
  t.equal(
    causeWith(stateOf(KERNEL_RULES, [BY_ETH0], { ruleset: both }))?.repair,
    null,
    'of two that may have done it none is taken away',
  );
});

const RULES = rulesWith(rule(100, 'from all fwmark 0x2 lookup 101', { mark: 2 }));
const ROUTES = [BY_ETH0, route('default via 198.51.100.1 dev eth1', '101')];

const saving = (output: string) => `table inet marks {
\tchain prerouting {
\t\ttype filter hook prerouting priority mangle; policy accept;
\t\tiifname "eth1" ct mark set 0x00000002
\t}
${output}}`;

t.test('a mark that is not restored, restored too late, and none at all', async (t) => {
  const journey = astray();
  const connection = {
    ...{ node: 'server', protocol: 'icmp', state: 'REPLIED', mark: 2, id: 7 },
    original: { source: CLIENT, destination: ETH1, sourcePort: null, destinationPort: null },
    reply: { source: ETH1, destination: CLIENT, sourcePort: null, destinationPort: null },
  };
  const tracked = { ...journey, result: { ...journey.result, connections: [connection] } };
  const causeOf = (ruleset: string, rules = RULES) =>
    causeWith(stateOf(rules, ROUTES, { ruleset }), {}, tracked)?.code;
  const output = (type: string) =>
    `\tchain output {\n\t\ttype ${type} hook output priority mangle; policy accept;\n\t\tmeta mark set ct mark\n\t}\n`;
  t.equal(causeOf(saving('')), 'mark-not-restored');
  t.equal(causeOf(saving(output('filter'))), 'mark-too-late');
  t.equal(causeOf(saving(''), KERNEL_RULES), 'no-source-rule', 'no rule asks for the mark');
});

t.test('what a node itself asks is in want of no mark of what comes in', async (t) => {
  const marking = saving('').replace('ct mark set', 'meta mark set');
  const lost = new Recording().packet('server:eth0 isp1:lan', makeIp(ETH1, CLIENT, echo(8)));
  const asks = { from: 'server', to: 'client:eth0', address: CLIENT, probe: { bindAddress: ETH1 } };
  const [journey] = judgeStep(PLAN, lost.observe(makeFlow(asks)));
  const state = stateOf(RULES, ROUTES, { ruleset: marking });
  t.equal(causeWith(state, {}, journey)?.code, 'rule-selector');
  t.equal(causeWith(state, {}, astray())?.code, 'mark-not-restored', 'unlike what it answers');
});

t.test('a program that nobody started is to listen on the address asked', async (t) => {
  const asked = makeIp(CLIENT, ETH1, SYN);
  const recording = new Recording().packet(VIA_ISP2, asked).packet(back(VIA_ISP2), makeIp(ETH1, CLIENT, RST));
  const options = { probe: { protocol: 'tcp', responder: 'none' } } as const;
  const [journey] = judgeStep(PLAN, recording.observe(makeFlow(options)));
  if (journey === undefined) throw new Error('no journey');
  // On another address one may listen: beside that there is no place for the wildcard.
  t.match(causeWith(stateOf(KERNEL_RULES, [BY_ETH0]), {}, journey), {
    code: 'no-listener',
    repair: { probe: { responder: 'address' } },
  });
});

t.test('a private source is translated where the network ends that knows it', async (t) => {
  const guest = '10.8.0.2';
  const there = new Recording().packet(
    'server:eth1 isp2:lan isp2:up internet:isp2 internet:client client:eth0',
    makeIp(guest, CLIENT, echo(8)),
  );
  there.packet('client:eth0 internet:client', makeIp(CLIENT, guest, echo(0)));
  const options = { from: 'server', to: 'client:eth0', address: CLIENT, answeredBy: 'client', at: 'server' };
  const [journey] = judgeStep(PLAN, there.observe(makeFlow(options)));
  if (journey === undefined) throw new Error('no journey');
  const node = (name: string, ...routes: Parameters<typeof stateOf>[1]): NodeState => {
    return { ...stateOf(KERNEL_RULES, []), node: name, routes, addresses: [] };
  };
  const known = route('10.8.0.0/24 dev lan');
  const causeBetween = (...states: readonly NodeState[]) =>
    diagnose(evidenceOf(journey, stateOf(KERNEL_RULES, [BY_ETH0]), ...states), PLAN, []);
  t.match(causeBetween(node('isp2', known), node('internet')), {
    code: 'nat-missing',
    text: /^isp2 sent the packet on by up with the private source 10\.8\.0\.2/,
    repair: { text: 'translate the source of what leaves by up' },
  });
  t.not(causeBetween(node('isp2'), node('internet'))?.code, 'nat-missing', 'isp2 does not know it either');
});
