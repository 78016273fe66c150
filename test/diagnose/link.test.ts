import t, { type Test } from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { judgeStep } from '../../src/judge/judge.js';
import type { NodeDevice } from '../../src/model/evidence.js';
import type { LabPlan } from '../../src/model/plan.js';
import type { CommandReport } from '../../src/model/result.js';
import type { Impairment, Topology } from '../../src/model/topology.js';
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
  VIA_ISP2,
} from '../judge/recording.js';
import { BY_ETH0, device, evidenceOf, KERNEL_RULES, route, stateOf, typedIn } from './configured.js';

const ENDS = [
  { node: 'server', interface: 'ppp0' },
  { node: 'isp2', interface: 'ppp0' },
] as const;

function planWith(kind: 'ppp' | 'veth'): LabPlan {
  const plan = makePlan();
  const links: Topology['links'] = [{ a: ENDS[0], b: ENDS[1], kind, impairment: null }];
  return { ...plan, scenario: { ...plan.scenario, topology: { ...plan.scenario.topology, links } } };
}

const DIALLED: CommandReport = {
  ...{ node: 'server', line: 1, text: 'ip -4 link set dev ppp0 up', exit: 0, message: '', unexpected: false },
};
const HUNG_UP = { ...DIALLED, text: 'ip -4 link set dev ppp0 down' };
const TO_CLIENT: FlowOptions = {
  ...{ from: 'server', to: 'client:eth0', address: CLIENT, answeredBy: 'client', at: 'server' },
  ...{ errno: 'ENETUNREACH', probe: { bindDevice: 'ppp0' } },
};

function causeOn(kind: 'ppp' | 'veth', flags: readonly string[], ...commands: readonly CommandReport[]) {
  const plan = planWith(kind);
  const [journey] = judgeStep(plan, new Recording().observe(makeFlow(TO_CLIENT)));
  if (journey === undefined) throw new Error('no journey');
  const devices = [device('eth0'), device('eth1'), { ...device('ppp0'), flags }];
  return diagnose(evidenceOf(journey, stateOf(KERNEL_RULES, [BY_ETH0], { devices })), plan, commands);
}

t.test('a ppp link that is not dialled is dialled, and any other put up', async (t) => {
  const before = causeOn('ppp', []);
  t.match(before, {
    code: 'link-down',
    text: 'server:ppp0 was not dialled, so that it is down and has no address',
    repair: { text: 'dial server:ppp0', isAdvice: true },
  });
  t.match(before?.repair?.deeds, [{ event: { kind: 'connect', endpoint: ENDS[0], ends: ENDS } }]);
  const after = causeOn('ppp', [], DIALLED, HUNG_UP);
  t.match(after, { text: /^server:ppp0 was hung up, so/, repair: { text: 'dial server:ppp0' } });
  t.match(causeOn('veth', [], DIALLED, HUNG_UP), {
    text: 'server:ppp0 was set down',
    repair: { text: 'put the link in order' },
  });
  t.not(causeOn('ppp', ['UP', 'LOWER_UP'], DIALLED)?.code, 'link-down');
});

/** The client asks for eth1's address, by a link of the server's that does something to packets. */
function causeAt(t: Test, recording: Recording, impaired: Partial<Impairment>, count = 1) {
  const base = planWith('veth');
  const ends = { a: { node: 'server', interface: 'eth1' }, b: { node: 'isp2', interface: 'lan' } };
  const impairment = { delayMs: 0, jitterMs: 0, lossPpm: 0, rate: null, ...impaired };
  const links: Topology['links'] = [{ ...ends, kind: 'veth', impairment }];
  const { scenario } = base;
  const plan = { ...base, scenario: { ...scenario, topology: { ...scenario.topology, links } } };
  const [journey] = judgeStep(plan, recording.observe(makeFlow({ probe: { count } })));
  if (journey === undefined) throw new Error('no journey');
  t.equal(journey.result.verdict, count > 1 ? 'mixed' : 'request-lost');
  const routes = [route('default via 198.51.100.1 dev eth1')];
  return diagnose(evidenceOf(journey, stateOf(KERNEL_RULES, routes)), plan, []);
}

const LOSSY = { lossPpm: 500_000 };
const SLOW = { rate: '500kbit' };
const NO_PLACE = /^the link server:eth1 – isp2:lan carries 500kbit, and its queue had no place for this one$/;

t.test('a slow link has no place for what never left, where others of the flow passed', async (t) => {
  const recording = new Recording()
    .ping(VIA_ISP2, back(VIA_ISP2))
    .packet(VIA_ISP2, makeIp(CLIENT, ETH1, echo(8, 2)));
  t.match(causeAt(t, recording, SLOW, 2), { code: 'lost-on-link', text: NO_PLACE });
  const lossy = causeAt(t, recording, LOSSY, 2);
  t.not(lossy?.code, 'lost-on-link', 'what a link loses has left its node');
});

t.test('what left one end of a link that loses packets was lost on it, and else in its queue', async (t) => {
  const asItLeft = VIA_ISP2.split(' ').slice(0, 5).join(' ');
  const left = new Recording().packet(asItLeft, makeIp(CLIENT, ETH1, echo(8)));
  const repair = { text: 'let the link carry everything at once', without: 'impairments' };
  const text = 'the link server:eth1 – isp2:lan loses 50 % of its packets, and this one';
  t.match(causeAt(t, left, { ...LOSSY, ...SLOW }), { code: 'lost-on-link', text, repair });
  t.match(causeAt(t, left, SLOW), { code: 'lost-on-link', text: NO_PLACE, repair });
  t.not(causeAt(t, left, { delayMs: 20 })?.code, 'lost-on-link', 'a link that is only long loses nothing');
  const stuck = VIA_ISP2.split(' ').slice(0, 4).join(' ');
  const asked = new Recording()
    .packet(stuck, makeIp(CLIENT, ETH1, echo(8)))
    .arpRequest('isp2:lan', '198.51.100.1', ETH1);
  t.match(causeAt(t, asked, LOSSY), { code: 'lost-on-link', text: /and the questions for the next hop$/ });
});

t.test('a tag for which the other end has no device, or has one, or nobody knows', async (t) => {
  const recording = new Recording().packet(
    VIA_ISP2.split(' ').slice(0, 5).join(' '),
    makeIp(CLIENT, ETH1, echo(8)),
  );
  const [journey] = judgeStep(makePlan(), recording.observe(makeFlow()));
  if (journey === undefined) throw new Error('no journey');
  const tagged = { ...device('lan', 'vlan'), vlan: { id: 7, on: 'up' } };
  const bare = { ...stateOf(KERNEL_RULES, []), addresses: [], routes: [route('198.51.100.0/24 dev lan')] };
  const isp2 = { ...bare, node: 'isp2', devices: [device('up'), tagged] };
  const causeOf = (...devices: readonly NodeDevice[]) => {
    const internet = { ...bare, node: 'internet', routes: [], devices };
    return diagnose(evidenceOf(journey, isp2, internet), makePlan(), []);
  };
  const cause = causeOf(device('isp2'));
  t.match(cause, {
    code: 'vlan-unknown',
    text: 'isp2:lan sent it with the tag of VLAN 7, for which internet:isp2 has no device',
  });
  t.strictSame(typedIn(cause), ['link add link isp2 name vlan7 type vlan id 7', 'link set dev vlan7 up']);
  const named = (id: number, on: string) => ({ ...device('guests', 'vlan'), vlan: { id, on } });
  t.equal(causeOf(device('isp2'), named(8, 'isp2'))?.code, 'vlan-unknown', 'another tag');
  t.equal(causeOf(device('isp2'), named(7, 'isp1'))?.code, 'vlan-unknown', 'of another cable');
  t.not(causeOf(device('isp2'), named(7, 'isp2'))?.code, 'vlan-unknown');
  t.not(
    diagnose(evidenceOf(journey, isp2), makePlan(), [])?.code,
    'vlan-unknown',
    'who is at the other end is not known',
  );
});
