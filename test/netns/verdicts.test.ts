import t from 'tap';
import { reportSchema } from '../../src/format/report.js';
import type { FlowResult } from '../../src/model/flow-result.js';
import { VERDICTS } from '../../src/model/verdict.js';
import { FOLDER, pathText, run, stepOf } from './command.js';

const { code, report, scenario } = await run([`${FOLDER}/verdicts`]);

/** The flows of a step that were asked so, in the order of the file. */
function flows(name: string, title: string, probe: string, to: string, family: 4 | 6 = 4): FlowResult[] {
  const found = stepOf(scenario(name), title).flows.filter(
    (flow) => flow.probe === probe && flow.to === to && flow.family === family,
  );
  if (found.length === 0) throw new Error(`no flow ${probe} to ${to} in ${name}, ${title}`);
  return found;
}

function flow(...args: Parameters<typeof flows>): FlowResult {
  return flows(...args)[0] as FlowResult;
}

t.test('a lab for each verdict, and a twin beside it that gives another', async (t) => {
  for (const { name, status, reason, steps } of report.scenarios) {
    const differences = steps.flatMap((step) =>
      step.flows.flatMap(({ from, to, probe, family, differences: each }) =>
        each.map((text) => `${step.title}: ${from} to ${to}, ${probe}, IPv${family}: ${text}`),
      ),
    );
    t.strictSame(
      { status, reason: reason?.text, differences },
      { status: 'passed', reason: undefined, differences: [] },
      name,
    );
  }
  t.equal(code, 0);
  const seen = new Set(
    report.scenarios.flatMap(({ steps }) =>
      steps.flatMap((step) => step.flows.map(({ verdict }) => verdict)),
    ),
  );
  t.strictSame(
    VERDICTS.filter((verdict) => !seen.has(verdict)),
    ['inconclusive'],
    'every other verdict is reached',
  );
  t.strictSame(reportSchema.safeParse(report).error?.issues, undefined, 'the report is as published');
});

t.test('paths, node by node', async (t) => {
  const there = 'client:eth0> >internet:edge internet:isp2> >isp2:wan isp2:lan> >server:eth1';
  const asymmetric = flow('roles', 'as found', 'ping', 'server:eth1');
  t.equal(pathText(asymmetric.request), there);
  t.equal(
    pathText(asymmetric.reply),
    'server:eth0> >isp1:lan isp1:wan> >internet:isp1 internet:edge> >client:eth0',
  );
  t.equal(
    pathText(flow('roles', 'with a table for eth1', 'ping', 'server:eth1', 6).reply),
    'server:eth1> >isp2:lan isp2:wan> >internet:isp2 internet:edge> >client:eth0',
  );
  const lost = flow('reply-lost', "a provider that knows its customers' addresses", 'ping', 'server:eth1', 6);
  t.equal(pathText(lost.request), there);
  t.equal(pathText(lost.reply), 'server:eth0> >isp1:lan');
  const refused = flow('refused', 'by the router', 'udp/2001', 'server:eth0');
  t.equal(pathText(refused.request), 'client:eth0> >router:left');
  t.equal(pathText(refused.reply), 'router:left> >client:eth0');
  const own = flow('refused', 'because a neighbour is silent', 'ping', '192.0.2.99');
  t.equal(pathText(own.request), '');
  t.equal(pathText(own.reply), 'client:lo> >client:lo');
  t.equal(pathText(flow('send-failed', 'a rule for everything', 'ping', 'server:eth0').request), '');
});

t.test('next hops and layer-2 addresses', async (t) => {
  // Numbers of the interfaces in the order of dual-isp's links: server:eth0 11, isp1:lan 12, server:eth1 13, isp2:lan 14.
  const asymmetric = flow('roles', 'as found', 'ping', 'server:eth1');
  t.match(asymmetric.request, { in: 'eth1', out: null, previousHop: 'isp2:lan', mac: '02:72:70:00:00:0e' });
  t.match(asymmetric.reply, { in: null, out: 'eth0', nexthop: 'isp1:lan', mac: '02:72:70:00:00:0c' });
  const other = flow(
    'segment',
    'the client comes by one gateway, the server answers by the other',
    'ping',
    'server:eth0',
  );
  t.match(other, { sameNexthop: false, request: { previousHop: 'gw2:lan' }, reply: { nexthop: 'gw1:lan' } });
  t.not(other.request.mac, other.reply.mac);
  const same = flow('segment', "the server answers by the client's gateway", 'ping', 'server:eth0');
  t.match(same, { sameNexthop: true, request: { previousHop: 'gw2:lan' }, reply: { nexthop: 'gw2:lan' } });
  t.equal(same.request.mac, same.reply.mac);
  for (const [family, address] of [
    [4, '198.51.100.99'],
    [6, '2001:db8:2::99'],
  ] as const) {
    t.match(flow('no-reply', 'the gateway is not there', 'ping', 'server:eth0', family).reply, {
      out: null,
      nexthop: null,
      unresolved: address,
      path: [],
      source: null,
      asAsked: null,
    });
  }
});

t.test('who refused, with what', async (t) => {
  const by = (title: string, probe: string, family: 4 | 6) => {
    const { by, refusal, verdict } = flow('refused', title, probe, 'server:eth0', family);
    return { by, refusal, verdict };
  };
  const icmp = (type: number, code: number) => ({ kind: 'icmp', type, code });
  const icmp6 = (type: number, code: number) => ({ kind: 'icmp6', type, code });
  const reset = { kind: 'tcp-reset', type: null, code: null };
  const nobody = 'by the server, where nobody listens';
  const table: readonly (readonly [title: string, probe: string, node: string, four: object, six: object])[] =
    [
      [nobody, 'tcp/23', 'server', reset, reset],
      [nobody, 'udp/54', 'server', icmp(3, 3), icmp6(1, 4)],
      ['by the router', 'udp/2001', 'router', icmp(3, 13), icmp6(1, 1)],
      ['by the router', 'tcp/2001', 'router', icmp(3, 13), icmp6(1, 1)],
      ['by the router', 'udp/2002', 'router', icmp(3, 0), icmp6(1, 0)],
      ['by the router', 'tcp/2004', 'router', reset, reset],
      ['by the router', 'udp/2005', 'router', icmp(3, 3), icmp6(1, 4)],
    ];
  for (const [title, probe, node, four, six] of table) {
    t.strictSame(by(title, probe, 4), { by: node, refusal: four, verdict: 'refused' }, `${probe}, IPv4`);
    t.strictSame(by(title, probe, 6), { by: node, refusal: six, verdict: 'refused' }, `${probe}, IPv6`);
  }
  const silent = 'because a neighbour is silent';
  t.match(flow('refused', silent, 'ping', '198.51.100.99'), { by: 'router', refusal: icmp(3, 1) });
  t.match(flow('refused', silent, 'udp/2007', '2001:db8:2::99', 6), { by: 'router', refusal: icmp6(1, 3) });
  t.match(flow('refused', silent, 'ping', '192.0.2.99'), { by: 'client', refusal: icmp(3, 1) });
});

t.test('sources, as sighted and as asked', async (t) => {
  const wildcard = flow('wrong-source', 'as found, by how the program is bound', 'udp/5001', 'server:eth1');
  t.match(wildcard.reply, { source: '192.0.2.10', asAsked: false });
  const bound = flow('wrong-source', 'as found, by how the program is bound', 'udp/5003', 'server:eth1');
  t.match(bound.reply, { source: '198.51.100.10', asAsked: true });
  const passed = flow('translation', 'the router passes port 80 on to the server', 'tcp/80', 'router:left');
  t.match(passed.reply, { source: '192.0.2.1', asAsked: true });
  t.strictSame(
    passed.reply.path.map(({ address }) => address),
    ['198.51.100.10', '198.51.100.10', '192.0.2.1', '192.0.2.1'],
    'translation shows along the path',
  );
  const masqueraded = flow(
    'translation',
    'the router passes port 80 on to the server',
    'ping',
    'client:eth0',
  );
  t.strictSame(
    masqueraded.request.path.map(({ address }) => address),
    ['198.51.100.10', '198.51.100.10', '192.0.2.1', '192.0.2.1'],
  );
});

t.test('counts', async (t) => {
  const title = 'the router copies what goes to one port';
  t.match(flow('duplicates', title, 'udp/5001', 'server:eth0'), { sent: 1, received: 1, duplicates: 2 });
  t.match(flow('duplicates', title, 'udp/5002', 'server:eth0'), { sent: 1, received: 1, duplicates: 0 });
  t.match(flow('request-lost', 'in the middle, by a rule or a filter', 'udp/3001', 'server:eth0'), {
    sent: 1,
    received: 0,
  });
  t.match(flow('send-failed', 'a rule for everything', 'ping', 'server:eth0'), {
    sent: 0,
    received: 0,
    errno: 'EACCES',
  });
});

t.test('mixed: each packet has its verdict', async (t) => {
  const step = 'every second reply is marked for the table of the second provider';
  for (const [variant, other, received] of [
    ['mixed [isp=open]', 'asymmetric', 4],
    ['mixed [isp=bcp38]', 'reply-lost', 2],
  ] as const) {
    for (const probe of ['ping', 'udp/5001']) {
      for (const family of [4, 6] as const) {
        const { packets, ...counts } = flow(variant, step, probe, 'server:eth1', family);
        t.match(counts, { sent: 4, received });
        t.strictSame(
          packets.map(({ sequence, verdict, reply }) => [sequence, verdict, reply.out]),
          [
            [1, other, 'eth0'],
            [2, 'symmetric', 'eth1'],
            [3, other, 'eth0'],
            [4, 'symmetric', 'eth1'],
          ],
          `${variant} ${probe} IPv${family}`,
        );
      }
    }
    t.strictSame(flow(variant, step, 'udp/5002', 'server:eth1').packets, [], 'none where they agree');
  }
  const connection = flow('mixed [isp=open]', step, 'tcp/22', 'server:eth1');
  t.strictSame(
    connection.packets.map(({ sequence, verdict }) => [sequence, verdict]),
    [
      [1, 'symmetric'],
      [2, 'asymmetric'],
      [3, 'asymmetric'],
      [4, 'asymmetric'],
    ],
    'the SYN-ACK is right, the data are not',
  );
  const stalled = flow('mixed [isp=bcp38]', step, 'tcp/22', 'server:eth1');
  t.strictSame(
    stalled.packets.map(({ verdict }) => verdict),
    ['symmetric', 'reply-lost'],
  );
  t.ok(stalled.duplicates > 0, 'what TCP sends again is counted');
});
