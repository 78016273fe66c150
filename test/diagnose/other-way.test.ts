import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { judgeStep } from '../../src/judge/judge.js';
import type { NodeState, Route } from '../../src/model/evidence.js';
import type { Node } from '../../src/model/topology.js';
import {
  back,
  CLIENT,
  ETH1,
  echo,
  type FlowOptions,
  icmpError,
  makeFlow,
  makeIp,
  makePlan,
  Recording,
  VIA_ISP1,
  VIA_ISP2,
} from '../judge/recording.js';
import { device, evidenceOf, held, KERNEL_RULES, route, stateOf } from './configured.js';

const FORWARDS = ['net.ipv4.ip_forward', '1'] as const;

function node(name: string, faces: Readonly<Record<string, string>>, ...routes: readonly string[]): Node {
  return {
    name,
    interfaces: Object.entries(faces).map(([face, address]) => ({
      ...{ name: face, kind: 'ethernet', mtu: null },
      addresses: [{ family: 4, address, prefixLength: 24, dynamic: false, peer: null, label: null }],
    })),
    routes: routes.map((text) => {
      const [to = '', , via = ''] = text.split(' ');
      return { family: 4, to, via, dev: null, src: null, metric: null };
    }),
    sysctls: Object.keys(faces).length > 1 && name !== 'server' ? [FORWARDS] : [],
    policy: [],
  };
}

/** The addresses along both ways between the server and the client. */
const NODES = {
  server: node('server', { eth0: '192.0.2.10', eth1: '198.51.100.10' }, '0.0.0.0/0 via 198.51.100.1'),
  isp1: node('isp1', { lan: '192.0.2.1', up: '100.64.1.2' }, '0.0.0.0/0 via 100.64.1.1'),
  isp2: node('isp2', { lan: '198.51.100.1', up: '100.64.2.2' }),
  internet: node(
    'internet',
    { isp1: '100.64.1.1', isp2: '100.64.2.1', client: '203.0.113.1' },
    '192.0.2.0/24 via 100.64.1.2',
  ),
  client: node('client', { eth0: CLIENT }),
};

/** isp2 refuses what the server sends to the client, whose nodes may be others than said above. */
function refused(nodes: Partial<typeof NODES>, states: readonly NodeState[], flow: FlowOptions = {}) {
  const plain = makePlan();
  const { scenario } = plain;
  const topology = { ...scenario.topology, nodes: Object.values({ ...NODES, ...nodes }) };
  const plan = { ...plain, scenario: { ...scenario, topology } };
  const request = makeIp(ETH1, CLIENT, echo(8));
  const recording = new Recording()
    .packet('server:eth1 isp2:lan', request)
    .packet('isp2:lan server:eth1', makeIp('198.51.100.1', ETH1, icmpError(request, 3, 0)));
  const options = { from: 'server', to: 'client:eth0', address: CLIENT, answeredBy: 'client', ...flow };
  const [journey] = judgeStep(plan, recording.observe(makeFlow(options)));
  return journey === undefined ? null : diagnose(evidenceOf(journey, ...states), plan, []);
}

const ISP2: NodeState = {
  ...stateOf(KERNEL_RULES, []),
  node: 'isp2',
  routes: [route('198.51.100.0/24 dev lan'), route('100.64.2.0/24 dev up')],
  addresses: [held('up', '100.64.2.2'), held('lan', '198.51.100.1')],
  devices: [device('up'), device('lan')],
  sysctls: new Map([FORWARDS]),
};

const BY_ETH1 = route('default via 198.51.100.1 dev eth1');
const withRoutes = (...routes: readonly Route[]) => stateOf(KERNEL_RULES, routes);

function typed(cause: ReturnType<typeof refused>): readonly string[] {
  return (cause?.repair?.deeds ?? []).flatMap((deed) =>
    'apply' in deed
      ? deed.apply.items.flatMap((item) =>
          item.kind === 'ip' ? item.commands.map(({ text }) => `${deed.apply.node}: ${text}`) : [],
        )
      : [],
  );
}

t.test('the user who has another way is blamed with the router that has no route', async (t) => {
  const cause = refused({}, [withRoutes(BY_ETH1), ISP2]);
  t.match(cause, {
    code: 'no-route',
    text: /^isp2 has no route for .*; server sent it that way by rule 32766 → main → default via 198\.51\.100\.1 dev eth1, and has one by eth0, too$/,
    repair: { text: 'have server send it via 192.0.2.1 dev eth0', isAdvice: true },
  });
  t.strictSame(typed(cause), [`server: route add ${CLIENT} via 192.0.2.1 dev eth0`]);
  t.test('of routes that are alike the one by which it went is named', async (t) => {
    const alike = withRoutes(route('default via 192.0.2.1 dev eth0'), BY_ETH1);
    t.match(refused({}, [alike, ISP2]), { text: /main → default via 198\.51\.100\.1 dev eth1, and has one/ });
  });
  t.test('a route to that address is replaced', async (t) => {
    const own = withRoutes(route(`${CLIENT}/32 via 198.51.100.1 dev eth1`));
    t.strictSame(typed(refused({}, [own, ISP2])), [`server: route replace ${CLIENT} via 192.0.2.1 dev eth0`]);
  });
  t.test('what comes after it gets the routes that it lacks', async (t) => {
    const cause = refused({ isp1: { ...NODES.isp1, routes: [] } }, [withRoutes(BY_ETH1), ISP2]);
    t.strictSame(typed(cause), [
      `server: route add ${CLIENT} via 192.0.2.1 dev eth0`,
      `isp1: route add ${CLIENT} via 100.64.1.1 dev up`,
    ]);
    t.match(cause, { repair: { isAdvice: false } });
  });
});

t.test('where nobody before it has another way the router is to have a route', async (t) => {
  const down = { ...device('eth0'), flags: [] };
  const one = stateOf(KERNEL_RULES, [BY_ETH1], { devices: [down, device('eth1')] });
  for (const [nodes, states] of [
    [{}, [one, ISP2]],
    [{ isp1: { ...NODES.isp1, sysctls: [] } }, [withRoutes(BY_ETH1), ISP2]],
  ] as const) {
    const cause = refused(nodes, states);
    t.notMatch(cause, { text: /sent it that way/ });
    t.match(cause, { repair: { text: `add a route to ${CLIENT}`, isAdvice: false } });
    t.strictSame(typed(cause), [`isp2: route add ${CLIENT} via 100.64.2.1 dev up`]);
  }
});

t.test('where no link leads to it from anywhere there is nothing to repair', async (t) => {
  const internet = { ...NODES.internet, sysctls: [] };
  t.match(refused({ internet }, [withRoutes(BY_ETH1), ISP2]), { code: 'no-route', repair: null });
});

t.test('what is bound to a device does not go by another', async (t) => {
  const cause = refused({}, [withRoutes(BY_ETH1), ISP2], { probe: { bindDevice: 'eth1' } });
  t.strictSame(typed(cause), [`isp2: route add ${CLIENT} via 100.64.2.1 dev up`]);
});

t.test('a gateway of another network is said to be on the link of the one that came by it', async (t) => {
  const plain = makePlan();
  const { scenario } = plain;
  const isp2 = node('isp2', { lan: '192.0.2.1', up: '100.64.2.2' });
  const topology = { ...scenario.topology, nodes: Object.values({ ...NODES, isp2 }) };
  const plan = { ...plain, scenario: { ...scenario, topology } };
  const [journey] = judgeStep(plan, new Recording().ping(VIA_ISP2, back(VIA_ISP1)).observe(makeFlow()));
  const state = withRoutes(route('default via 192.0.2.1 dev eth0'));
  const cause = journey === undefined ? null : diagnose(evidenceOf(journey, state), plan, []);
  t.equal(cause?.code, 'no-source-rule');
  t.strictSame(typed(cause), [
    'server: route add 198.51.100.0/24 dev eth1 table 1001',
    'server: route add default via 192.0.2.1 dev eth1 onlink table 1001',
    'server: rule add from 198.51.100.10 table 1001',
  ]);
});
