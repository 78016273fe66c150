import t from 'tap';
import type {
  ExplainedPassage,
  Explanation,
  ExplanationReport,
  Suggestion,
} from '../../src/model/explanation.js';
import type { FlowResult } from '../../src/model/flow-result.js';
import { explanationLines } from '../../src/report/text/explanation.js';
import { numberedFlows } from '../../src/report/text/flow-number.js';
import { plain } from '../../src/report/text/line.js';
import { suggestionDetail } from '../../src/report/text/suggestion.js';
import * as events from './events.js';

const { failed, environment } = events;
const [, , lostReply] = failed.steps[0]?.flows ?? [];
if (lostReply === undefined) throw new Error('three flows');

/** `client>eth0`, `internet client>isp2`, `server eth1`: in, the node and out. */
function passage(
  leg: ExplainedPassage['leg'],
  text: string,
  decision: ExplainedPassage['decision'],
  more: Partial<ExplainedPassage> = {},
): ExplainedPassage {
  const [, node = '', into, out] = /^(\w+)(?: (\w+))?(?:>(\w+))?$/.exec(text) ?? [];
  const [source, destination] =
    leg === 'request' ? ['203.0.113.9', '198.51.100.10'] : ['198.51.100.10', '203.0.113.9'];
  return {
    ...{
      leg,
      node,
      in: into ?? null,
      out: out ?? null,
      nexthop: out === undefined ? null : 'somewhere:eth0',
    },
    end: into === undefined ? 'sent' : out === undefined ? 'delivered' : 'forwarded',
    packet: {
      ...{ family: 4, source, destination, protocol: 17, isRefusal: false },
      ...{ sourcePort: 20000, destinationPort: 53 },
    },
    decision,
    ...more,
  };
}

const MAIN = { rule: 32766, table: 'main', route: 'default via 192.0.2.1 dev eth0' };

const REQUEST = [
  passage('request', 'client>eth0', MAIN),
  passage('request', 'internet client>isp2', MAIN),
  passage('request', 'isp2 wan>lan', { rule: 100, table: 'customers', route: '198.51.100.0/24 dev lan' }),
  passage('request', 'server eth1', { rule: 0, table: 'local', route: 'local 198.51.100.10 dev eth1' }),
];

const explanation: Explanation = {
  passages: [
    ...REQUEST,
    passage('reply', 'server>eth0', MAIN),
    passage('reply', 'isp1 lan', { rule: 11, table: null, route: 'blackhole' }, { end: 'stopped' }),
  ],
  nodes: [
    {
      node: 'server',
      rules: ['0:\tfrom all lookup local', '32766:\tfrom all lookup main'],
      counters: { IpOutRequests: 1 },
      neighbours: [{ device: 'eth0', address: '192.0.2.1', mac: '02:00:00:00:00:01', state: 'REACHABLE' }],
    },
  ],
  lookUps: [
    {
      ...{ node: 'server', leg: 'reply', purpose: 'way', mark: 0 },
      command: 'ip -4 route get 203.0.113.9 from 198.51.100.10',
      answer: {
        ...{ kind: 'route', table: 'main', type: 'unicast' },
        ...{ device: 'eth0', gateway: '192.0.2.1', source: null },
      },
    },
  ],
  marks: [{ node: 'server', stages: ['0x2 set in prerouting', 'not restored on the reply'] }],
  repeat: null,
  disagreements: [],
  missing: ['without root: no trace events'],
};

const SUGGESTION: Suggestion = {
  text: 'add a rule for 198.51.100.10',
  commands: [
    { node: 'server', text: 'ip route add default via 198.51.100.1 dev eth1 table 1001' },
    { node: 'server', text: 'ip rule add from 198.51.100.10 table 1001' },
  ],
  verdict: 'symmetric',
  remaining: [],
  changes: [
    { flow: 'client → server:eth0 ping IPv4', from: 'symmetric', to: 'no-reply' },
    { flow: 'client → server:eth1 tcp/22 IPv4', from: 'reply-lost', to: 'symmetric' },
    { flow: 'client → server:eth1 udp/53 IPv4', from: 'reply-lost', to: 'symmetric' },
  ],
};

const flow: FlowResult = {
  ...lostReply,
  cause: {
    code: 'neighbour-unresolved',
    text: 'no rule selects the source 198.51.100.10, so that rule 32766 decided, and isp1 filters it',
    evidence: ['the first', 'the second', 'the third'],
  },
  suggestion: SUGGESTION,
  explanation,
};

function reportOf(changed: Partial<FlowResult>, number: number | null = 3): ExplanationReport {
  const { steps, diagnostics: _, ...scenario } = failed;
  const told = number === null ? null : { ...flow, ...changed };
  return { version: 1, environment, scenario, flows: numberedFlows({ steps }), number, flow: told };
}

function explained(changed: Partial<FlowResult>, number: number | null, columns: number, verbose = false) {
  return explanationLines(reportOf(changed, number), { columns, verbose })
    .map((line) => `${plain(line).trimEnd()}\n`)
    .join('');
}

t.test('request and reply beside each other on 80 columns', async (t) => {
  t.equal(
    explained({}, 3, 80),
    `✗ recipes/a1-rt2 [isp=bcp38 family=4]  flow 3 of 3  · as found
✗ client → server:eth1  udp/53  IPv4  reply-lost at isp1:lan
  expected symmetric
  cause    no rule selects the source 198.51.100.10, so that rule 32766 decided,
           and isp1 filters it (neighbour-unresolved)
            request ↓                        reply ↑
  client    by main, out eth0
  internet  in client, by main, out isp2
  isp2      in wan, by rule 100 → customers
            → 198.51.100.0/24, out lan
  isp1                                       in lan, by rule 11 → blackhole
                                             ✗ went no further
  server    in eth1, for itself              by rule 32766 → main → default,
                                             out eth0
                                             ✗ the request came in by eth1
  mark     server: 0x2 set in prerouting · not restored on the reply
  try      on server, add a rule for 198.51.100.10 (tried: symmetric):
             ip route add default via 198.51.100.1 dev eth1 table 1001
             ip rule add from 198.51.100.10 table 1001
           it breaks: client → server:eth0 ping IPv4, then no-reply
           it also changes 2 other flows: reply-lost → symmetric
  missing  without root: no trace events
  more     with --verbose: evidence, look-ups, rule lists, counters, traces
`,
  );
});

t.test('on one screen: what matters least is left out first', async (t) => {
  const brief = (changed: Partial<FlowResult>) => explained({ ...flow, ...changed }, 3, 80);
  const passages = explanation.passages.filter(({ node }) => node !== 'isp2');
  const short = { ...explanation, passages, marks: [], missing: [] };
  const airy = brief({ explanation: short, suggestion: null });
  t.match(airy, '\n\n  rests on packets, rules and routes of 1 node, 1 look-up\n');
  const [command] = SUGGESTION.commands;
  const suggestion: Suggestion = { ...SUGGESTION, commands: Array(12).fill(command) };
  const many = brief({ suggestion });
  t.match(many, '\n             12 lines to paste, with --verbose\n');
  t.notMatch(many, /ip route add/);
  t.match(explained({ suggestion }, 3, 80, true), /ip route add/);
  for (const text of [airy, many, brief({})]) t.ok(text.split('\n').length <= 25, text);
});

t.test('a suggestion that does not mend all', async (t) => {
  const suggestion: Suggestion = {
    ...SUGGESTION,
    ...{ verdict: 'asymmetric', remaining: ['verdict is asymmetric, expected symmetric'], changes: [] },
  };
  const text = explained({ suggestion }, 3, 80);
  t.match(text, 'add a rule for 198.51.100.10 (tried: asymmetric):\n');
  t.match(text, '\n           not yet as expected: verdict is asymmetric, expected symmetric\n');
  t.match(
    suggestionDetail(suggestion).pieces.map(plain).join(' '),
    /\(tried: asymmetric, not yet as expected\)$/,
  );
});

t.test('a packet that goes round and round is told of once', async (t) => {
  const round = [
    passage('request', 'internet client>isp2', MAIN),
    passage('request', 'isp2 wan>wan', MAIN),
    passage('request', 'internet isp2>isp2', MAIN),
  ];
  const again = Array.from({ length: 20 }, () => round.slice(1)).flat();
  const last = passage('request', 'isp2 wan', MAIN, { end: 'stopped' });
  const passages = [passage('request', 'client>eth0', MAIN), ...round, ...again, last];
  const text = (verbose: boolean) => explained({ explanation: { ...explanation, passages } }, 3, 80, verbose);
  t.match(
    text(false),
    /internet {2}in isp2, by main, out isp2\n +… and round again: 40 more\n {2}isp2 +in wan,/,
  );
  t.equal(text(true).match(/in isp2, /g)?.length, 21);
});

t.test('below each other, in order of time, on 60 columns', async (t) => {
  const text = explained({}, 3, 60);
  t.match(
    text,
    `
  request  203.0.113.9 → 198.51.100.10
  client    by main, out eth0
  internet  in client, by main, out isp2
  isp2      in wan, by rule 100 → customers
            → 198.51.100.0/24, out lan
  server    in eth1, for itself
  reply  198.51.100.10 → 203.0.113.9
  server    by rule 32766 → main → default, out eth0
            ✗ the request came in by eth1
  isp1      in lan, by rule 11 → blackhole
            ✗ went no further
`,
  );
  t.strictSame(
    text.split('\n').filter((line) => line.length > 60),
    [],
  );
});

t.test('verbose: what decided everywhere, and all that was gathered', async (t) => {
  const text = explained({}, 3, 120, true);
  t.match(text, 'the third');
  t.match(text, /client {4}by rule 32766 → main → default via 192\.0\.2\.1\n {12}dev eth0, out eth0\n/);
  t.match(text, '\n  look-ups\n    server# ip -4 route get 203.0.113.9 from 198.51.100.10 (reply)\n');
  t.match(text, '\n      via 192.0.2.1 dev eth0 (table main)\n');
  t.match(text, '\n  server, rules\n  → 0: from all lookup local\n  → 32766: from all lookup main\n');
  t.match(text, '\n  server, counters of the step\n    IpOutRequests +1\n');
  t.match(text, '\n  server, neighbours\n    192.0.2.1 dev eth0 lladdr 02:00:00:00:00:01 REACHABLE\n');
  t.notMatch(text, 'next ');
});

t.test('what a repeat showed', async (t) => {
  const repeat: Explanation['repeat'] = {
    verdict: 'no-reply',
    drops: [
      {
        node: 'server',
        leg: 'request',
        interface: 'eth1',
        ...{ reason: 'IP_RPFILTER', location: 'ip_rcv_finish_core', afterUs: 12 },
      },
    ],
    fibLookUps: [],
    marks: [{ node: 'server', leg: 'request', hook: 'prerouting', mark: 2, rule: 'meta mark set 2' }],
    counters: { server: { TcpExtIPReversePathFilter: 1 } },
  };
  const again = { ...explanation, repeat, disagreements: ['repeated alone, the flow was no-reply'] };
  const text = explained({ explanation: again }, 3, 120, true);
  t.match(text, 'doubt    repeated alone, the flow was no-reply\n');
  t.match(
    text,
    'server (request) eth1: IP_RPFILTER in ip_rcv_finish_core, 12 µs after it was sighted last\n',
  );
  t.match(text, 'server (request) prerouting: 0x2 by meta mark set 2\n');
  t.match(text, 'server, counters of this flow alone\n    TcpExtIPReversePathFilter +1\n');
});

t.test('where the packets are at fault', async (t) => {
  const noted = (passages: readonly ExplainedPassage[], changed: Partial<FlowResult>) =>
    explained({ ...changed, explanation: { ...explanation, passages } }, 3, 80);
  const none = { ...passage('reply', 'server', MAIN), end: 'missing' } as const;
  t.match(noted([...REQUEST, none], {}), /✗ no reply left\n.* by rule 32766 → main → default\n/);

  const back = [
    passage('reply', 'server>eth1', MAIN),
    passage('reply', 'client eth0', null, { end: 'delivered' }),
  ];
  const other = { verdict: 'wrong-source', lost: null } as const;
  const wrong = noted([...REQUEST, ...back], { ...other, reply: { ...flow.reply, source: '192.0.2.10' } });
  t.match(wrong, '✗ from 192.0.2.10, not asked');
  t.notMatch(wrong, '✗ the request came in', 'it left by where the request came in');

  const refused = passage('request', 'isp2 wan', MAIN, { end: 'stopped' });
  t.match(noted([...REQUEST.slice(0, 2), refused], { by: 'isp2', lost: null }), '✗ refused here');

  const first = passage('request', 'client>eth0', MAIN, { nexthop: null });
  const onTheLink = { node: 'client', interface: 'eth0', direction: 'out', reason: 'on-the-link' } as const;
  t.match(noted([first], { lost: onTheLink }), '✗ lost on the link');

  const unled = { rule: null, table: null, route: null };
  const sender = { ...passage('request', 'client', unled), end: 'missing' } as const;
  t.match(noted([sender], { lost: null }), /✗ never left\n.*by no rule led to a route/);
});

t.test('where the packets part, by the role of the judged node', async (t) => {
  const two = (request: string, reply: string) =>
    explained(
      {
        ...{ at: 'router', verdict: 'asymmetric', lost: null },
        explanation: {
          ...explanation,
          passages: [passage('request', request, MAIN), passage('reply', reply, MAIN)],
        },
      },
      3,
      80,
    );
  const forwarder = { role: 'forwarder', request: { ...flow.request, in: 'lan', out: 'wan1' } } as const;
  const initiator = { role: 'initiator', request: { ...flow.request, in: null, out: 'wan1' } } as const;
  const part = (changed: Partial<FlowResult>, reply: string) => {
    const text = explained(
      {
        ...changed,
        ...{ at: 'router', verdict: 'asymmetric', lost: null },
        explanation: {
          ...explanation,
          passages: [passage('request', 'router lan>wan1', MAIN), passage('reply', reply, MAIN)],
        },
      },
      3,
      80,
    );
    return text.split('\n').filter((line) => line.includes('✗ the request'));
  };
  t.match(two('router eth1', 'router>eth0'), '✗ the request came in by eth1');
  t.match(part(forwarder, 'router wan2>lan')[0], '✗ the request left by wan1');
  t.match(part(initiator, 'router wan2')[0], '✗ the request left by wan1');
  t.strictSame(part(forwarder, 'router wan1>lan'), []);
});

t.test('address translation, at the node that does it', async (t) => {
  const inside = (leg: ExplainedPassage) => ({ ...leg, packet: { ...leg.packet, destination: '10.0.0.80' } });
  const [first, second] = REQUEST;
  if (first === undefined || second === undefined) throw new Error('two passages');
  const outside = { ...second, packet: { ...second.packet, source: '203.0.113.9' } };
  const next = passage('request', 'web eth0', null);
  const masqueraded = inside({ ...next, packet: { ...next.packet, source: '10.0.0.1' } });
  const passages = [first, inside(outside), masqueraded];
  const lines = explained({ explanation: { ...explanation, passages } }, 3, 80).split('\n');
  const at = lines.findIndex((line) => line.startsWith('  internet'));
  t.match(lines[at + 1], 'destination becomes 10.0.0.80');
  t.match(lines[at + 2], 'source becomes 10.0.0.1');
  t.equal(lines.filter((line) => line.includes('becomes')).length, 2, 'and nowhere else');
});

t.test('a flow without a cause', async (t) => {
  t.match(
    explained({ cause: null, suggestion: null }, 3, 80),
    'cause    none of the known causes explains it\n',
  );
  const good: Partial<FlowResult> = {
    cause: null,
    suggestion: null,
    lost: null,
    status: 'passed',
    verdict: 'symmetric',
  };
  const text = explained(good, 3, 80);
  t.match(text, '\n           the reply went the way that the request came\n');
  t.notMatch(text, 'expected symmetric');
});

t.test('which flows there are to choose from', async (t) => {
  t.equal(
    explained({}, null, 80),
    `✗ recipes/a1-rt2 [isp=bcp38 family=4]
  all 3 flows are as expected, and these are not symmetric:
  · as found
    2  client → server:eth1  ping    IPv4  asymmetric
    3  client → server:eth1  udp/53  IPv4  reply-lost

  next     replypath explain scenarios/a.yaml --grep '\\[isp=bcp38 family=4\\]' --flow 2
`,
  );
});

t.test('nothing that steers a terminal gets through', async (t) => {
  const cause = { code: 'late', text: 'a\u001b[2Kb', evidence: ['c\rd'] } as const;
  const text = explained({ cause }, 3, 80);
  t.notOk(text.includes('\u001b') || text.includes('\r'));
});
