import t from 'tap';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { judgeStep } from '../../src/judge/judge.js';
import type { NodeState } from '../../src/model/evidence.js';
import type { StreamResult, StreamWay } from '../../src/model/flow-result.js';
import type { CommandReport } from '../../src/model/result.js';
import {
  back,
  CLIENT,
  ETH0,
  ETH1,
  echo,
  type FlowOptions,
  icmpError,
  makeFlow,
  makeIp,
  makePlan,
  Recording,
  SYN,
  udp,
  VIA_ISP1,
  VIA_ISP2,
} from '../judge/recording.js';
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
const REQUEST = makeIp(CLIENT, ETH1, echo(8));

function journeyOf(recording: Recording, options: FlowOptions = {}) {
  const [journey] = judgeStep(PLAN, recording.observe(makeFlow(options)));
  if (journey === undefined) throw new Error('no journey');
  return journey;
}

function causeOf(
  journey: ReturnType<typeof journeyOf>,
  state: NodeState,
  commands: readonly CommandReport[] = [],
) {
  return diagnose(evidenceOf(journey, state), PLAN, commands);
}

const TO_CLIENT: FlowOptions = {
  ...{ from: 'server', to: 'client:eth0', address: CLIENT, answeredBy: 'client', at: 'server' },
};

t.test('a gateway that is an address of the node itself', async (t) => {
  const asked = new Recording().packet(VIA_ISP2, REQUEST).arpRequest('server:eth1', ETH1, CLIENT);
  const rules = rulesWith(rule(100, 'from 198.51.100.10 lookup 1', { from: '198.51.100.10/32' }));
  const wrong = route(`default via ${ETH1} dev eth1`, '1');
  t.match(causeOf(journeyOf(asked), stateOf(rules, [BY_ETH0, wrong])), {
    code: 'neighbour-unresolved',
    text: /address of 203\.0\.113\.9 \(rule 100 → 1 → default via 198\.51\.100\.10 dev eth1\)/,
  });
  const another = route('default via 198.51.100.1 dev eth1', '1');
  t.not(
    causeOf(journeyOf(asked), stateOf(rules, [BY_ETH0, another]))?.code,
    'neighbour-unresolved',
    'with a gateway of the link nobody would ask for the client',
  );
});

t.test('of two look-ups by one device, the one that has the neighbour asked for', async (t) => {
  const quoted = makeIp(ETH0, CLIENT, SYN);
  const asked = new Recording()
    .arpRequest('server:eth0', ETH0, CLIENT)
    .packet('server:lo server:lo', makeIp(ETH0, ETH0, icmpError(quoted)));
  const rules = rulesWith(rule(100, 'from 192.0.2.10 lookup 1', { from: '192.0.2.10/32' }));
  const state = stateOf(rules, [BY_ETH0, route('203.0.113.0/24 dev eth0', '1')]);
  const journey = journeyOf(asked, { ...TO_CLIENT, probe: { protocol: 'tcp' } });
  t.match(causeOf(journey, state), {
    code: 'neighbour-unresolved',
    text: /\(rule 100 → 1 → 203\.0\.113\.0\/24 dev eth0\)/,
    repair: { text: 'make 192.0.2.1 the gateway' },
  });
});

const BOTH = route('default via 192.0.2.1 dev eth0 via 198.51.100.1 dev eth1');
const PULLED = { ...device('eth1'), flags: ['UP', 'NO-CARRIER'] };
const UNPLUG: CommandReport = {
  ...{ node: 'server', line: 1, text: 'unplug server:eth1', exit: 0, message: '', unexpected: false },
};

t.test(
  'of several next hops the one without a carrier, as the source of what was refused says',
  async (t) => {
    const refused = (source: string) => {
      const recording = new Recording();
      const quoted = makeIp(source, CLIENT, echo(8));
      return recording.packet('server:lo server:lo', makeIp(source, source, icmpError(quoted)));
    };
    const state = stateOf(KERNEL_RULES, [BOTH], { devices: [device('eth0'), PULLED] });
    const cause = causeOf(journeyOf(refused(ETH1), TO_CLIENT), state, [UNPLUG]);
    t.match(cause, { code: 'link-down', text: 'server:eth1 was unplugged' });
    t.match(cause?.repair?.deeds, [
      { event: { kind: 'plug', endpoint: { node: 'server', interface: 'eth1' } } },
    ]);
    const other = causeOf(journeyOf(refused(ETH0), TO_CLIENT), state, [UNPLUG]);
    t.not(other?.code, 'link-down', 'what had the source of eth0 went by eth0');
  },
);

t.test('of several next hops the right one is chosen by what is known when it is chosen', async (t) => {
  const state = stateOf(KERNEL_RULES, [BOTH]);
  const lost = new Recording().packet('server:eth0 isp1:lan', makeIp(ETH1, CLIENT, echo(8)));
  const open = causeOf(journeyOf(lost, TO_CLIENT), state);
  t.match(open, {
    code: 'multipath-choice',
    text: /^server chose eth0 among the next hops of rule 32766 → main → default via 192\.0\.2\.1 dev eth0 or via 198\.51/,
    repair: { text: 'send what is for 203.0.113.9 by eth1', isAdvice: true },
  });
  t.strictSame(typedIn(open), ['route add 203.0.113.9 via 198.51.100.1 dev eth1 table main']);
  const bySource = [
    'route add 198.51.100.0/24 dev eth1 table 1001',
    'route add default via 198.51.100.1 dev eth1 table 1001',
    'rule add from 198.51.100.10 table 1001',
  ];
  const bound = causeOf(journeyOf(lost, { ...TO_CLIENT, probe: { bindAddress: ETH1 } }), state);
  t.equal(bound?.code, 'multipath-choice');
  t.strictSame(typedIn(bound), bySource, 'what is bound has its source');
  const astray = new Recording()
    .packet(VIA_ISP2, makeIp(CLIENT, ETH1, udp('q')))
    .packet(back(VIA_ISP1), makeIp(ETH1, CLIENT, udp('r')));
  const answer = causeOf(journeyOf(astray, { probe: { protocol: 'udp' } }), state);
  t.match(answer, { code: 'multipath-choice', repair: { probe: { responder: 'pktinfo' } } });
  t.strictSame(typedIn(answer), bySource, 'an answer gets its source from the program');
});

function streamBy(...devices: readonly string[]): StreamResult {
  const passage = (out: string | null) => ({ in: null, out, nexthop: null });
  const ways = devices.map((out, i): StreamWay => {
    const times = { beginMs: 100 * i, endMs: 100 * i + 90, packets: 5, crossing: 0 };
    return { ...times, verdict: 'symmetric', request: passage(out), reply: passage(null) };
  });
  const sent = 5 * devices.length;
  return {
    ...{ intervalMs: 20, sent, received: sent, lost: 0, longestBlackoutMs: 0, blackouts: [], ways },
    connection: null,
  };
}

t.test('a stream that is answered now by one next hop and now by the other', async (t) => {
  const journey = journeyOf(
    new Recording().packet('server:eth0 isp1:lan', makeIp(ETH0, CLIENT, echo(8))),
    TO_CLIENT,
  );
  const causeWith = (stream: StreamResult, ...routes: Parameters<typeof stateOf>[1]) => {
    const result = { ...journey.result, verdict: 'mixed', lost: null, stream } as const;
    return causeOf({ ...journey, result }, stateOf(KERNEL_RULES, routes));
  };
  const alike = [BY_ETH0, route('default via 198.51.100.1 dev eth1')];
  const cause = causeWith(streamBy('eth0', 'eth1', 'eth0'), ...alike);
  t.match(cause, {
    code: 'multipath-choice',
    text: /^server sends what is for 203\.0\.113\.9 now by eth0, now by eth1, having via 192\.0\.2\.1 dev eth0 and via 198\.51\.100\.1 dev eth1 to choose from/,
    repair: { text: 'send what is for 203.0.113.9 by eth0' },
  });
  t.not(causeWith(streamBy('eth0'), ...alike)?.code, 'multipath-choice');
  const behind = route('default via 198.51.100.1 dev eth1', 'main', { metric: 10 });
  t.not(causeWith(streamBy('eth0', 'eth1', 'eth0'), BY_ETH0, behind)?.code, 'multipath-choice');
  const losing = { ...streamBy('eth0', 'eth1', 'eth0'), lost: 3 };
  t.not(causeWith(losing, ...alike)?.code, 'multipath-choice', 'what is lost has another cause');
});
