import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { judgeStep } from '../../src/judge/judge.js';
import type { Journey, NodeState } from '../../src/model/evidence.js';
import type { CommandReport } from '../../src/model/result.js';
import { back, makeFlow, makePlan, Recording, VIA_ISP1, VIA_ISP2 } from '../judge/recording.js';
import {
  BY_ETH0,
  device,
  evidenceOf,
  KERNEL_RULES,
  route,
  rule,
  rulesWith,
  stateOf,
  typedIn,
} from './configured.js';

const PLAN = makePlan();

/** The client asks for eth1's address, and is answered by that way. */
function journeyBy(reply: string): Journey {
  const [journey] = judgeStep(PLAN, new Recording().ping(VIA_ISP2, reply).observe(makeFlow()));
  if (journey === undefined) throw new Error('no journey');
  return journey;
}

const ASTRAY = journeyBy(back(VIA_ISP1));
const FROM_ETH1 = { from: '198.51.100.10/32' };
const BY_ETH1 = route('default via 198.51.100.1 dev eth1', '101');
const SOURCE_RULE = rule(101, 'from 198.51.100.10 lookup 101', FROM_ETH1);

function causeWith(state: NodeState, commands: readonly CommandReport[] = [], journey = ASTRAY) {
  return diagnose(evidenceOf(journey, state), PLAN, commands);
}

function deedsOf(state: NodeState): readonly string[] {
  return typedIn(causeWith(state));
}

t.test('a flow that went as it should has no cause', async (t) => {
  t.equal(causeWith(stateOf(KERNEL_RULES, [BY_ETH0]), [], journeyBy(back(VIA_ISP2))), null);
});

t.test('nor has one whose node says nothing of itself', async (t) => {
  t.equal(diagnose(evidenceOf(ASTRAY), PLAN, []), null);
});

t.test('no rule for the source: what decided, and what was to be', async (t) => {
  const state = stateOf(KERNEL_RULES, [BY_ETH0]);
  t.match(causeWith(state), {
    code: 'no-source-rule',
    text: 'server has no rule for the source 198.51.100.10, so rule 32766 → main → default via 192.0.2.1 dev eth0 decided about the reply from 198.51.100.10 to 203.0.113.9, while the request came in by eth1',
    repair: null,
  });
  const known = stateOf(KERNEL_RULES, [BY_ETH0, BY_ETH1]);
  t.strictSame(deedsOf(known), [
    'route add 198.51.100.0/24 dev eth1 table 1001',
    'route add default via 198.51.100.1 dev eth1 table 1001',
    'rule add from 198.51.100.10 table 1001',
  ]);
});

t.test('a rule that leads to a table without a route', async (t) => {
  const state = stateOf(rulesWith(SOURCE_RULE), [BY_ETH0]);
  t.match(causeWith(state), { code: 'table-incomplete', text: /no route to 203\.0\.113\.9 in table 101/ });
  t.test('because its interface was taken down', async (t) => {
    const done = (line: number, text: string): CommandReport => {
      return { node: 'server', line, text, exit: 0, message: '', unexpected: false };
    };
    const down = done(2, 'ip link set dev eth1 down');
    t.notMatch(causeWith(state, [down]), { text: /went with/ }, 'it had none');
    const added = done(1, 'ip route add default via 198.51.100.1 dev eth1 table 101');
    t.match(causeWith(state, [added, down]), { text: /its routes went with "ip link set dev eth1 down"$/ });
  });
});

t.test('a rule for another table that has none is not to blame', async (t) => {
  const rules = rulesWith(rule(100, 'from all lookup 100'));
  const state = stateOf(rules, [BY_ETH0, route('172.16.0.0/12 via 192.0.2.1 dev eth0', '100')]);
  t.match(causeWith(state), { code: 'no-source-rule' });
});

t.test('an earlier rule, and the same one later', async (t) => {
  const earlier = rule(50, 'from all to 203.0.113.0/24 lookup 100', { to: '203.0.113.0/24' });
  const routes = [BY_ETH0, BY_ETH1, route('default via 192.0.2.1 dev eth0', '100')];
  const state = stateOf(rulesWith(earlier, SOURCE_RULE), routes);
  t.match(causeWith(state), { code: 'rule-order', text: /rule 50 .* ahead of rule 101/ });
  t.strictSame(deedsOf(state), [
    'rule del preference 101 from 198.51.100.10 lookup 101',
    'rule add preference 49 from 198.51.100.10 lookup 101',
  ]);
  t.equal(causeWith(stateOf(rulesWith(SOURCE_RULE, { ...earlier, preference: 150 }), routes)), null);
});

t.test('a rule that does not match, for each of its selectors', async (t) => {
  const routes = [BY_ETH0, BY_ETH1];
  for (const [text, selectors, said] of [
    ['to 198.51.100.10', { to: '198.51.100.10/32' }, 'to is 198.51.100.10, and the packet has 203.0.113.9'],
    [
      'from 198.51.101.0/24',
      { from: '198.51.101.0/24' },
      'from is 198.51.101.0/24, and the packet has 198.51.100.10',
    ],
    ['iif eth1', { iif: 'eth1' }, 'iif is eth1, and the packet has lo'],
    ['ipproto tcp', { protocol: 6 }, 'ipproto is 6, and the packet has '],
    ['sport 22', { sourcePorts: [22, 22] }, 'sport is 22, and the packet has none'],
  ] as const) {
    const state = stateOf(rulesWith(rule(101, `${text} lookup 101`, selectors)), routes);
    const cause = causeWith(state);
    t.equal(cause?.code, 'rule-selector', text);
    t.ok(cause?.text.includes(said), cause?.text ?? text);
  }
  t.test('a rule for a network that has nothing to do with it', async (t) => {
    const other = rule(101, 'to 172.16.0.0/12 lookup 101', { to: '172.16.0.0/12' });
    t.match(causeWith(stateOf(rulesWith(other), routes)), { code: 'no-source-rule' });
  });
});

t.test('a link, a tunnel, several next hops', async (t) => {
  const onLink = route('203.0.113.0/24 dev eth0');
  t.match(causeWith(stateOf(KERNEL_RULES, [BY_ETH0, onLink])), { code: 'connected-route' });
  const several = route('default via 192.0.2.1 dev eth0 or via 198.51.100.1 dev eth1');
  t.match(causeWith(stateOf(KERNEL_RULES, [several])), { code: 'multipath-choice' });
  t.test('a table with several is no way to be sure of', async (t) => {
    const many = route('default via 192.0.2.1 dev eth0 or via 198.51.100.1 dev eth1', '101');
    const state = stateOf(rulesWith(rule(101, 'from all lookup 101')), [BY_ETH0, many]);
    t.match(causeWith(state), { code: 'multipath-choice' });
    t.strictSame(deedsOf(state).at(-1), 'rule add from 198.51.100.10 table 1001');
  });
  const elsewhere = route('default via 192.0.2.1 dev eth0 or via 192.0.2.2 dev eth0');
  t.match(causeWith(stateOf(KERNEL_RULES, [elsewhere])), { code: 'no-source-rule' });
  const devices = [device('eth0', 'wireguard'), device('eth1')];
  t.match(causeWith(stateOf(KERNEL_RULES, [BY_ETH0], { devices })), { code: 'tunnel-route' });
});

t.test('a VRF whose rule comes too late', async (t) => {
  const devices = [device('eth0'), device('eth1', 'veth', 'blue'), device('blue', 'vrf')];
  const vrf = [
    route('198.51.100.10/32 dev eth1', 'blue', { type: 'local' }),
    route('default via 198.51.100.1 dev eth1', 'blue'),
  ];
  const l3mdev = rule(1000, 'from all lookup [l3mdev-table]', { l3mdev: true });
  const ahead = rule(500, 'from all to 203.0.113.0/24 lookup main', { to: '203.0.113.0/24' });
  const withRules = (...rules: readonly (typeof ahead)[]) => {
    const state = stateOf(rulesWith(...rules), [BY_ETH0, ...vrf], { devices });
    // In a VRF the link's own local route is in its table.
    const isOfVrf = ({ table, nexthops }: (typeof state.routes)[number]) =>
      table === 'local' && nexthops.some((hop) => hop.device === 'eth1');
    return { ...state, routes: state.routes.filter((each) => !isOfVrf(each)) };
  };
  t.match(causeWith(withRules(ahead, l3mdev)), { code: 'vrf-order', text: /rule 500 .* ahead of rule 1000/ });
  t.strictSame(
    deedsOf(withRules(ahead, l3mdev)),
    ['rule del preference 1000 from all l3mdev', 'rule add preference 499 from all l3mdev'],
    'ip prints a table for it that it does not take',
  );
  t.equal(causeWith(withRules(l3mdev, { ...ahead, preference: 1500 })), null);
});

t.test('a mark that is not known is that with which the rules lead where the packet went', async (t) => {
  const marked = rule(50, 'from all fwmark 0x2 lookup 100', { mark: 2 });
  const routes = [
    BY_ETH1,
    route('default via 192.0.2.1 dev eth0', '100'),
    route('default via 198.51.100.1 dev eth1'),
  ];
  t.match(causeWith(stateOf(rulesWith(marked), routes)), {
    text: /rule 50 → 100 → default via 192\.0\.2\.1 dev eth0/,
  });
});
