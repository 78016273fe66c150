import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { judgeStep } from '../../src/judge/judge.js';
import type { LabPlan } from '../../src/model/plan.js';
import type { CommandReport } from '../../src/model/result.js';
import type { Topology } from '../../src/model/topology.js';
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
import { BY_ETH0, device, evidenceOf, KERNEL_RULES, route, stateOf } from './configured.js';

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

t.test('a slow link has no place for what never left, where others of the flow passed', async (t) => {
  const causeAt = (rate: string | null, lossPpm: number) => {
    const base = planWith('veth');
    const ends = { a: { node: 'server', interface: 'eth1' }, b: { node: 'isp2', interface: 'lan' } };
    const impairment = { delayMs: 0, jitterMs: 0, lossPpm, rate };
    const links: Topology['links'] = [{ ...ends, kind: 'veth', impairment }];
    const { scenario } = base;
    const plan = { ...base, scenario: { ...scenario, topology: { ...scenario.topology, links } } };
    const recording = new Recording()
      .ping(VIA_ISP2, back(VIA_ISP2))
      .packet(VIA_ISP2, makeIp(CLIENT, ETH1, echo(8, 2)));
    const [journey] = judgeStep(plan, recording.observe(makeFlow({ probe: { count: 2 } })));
    if (journey === undefined) throw new Error('no journey');
    t.equal(journey.result.verdict, 'mixed');
    const routes = [route('default via 198.51.100.1 dev eth1')];
    return diagnose(evidenceOf(journey, stateOf(KERNEL_RULES, routes)), plan, []);
  };
  t.match(causeAt('500kbit', 0), {
    code: 'lost-on-link',
    text: /carries 500kbit, and its queue had no place/,
  });
  t.not(causeAt(null, 500_000)?.code, 'lost-on-link', 'what a link loses has left its node');
});
