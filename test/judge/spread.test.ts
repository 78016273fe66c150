import t from 'tap';
import type { FlowResult } from '../../src/model/flow-result.js';
import type { ObservedFlow } from '../../src/model/observation.js';
import type { Expectation } from '../../src/model/scenario.js';
import type { ExpectedSpread } from '../../src/model/spread.js';
import { flowResults } from './flow-results.js';
import {
  back,
  CLIENT,
  ETH1,
  makeFlow,
  makeIp,
  makePlan,
  Recording,
  udp,
  VIA_ISP1,
  VIA_ISP2,
} from './recording.js';

/** Requests come by isp2; how each packet of each tuple is answered: by which way, or not at all. */
type Answers = readonly (readonly ('isp1' | 'isp2' | 'none')[])[];

const HOME = { isp1: back(VIA_ISP1), isp2: back(VIA_ISP2) };
const tokenOf = (index: number) => (index + 1).toString(16).padStart(16, '0');

function judge(answers: Answers, expected: Partial<Expectation> = {}): FlowResult {
  const { plan, sender } = makeFlow({ probe: { protocol: 'udp', count: answers[0]?.length ?? 1 }, expected });
  const flow = { ...plan.flow, tuples: { count: answers.length, seed: 7 } };
  const recording = new Recording();
  const observed = answers.map((ways, index): ObservedFlow => {
    const token = tokenOf(index);
    for (const [position, way] of ways.entries()) {
      recording.packet(VIA_ISP2, makeIp(CLIENT, ETH1, udp('q', position + 1, token)));
      if (way === 'none') continue;
      recording.packet(HOME[way], makeIp(ETH1, CLIENT, udp('r', position + 1, token)));
    }
    return { plan: { ...plan, flow, token, sourcePort: 40_000 + index }, sender };
  });
  const results = flowResults(makePlan(), recording.observe(...observed));
  t.equal(results.length, 1, 'the tuples of a flow are one flow');
  return results[0] as FlowResult;
}

function tuples(isp1: number, isp2: number): Answers {
  return [...Array(isp1).fill(['isp1', 'isp1']), ...Array(isp2).fill(['isp2', 'isp2'])];
}

const BY_REPLY: ExpectedSpread = {
  by: 'reply.out',
  share: { eth0: 1, eth1: 3 },
  confidence: 0.999999,
  strayed: 0,
};

t.test('tuples that agree have their verdict, and counts of all packets', async (t) => {
  const result = judge(tuples(0, 20));
  t.match(result, {
    verdict: 'symmetric',
    status: 'passed',
    sent: 40,
    received: 40,
    packets: [],
    spread: { seed: 7, tuples: 20, strayed: 0, shares: [] },
  });
  t.strictSame(result.spread?.by, [
    {
      request: { in: 'eth1', out: null, nexthop: null },
      reply: { in: null, out: 'eth1', nexthop: 'isp2:lan' },
      verdict: 'symmetric',
      tuples: 20,
    },
  ]);
});

t.test('tuples that do not are mixed, the largest part first', async (t) => {
  const result = judge(tuples(5, 15));
  t.match(result, {
    verdict: 'mixed',
    status: 'failed',
    differences: ['verdict is mixed (15 symmetric, 5 asymmetric), expected symmetric'],
  });
  t.match(result.spread?.by, [
    { verdict: 'symmetric', tuples: 15, reply: { out: 'eth1' } },
    { verdict: 'asymmetric', tuples: 5, reply: { out: 'eth0' } },
  ]);
  t.equal(result.reply.out, 'eth0', 'the path is of a tuple that is not as expected');
  t.match(judge(tuples(5, 15), { verdict: 'mixed' }), { status: 'passed', sameNexthop: false });
  const mixed = judge([...tuples(0, 15), ...tuples(5, 0)], { verdict: 'mixed' });
  t.equal(mixed.reply.out, 'eth0', 'and where that is expected, of one that went astray');
});

t.test('a share within its bounds, and beyond', async (t) => {
  const expected = { verdict: 'mixed', spread: BY_REPLY } as const;
  const fair = judge(tuples(25, 75), expected);
  t.match(fair, { status: 'passed', differences: [] });
  t.strictSame(fair.spread?.shares, [
    { value: 'eth0', tuples: 25, expected: 25, least: 6, most: 48 },
    { value: 'eth1', tuples: 75, expected: 75, least: 52, most: 94 },
  ]);
  t.equal(judge(tuples(6, 94), expected).status, 'passed');
  t.match(judge(tuples(5, 95), expected), {
    status: 'failed',
    differences: [
      'reply.out is eth0 for 5 of 100 tuples, expected about 25 (6 to 48)',
      'reply.out is eth1 for 95 of 100 tuples, expected about 75 (52 to 94)',
    ],
  });
});

t.test('a share of 0, and what no share names, demand none', async (t) => {
  const none = { ...BY_REPLY, share: { eth0: 0, eth1: 1 } };
  t.equal(judge(tuples(0, 20), { spread: none }).status, 'passed');
  for (const spread of [none, { ...BY_REPLY, share: { eth1: 1 } }]) {
    t.strictSame(judge(tuples(1, 19), { verdict: 'mixed', spread }).differences.toSorted(), [
      'reply.out is eth0 for 1 of 20 tuples, expected 0',
      'reply.out is eth1 for 19 of 20 tuples, expected 20',
    ]);
  }
});

t.test('all by one, whichever it is', async (t) => {
  const expect = (verdict: Expectation['verdict']): Partial<Expectation> => ({
    verdict,
    spread: { ...BY_REPLY, share: 'one' },
  });
  t.match(judge(tuples(20, 0), expect('asymmetric')), { status: 'passed', spread: { shares: [] } });
  t.match(judge(tuples(0, 20), expect('symmetric')), { status: 'passed' });
  t.strictSame(judge(tuples(1, 19), expect('mixed')).differences, [
    'reply.out is eth1 for 19 and eth0 for 1 of 20 tuples, expected one for all',
  ]);
});

t.test('by next hop, by verdict, and where there is none', async (t) => {
  const lost: Answers = [...tuples(0, 10), ...Array(10).fill(['none', 'none'])];
  const share = { by: 'verdict', share: { symmetric: 1, 'no-reply': 1 } } as const;
  t.equal(judge(lost, { verdict: 'mixed', spread: { ...BY_REPLY, ...share } }).status, 'passed');
  const nexthops = { by: 'reply.nexthop', share: { 'isp2:lan': 1, none: 1 } } as const;
  t.equal(judge(lost, { verdict: 'mixed', spread: { ...BY_REPLY, ...nexthops } }).status, 'passed');
  const all = { by: 'reply.nexthop', share: { 'isp2:lan': 1 } } as const;
  t.match(judge(lost, { verdict: 'mixed', spread: { ...BY_REPLY, ...all } }).differences, [
    'reply.nexthop is isp2:lan for 10 of 20 tuples, expected 20',
    'reply.nexthop is none for 10 of 20 tuples, expected 0',
  ]);
});

t.test('a tuple strays where its own packets part; one of which a packet is lost does not', async (t) => {
  const astray: Answers = [...tuples(0, 19), ['isp2', 'isp1']];
  t.match(judge(astray, { verdict: 'mixed' }), {
    status: 'failed',
    differences: ['1 of 20 tuples strayed, expected none'],
    spread: { strayed: 1 },
    packets: [{ verdict: 'symmetric' }, { verdict: 'asymmetric' }],
  });
  t.equal(
    judge(astray, { verdict: 'mixed', spread: { ...BY_REPLY, share: { eth1: 1 }, strayed: 1 } }).status,
    'passed',
  );
  const lossy: Answers = [...tuples(0, 19), ['isp2', 'none']];
  t.match(judge(lossy, { verdict: 'mixed' }), { status: 'passed', spread: { strayed: 0 } });
});

t.test('what else is expected holds for every tuple', async (t) => {
  const result = judge(tuples(2, 18), { verdict: 'mixed', reply: { out: 'eth1' } });
  t.strictSame(result.differences, ['2 of 20 tuples: reply.out is eth0, expected eth1']);
  t.equal(result.reply.out, 'eth0');
});

t.test('captures that are not complete prove nothing of any tuple', async (t) => {
  const { plan, sender } = makeFlow({ probe: { protocol: 'udp' } });
  const flow = { ...plan.flow, tuples: { count: 2, seed: 1 } };
  const flows = [0, 1].map((i): ObservedFlow => ({ plan: { ...plan, flow, token: tokenOf(i) }, sender }));
  const captures = new Recording().captures({ isp1: { dropped: 3 } });
  const [result] = flowResults(makePlan(), { ...new Recording().observe(...flows), captures });
  t.match(result, { verdict: 'inconclusive', status: 'failed', cause: { code: 'capture-dropped' } });
  t.equal(result?.differences.length, 1);
});
