import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { judgeStep } from '../../src/judge/judge.js';
import type { LinkKind } from '../../src/model/topology.js';
import { CLIENT, makeFlow, makePlan, Recording } from '../judge/recording.js';
import { BY_ETH0, device, evidenceOf, KERNEL_RULES, stateOf } from './configured.js';

/** The server is to send by eth1, which is down, and an end of a link of that kind. */
function causeWith(kind: LinkKind) {
  const plain = makePlan();
  const { scenario } = plain;
  const [a, b] = [
    { node: 'isp2', interface: 'lan' },
    { node: 'server', interface: 'eth1' },
  ];
  const topology = { ...scenario.topology, links: [{ a, b, kind, impairment: null }] };
  const plan = { ...plain, scenario: { ...scenario, topology } };
  const flow = makeFlow({
    ...{ from: 'server', to: 'client:eth0', address: CLIENT, answeredBy: 'client', errno: 'ENETUNREACH' },
    probe: { bindDevice: 'eth1' },
  });
  const [journey] = judgeStep(plan, new Recording().observe(flow));
  const devices = [device('eth0'), { ...device('eth1'), flags: [] }];
  const state = stateOf(KERNEL_RULES, [BY_ETH0], { devices });
  return journey === undefined ? null : diagnose(evidenceOf(journey, state), plan, []);
}

t.test('a ppp link that is down is dialled, from the end that is to send', async (t) => {
  t.match(causeWith('ppp'), {
    code: 'link-down',
    text: 'server:eth1 is down, as its link is not dialled',
    repair: {
      isAdvice: true,
      deeds: [
        {
          event: {
            kind: 'connect',
            endpoint: { node: 'server', interface: 'eth1' },
            ends: [{ node: 'server' }, { node: 'isp2' }],
          },
        },
      ],
    },
  });
});

t.test('of another link nobody knows why it is', async (t) => {
  t.match(causeWith('veth'), { code: 'link-down', text: 'server:eth1 is down', repair: null });
});
