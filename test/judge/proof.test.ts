import fc from 'fast-check';
import t from 'tap';
import type { NodeCapture } from '../../src/model/observation.js';
import type { Expectation } from '../../src/model/scenario.js';
import { flowResults } from './flow-results.js';
import {
  ANSWER,
  BEGUN,
  back,
  CLIENT,
  DATA,
  ETH1,
  echo,
  makeFlow,
  makeIp,
  makePlan,
  NODES,
  Recording,
  SYN,
  SYN_ACK,
  VIA_ISP1,
  VIA_ISP2,
} from './recording.js';

const PLAN = makePlan();
const PING_TOKEN = 'fedcba9876543210';

t.test('incomplete captures make every flow inconclusive, and name the node', async (t) => {
  const recording = new Recording().ping(VIA_ISP2, back(VIA_ISP2));
  const judged = (captures: readonly NodeCapture[]) =>
    flowResults(PLAN, { begun: BEGUN, connections: [], flows: [makeFlow()], captures })[0];
  t.match(judged(recording.captures()), { verdict: 'symmetric', status: 'passed' });
  for (const [flaw, code, text] of [
    [{ liveBefore: false }, 'capture-late', /desk/],
    [{ alive: false }, 'capture-ended', /desk/],
    [{ dropped: 3 }, 'capture-dropped', /desk lost 3 packets/],
    [{ dropped: null }, 'capture-dropped', /did not say/],
    [{ sentinel: false }, 'sentinel-missing', /desk/],
  ] as const) {
    t.match(judged(recording.captures({ desk: flaw })), {
      verdict: 'inconclusive',
      status: 'failed',
      packets: [],
      cause: { code, text },
    });
  }
  const withoutWeb = recording.captures().filter(({ node }) => node !== 'web');
  t.match(judged(withoutWeb), { verdict: 'inconclusive', cause: { code: 'capture-late', text: /web/ } });
  const both = recording.captures({ web: { alive: false }, isp1: { sentinel: false } });
  t.match(
    judged(both),
    { cause: { code: 'sentinel-missing', text: /isp1/ } },
    'the first node of the plan is named',
  );

  const stray = new Recording().ping(VIA_ISP2, back(VIA_ISP2)).unmapped('isp1', makeIp(CLIENT, ETH1, null));
  t.match(judged(stray.captures()), { cause: { code: 'unmapped-interface', text: /isp1.* 99/ } });
  const noise = new Recording()
    .ping(VIA_ISP2, back(VIA_ISP2))
    .unmapped('isp1', makeIp('fe80::1', 'ff02::16', null));
  t.match(
    judged(noise.captures()),
    { verdict: 'symmetric' },
    'listener reports of a new interface are no traffic',
  );
  const moved = recording
    .captures()
    .map((capture) =>
      capture.node === 'web' ? { ...capture, frames: recording.captures()[0]?.frames ?? [] } : capture,
    );
  t.match(
    judged(moved),
    { cause: { code: 'unmapped-interface', text: /web/ } },
    "another node's number is not known here",
  );
  const hopeful = flowResults(PLAN, {
    begun: BEGUN,
    connections: [],
    flows: [makeFlow({ expected: { verdict: 'inconclusive' } })],
    captures: withoutWeb,
  });
  t.match(
    hopeful,
    [{ status: 'failed', differences: [/^verdict is inconclusive/] }],
    'inconclusive never passes',
  );
});

t.test('expectations are compared member by member', async (t) => {
  const recording = new Recording().ping(VIA_ISP2, back(VIA_ISP1));
  const differences = (expected: Partial<Expectation>) =>
    flowResults(PLAN, recording.observe(makeFlow({ expected })))[0]?.differences;
  t.same(differences({ verdict: 'asymmetric' }), []);
  t.same(
    differences({
      verdict: 'asymmetric',
      intended: true,
      request: { in: 'eth1' },
      reply: { out: 'eth0', nexthop: 'isp1:lan', source: ETH1 },
    }),
    [],
  );
  t.same(differences({}), ['verdict is asymmetric, expected symmetric']);
  t.same(
    differences({
      verdict: 'asymmetric',
      request: { in: 'eth0' },
      reply: { out: 'eth1', nexthop: 'isp2:lan' },
    }),
    [
      'request.in is eth1, expected eth0',
      'reply.out is eth0, expected eth1',
      'reply.nexthop is isp1:lan, expected isp2:lan',
    ],
  );
  t.same(differences({ verdict: 'asymmetric', request: { vlan: null }, reply: { vlan: 20 } }), [
    'reply.vlan is none, expected 20',
  ]);
  const passing = (...passes: string[]) => differences({ verdict: 'asymmetric', request: { passes } });
  t.same(passing('internet:isp2', 'isp2:lan', 'server:eth1'), []);
  t.same(passing('isp1:lan'), ['request does not pass isp1:lan']);
  t.same(passing('isp2:lan', 'internet:isp2'), ['request does not pass internet:isp2 after isp2:lan']);
  t.same(differences({ verdict: 'asymmetric', request: { out: 'eth0' } }), [
    'request.out is none, expected eth0',
  ]);
  t.same(differences({ verdict: 'asymmetric', reply: { source: CLIENT } }), [
    `reply.source is ${ETH1}, expected ${CLIENT}`,
  ]);
  t.match(differences({ verdict: 'asymmetric', sameNexthop: true }), [
    /^sameNexthop is false, expected true: .*isp2:lan.*isp1:lan/,
  ]);
  t.same(differences({ verdict: 'asymmetric', sameNexthop: false }), []);
  t.same(differences({ verdict: 'asymmetric', by: 'isp1', errno: 'EPERM', cause: 'tcp-reset' }), [
    'by is none, expected isp1',
    'errno is none, expected EPERM',
    'cause is none, expected tcp-reset',
  ]);
  t.match(
    differences({
      verdict: 'asymmetric',
      lost: { node: 'isp1', interface: 'lan', direction: 'in', reason: 'not-forwarded' },
    }),
    { length: 4 },
  );

  t.test('a next hop that stays unresolved', async (t) => {
    const expected = { verdict: 'no-reply', reply: { nexthop: null } } as const;
    const request = () => new Recording().packet(VIA_ISP2, makeIp(CLIENT, ETH1, echo(8)));
    const asked = request().arpRequest('server:eth1', ETH1, '198.51.100.1');
    const of = (each: Recording, wanted: Partial<Expectation> = expected) =>
      flowResults(PLAN, each.observe(makeFlow({ expected: wanted })))[0];
    t.match(of(asked), { status: 'passed', differences: [] });
    t.match(
      of(asked, {
        ...expected,
        lost: { node: 'server', interface: 'eth1', direction: 'out', reason: 'neighbour-unresolved' },
        cause: 'neighbour-unresolved',
      }),
      { status: 'passed' },
    );
    t.match(of(request()), { status: 'failed', differences: [/never|no address was asked/] });
    t.match(differences({ verdict: 'asymmetric', reply: { nexthop: null } }), [
      'reply.nexthop is isp1:lan, expected unresolved',
    ]);
  });

  t.test('an unknown next hop does not fail the shorthand', async (t) => {
    const lost = new Recording().ping(VIA_ISP2, 'server:eth1');
    const flow = makeFlow({ expected: { verdict: 'reply-lost', sameNexthop: true } });
    t.match(flowResults(PLAN, lost.observe(flow)), [{ sameNexthop: null, status: 'passed' }]);
  });
});

/** Every capture's own order stays; how they stand to each other, and what the clocks say, does not matter. */
t.test('verdicts hang neither on the order of the captures nor on small clock errors', async (t) => {
  const syn = makeIp(CLIENT, ETH1, SYN);
  const recording = new Recording()
    .packet(VIA_ISP2.split(' ').slice(0, 4).join(' '), syn)
    .packet(VIA_ISP2, syn)
    .packet(back(VIA_ISP1), makeIp(ETH1, CLIENT, SYN_ACK))
    .packet(VIA_ISP2, makeIp(CLIENT, ETH1, DATA))
    .packet(back(VIA_ISP1), makeIp(ETH1, CLIENT, ANSWER))
    .packet(VIA_ISP2, makeIp(CLIENT, ETH1, echo(8, 1, PING_TOKEN)))
    .packet(back(VIA_ISP2), makeIp(ETH1, CLIENT, echo(0, 1, PING_TOKEN)));
  const flows = [makeFlow({ probe: { protocol: 'tcp' } }), makeFlow({ token: PING_TOKEN })];
  const captures = recording.captures();
  const wanted = flowResults(PLAN, { begun: BEGUN, connections: [], flows, captures });
  t.same(
    wanted.map(({ verdict }) => verdict),
    ['asymmetric', 'symmetric'],
  );
  const skews = fc.array(fc.bigInt({ min: -50_000n, max: 50_000n }), {
    minLength: NODES.length,
    maxLength: NODES.length,
  });
  const orders = fc.shuffledSubarray([...captures.keys()], { minLength: captures.length });
  fc.assert(
    fc.property(orders, skews, (order, skew) => {
      const skewed = captures.map((capture, i) => ({
        ...capture,
        frames: capture.frames.map((frame) => ({ ...frame, time: frame.time + (skew[i] ?? 0n) })),
      }));
      const shuffled = order.flatMap((i) => skewed[i] ?? []);
      t.same(flowResults(PLAN, { begun: BEGUN, connections: [], flows, captures: shuffled }), wanted);
    }),
    { numRuns: 60 },
  );
});
