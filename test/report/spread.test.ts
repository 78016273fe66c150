import t from 'tap';
import type { FlowResult } from '../../src/model/flow-result.js';
import type { Spread } from '../../src/model/spread.js';
import { FlowLayout } from '../../src/report/flow-layout.js';
import { plain } from '../../src/report/text/line.js';
import { flowLines } from '../../src/report/text/scenario.js';
import { symmetric } from './events.js';

const nowhere = { in: null, out: null, nexthop: null };

const spread: Spread = {
  seed: 7,
  tuples: 200,
  by: [
    {
      request: { ...nowhere, in: 'eth1' },
      reply: { ...nowhere, out: 'eth1', nexthop: 'isp2:lan' },
      verdict: 'symmetric',
      tuples: 190,
    },
    {
      request: { ...nowhere, in: 'eth1' },
      reply: { ...nowhere, out: 'eth0', nexthop: 'isp1:lan' },
      verdict: 'asymmetric',
      tuples: 9,
    },
    { request: { ...nowhere, in: 'eth1' }, reply: nowhere, verdict: 'no-reply', tuples: 1 },
  ],
  shares: [
    { value: 'eth0', tuples: 9, expected: 50, least: 22, most: 82 },
    { value: 'eth1', tuples: 190, expected: 150, least: 118, most: 178 },
  ],
  strayed: 2,
};

const failed: FlowResult = {
  ...symmetric,
  probe: 'udp/5000',
  verdict: 'mixed',
  status: 'failed',
  expected: {
    verdict: 'mixed',
    spread: { by: 'reply.out', share: { eth0: 1, eth1: 3 }, confidence: 0.999999, strayed: 0 },
    intended: false,
  },
  sent: 600,
  received: 599,
  spread,
  differences: [
    'reply.out is eth0 for 9 of 200 tuples, expected about 50 (22 to 82)',
    '2 of 200 tuples strayed, expected none',
  ],
};

function shown(flow: FlowResult, columns: number, detail: 'normal' | 'verbose' = 'normal'): string {
  const layout = new FlowLayout([flow], 0, columns);
  return flowLines(flow, layout, { columns, detail }, 'a.yaml').map(plain).join('\n');
}

t.test('a spread that is not as expected: counts, bounds, each way, and the seed', async (t) => {
  t.equal(
    shown(failed, 120),
    `✗ client → server:eth1  udp/5000  IPv4  200 tuples: in eth1; reply out eth1 ×190, eth0 ×9  mixed \n` +
      `  ✗ reply.out is eth0 for 9 of 200 tuples, expected about 50 (22 to 82)
  ✗ 2 of 200 tuples strayed, expected none
    spread    190 symmetric: request in eth1, reply out eth1 (via isp2:lan)
    spread    9 asymmetric: request in eth1, reply out eth0 (via isp1:lan)
    spread    1 no-reply: request in eth1
    strayed   2, of which packets went different ways
    seed      7 (--seed 7 draws the same source ports)
    request   client:eth0 → internet:client›isp2 → isp2:wan›lan → server:eth1
    reply     server:eth1 → isp2:lan›wan → internet:isp2›client → client:eth0
    counts    600 sent, 599 answered
    written   a.yaml:7`,
  );
});

t.test('nothing is wider than a narrow terminal', async (t) => {
  const lines = shown(failed, 60).split('\n');
  for (const text of lines.slice(1)) t.ok(text.length <= 60, text);
});

t.test('one that passed says its ways in its line', async (t) => {
  const passed: FlowResult = { ...failed, status: 'passed', differences: [] };
  t.match(shown(passed, 120), '200 tuples: in eth1; reply out eth1 ×190, eth0 ×9  mixed');
  t.notMatch(shown(passed, 120), 'seed');
  t.match(shown(passed, 120, 'verbose'), 'seed      7');
});

t.test('of many ways the largest are told one by one', async (t) => {
  const [part] = spread.by;
  if (part === undefined) throw new Error('no part');
  const by = Array.from({ length: 12 }, (_, i) => ({
    ...part,
    reply: { ...nowhere, out: `eth${i}` },
    tuples: 12 - i,
  }));
  const text = shown({ ...failed, spread: { ...spread, by } }, 120);
  t.equal(text.match(/^ {4}spread /gm)?.length, 9);
  t.match(text, 'spread    10 in other ways');
});

t.test('what was tracked of a flow that failed: state, mark and translation', async (t) => {
  const original = {
    source: '203.0.113.9',
    destination: '198.51.100.10',
    sourcePort: 20_000,
    destinationPort: 80,
  };
  const turned = {
    source: '198.51.100.10',
    destination: '203.0.113.9',
    sourcePort: 80,
    destinationPort: 20_000,
  };
  const udp = { node: 'isp2', protocol: 'udp', state: 'ASSURED', mark: 0, id: null };
  const connections = [
    { ...udp, original, reply: turned },
    { ...udp, node: 'server', mark: 2, original, reply: { ...turned, source: '10.0.0.80' } },
    {
      ...{ node: 'server', protocol: 'icmpv6', state: 'UNREPLIED', mark: null, id: 7 },
      original: {
        source: '2001:db8::1',
        destination: '2001:db8::2',
        sourcePort: null,
        destinationPort: null,
      },
      reply: { source: '2001:db8::2', destination: '2001:db8::1', sourcePort: null, destinationPort: null },
    },
  ];
  const text = shown({ ...failed, connections }, 160);
  t.match(
    text,
    `    tracked   isp2: udp ASSURED, 203.0.113.9:20000 → 198.51.100.10:80
    tracked   server: udp ASSURED, mark 0x2, 203.0.113.9:20000 → 198.51.100.10:80, answered 10.0.0.80:80 → 203.0.113.9:20000
    tracked   server: icmpv6 UNREPLIED, 2001:db8::1 → 2001:db8::2
`,
  );
  t.notMatch(shown({ ...failed, status: 'passed', connections }, 160), 'tracked');
});
