import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { judgeStep } from '../../src/judge/judge.js';
import type { NodeState } from '../../src/model/evidence.js';
import type { CommandReport } from '../../src/model/result.js';
import { back, makeFlow, makePlan, Recording, VIA_ISP1, VIA_ISP2 } from '../judge/recording.js';
import { BY_ETH0, device, evidenceOf, KERNEL_RULES, route, rule, rulesWith, stateOf } from './configured.js';

const PLAN = makePlan();
const BY_ETH1 = route('default via 198.51.100.1 dev eth1', '2');
const RULE = rule(101, 'from 198.51.100.10 lookup 2', { from: '198.51.100.10/32' });

function failed(text: string, message: string, line = 1): CommandReport {
  return { node: 'server', line, text, exit: 2, message, unexpected: false };
}

/** The client asked for eth1's address and was answered by eth0. */
function causeWith(state: NodeState, ...commands: readonly CommandReport[]) {
  const [journey] = judgeStep(PLAN, new Recording().ping(VIA_ISP2, back(VIA_ISP1)).observe(makeFlow()));
  return journey === undefined ? null : diagnose(evidenceOf(journey, state), PLAN, commands);
}

t.test('a command is to blame where what it was to add would have decided, and led right', async (t) => {
  const unnamed = failed(
    'ip rule add from 198.51.100.10 table rt2',
    'Error: argument "rt2" is wrong: invalid table',
  );
  const state = stateOf(KERNEL_RULES, [BY_ETH0, BY_ETH1]);
  t.match(causeWith(state, unnamed), { code: 'recipe-failed', repair: { text: /table 2$/ } });
  const misspelt = failed(
    'ip route add default vi 198.51.100.1 dev eth1 table 2',
    'Error: "vi" is a garbage.',
  );
  t.match(causeWith(stateOf(rulesWith(RULE), [BY_ETH0]), misspelt), { code: 'recipe-failed' });
  const twice = failed(
    'ip route replace default table 2 nexthop via 198.51.100.1 dev eth1 nexthop via 198.51.100.1 dev eth1',
    'RTNETLINK answers: File exists',
  );
  t.match(causeWith(stateOf(rulesWith(RULE), [BY_ETH0]), twice), {
    repair: { text: 'run it as ip route replace default table 2 nexthop via 198.51.100.1 dev eth1' },
  });
  t.test('or would have together with others that failed', async (t) => {
    const table = failed('ip route add default via 198.51.100.1 dev eth1 table rt2', 'wrong', 3);
    const both = causeWith(stateOf(KERNEL_RULES, [BY_ETH0]), table, { ...unnamed, line: 4 });
    t.match(both, { code: 'recipe-failed', text: /^line 3/ });
  });
});

t.test('a route by an interface that is down is added once that is up', async (t) => {
  const text = 'ip route add default via 198.51.100.1 dev eth1 table 2';
  const refused = failed(text, 'Error: Nexthop has invalid gateway.');
  const devices = [device('eth0'), { ...device('eth1'), flags: [] }];
  const state = stateOf(rulesWith(RULE), [BY_ETH0], { devices });
  const down = { ...failed('ip link set eth1 down', ''), exit: 0 };
  for (const commands of [[refused], [down, refused]])
    t.match(causeWith(state, ...commands), {
      code: 'recipe-failed',
      evidence: [/^exit status 2/, 'server:eth1 is down'],
      repair: {
        text: 'put eth1 up, and run it again',
        deeds: [
          { event: { kind: 'link-up', endpoint: { node: 'server', interface: 'eth1' } } },
          { apply: { node: 'server', items: [{ script: text }] } },
        ],
        isAdvice: true,
      },
    });
  t.not(causeWith(state, refused, down)?.code, 'recipe-failed', 'it would have gone with the interface');
  const other = { ...down, text: 'ip link set eth0 down' };
  t.equal(causeWith(state, refused, other)?.code, 'recipe-failed');
});

t.test('else another cause is named, with the command as evidence', async (t) => {
  const state = stateOf(rulesWith(RULE), [BY_ETH0]);
  for (const text of [
    'ip -4 route replace default via 198.51.100.1 dev eth1 table 3',
    'ip -4 route replace default via 192.0.2.1 dev eth1 table 2',
    'ip -4 route replace default via 198.51.100.1 dev eth0 table 2 src 198.51.100.10 dev eth1',
    'ip -4 route add default table 2 nexthop via 198.51.100.1 dev eth1 nexthop via 192.0.2.1 dev eth0',
  ]) {
    const cause = causeWith(state, failed(text, 'Error: Nexthop has invalid gateway.'));
    t.equal(cause?.code, 'table-incomplete', text);
    t.match(cause?.evidence.at(-1), `line 1 of server's recipe failed: ${text}: exit status 2`);
  }
  const other = failed('ip rule add from 192.0.2.10 table 2', 'wrong');
  t.match(causeWith(stateOf(KERNEL_RULES, [BY_ETH0, BY_ETH1]), other), { code: 'no-source-rule' });
});

t.test('a command that was carried out in the end is not to blame', async (t) => {
  const text = 'ip rule add from 198.51.100.10 table 2';
  const done = { ...failed(text, '', 2), exit: 0 };
  const cause = causeWith(stateOf(KERNEL_RULES, [BY_ETH0, BY_ETH1]), failed(text, 'wrong'), done);
  t.equal(cause?.code, 'no-source-rule');
  t.notMatch(cause?.evidence.join(), /recipe failed/);
});
