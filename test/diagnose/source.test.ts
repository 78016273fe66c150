import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { judgeStep } from '../../src/judge/judge.js';
import type { NodeState } from '../../src/model/evidence.js';
import {
  ACK,
  ANSWER,
  back,
  CLIENT,
  DATA,
  ETH0,
  makeFlow,
  makeIp,
  makePlan,
  Recording,
  SYN,
  SYN_ACK,
  VIA_ISP1,
  VIA_ISP2,
} from '../judge/recording.js';
import { BY_ETH0, evidenceOf, KERNEL_RULES, route, rule, rulesWith, stateOf } from './configured.js';

const PLAN = makePlan();
const BY_ETH1 = route('default via 198.51.100.1 dev eth1', '2');
const FOR_ETH0 = rule(101, 'from 192.0.2.10 lookup 2', { from: '192.0.2.10/32' });

/** The server asks the client with the address of eth0, by eth1, and is answered by eth0. */
function causeWith(state: NodeState) {
  const [out, home] = [back(VIA_ISP2), VIA_ISP1];
  const recording = new Recording()
    .packet(out, makeIp(ETH0, CLIENT, SYN))
    .packet(home, makeIp(CLIENT, ETH0, SYN_ACK))
    .packet(out, makeIp(ETH0, CLIENT, ACK))
    .packet(out, makeIp(ETH0, CLIENT, DATA))
    .packet(home, makeIp(CLIENT, ETH0, ANSWER));
  const asks = { from: 'server', to: 'client:eth0', address: CLIENT, answeredBy: 'client', at: 'server' };
  const [journey] = judgeStep(PLAN, recording.observe(makeFlow({ ...asks, probe: { protocol: 'tcp' } })));
  t.equal(journey?.result.verdict, 'asymmetric');
  return journey === undefined ? null : diagnose(evidenceOf(journey, state), PLAN, []);
}

t.test('a source that the route said is one that was chosen wrong', async (t) => {
  const says = route('default via 198.51.100.1 dev eth1', 'main', { preferredSource: ETH0 });
  t.match(causeWith(stateOf(KERNEL_RULES, [says])), {
    code: 'source-selection',
    text: /^server gave the request .* the source 192\.0\.2\.10 of eth0 and sent it by eth1: rule 32766 → main/,
  });
});

t.test('one that was chosen for a route by its interface is not: a rule for it led elsewhere', async (t) => {
  const cause = causeWith(stateOf(rulesWith(FOR_ETH0), [BY_ETH0, BY_ETH1]));
  t.match(cause, {
    code: 'rule-selector',
    text: /^server has rule 101 \(from 192\.0\.2\.10 lookup 2\) take the request .* which main would send by eth0/,
  });
  t.match(cause?.repair?.deeds, [
    {
      apply: {
        items: [
          { commands: [{ text: 'rule add preference 100 from 192.0.2.10 to 203.0.113.9 table main' }] },
        ],
      },
    },
  ]);
  const later = rule(200, 'from all to 203.0.113.0/24 lookup 3', { to: '203.0.113.0/24' });
  const routes = [BY_ETH1, { ...BY_ETH0, table: '3' }];
  t.match(causeWith(stateOf(rulesWith(FOR_ETH0, later), routes)), { code: 'rule-order' });
});
