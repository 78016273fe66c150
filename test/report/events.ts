import type { Diagnostic } from '../../src/model/diagnostic.js';
import type { DirectionReport, FlowResult, Hop, ReplyReport } from '../../src/model/flow-result.js';
import type {
  CommandReport,
  Environment,
  RunEvent,
  ScenarioResult,
  StepResult,
} from '../../src/model/result.js';

/** Results as the stages before would make them, for a network of the topology dual-isp. */

export const environment: Environment = {
  replypath: '0.1.0',
  node: '20.19.0',
  kernel: '6.18.0',
  rootless: false,
  tools: { iproute2: '6.1.0', tcpdump: '4.99.3' },
};

const CLIENT = '203.0.113.9';
const SERVER = '198.51.100.10';

/** `client:eth0> >internet:client` is out of the client's eth0, then into the interface client of internet. */
function path(text: string, address: string): readonly Hop[] {
  return text.split(' ').map((hop) => {
    const direction = hop.endsWith('>') ? 'out' : 'in';
    const [node = '', name = ''] = hop.replace('>', '').split(':');
    return { node, interface: name, direction, address };
  });
}

const REQUEST = path('client:eth0> >internet:client internet:isp2> >isp2:wan isp2:lan> >server:eth1', CLIENT);
const REPLY_BY_ETH0 = path(
  'server:eth0> >isp1:lan isp1:wan> >internet:isp1 internet:client> >client:eth0',
  SERVER,
);
const REPLY_BY_ETH1 = path(
  'server:eth1> >isp2:lan isp2:wan> >internet:isp2 internet:client> >client:eth0',
  SERVER,
);

const nowhere: DirectionReport = {
  in: null,
  out: null,
  nexthop: null,
  unresolved: null,
  previousHop: null,
  mac: null,
  vlan: null,
  path: [],
};

const noReply: ReplyReport = { ...nowhere, source: null, asAsked: null };

export const symmetric: FlowResult = {
  from: 'client',
  to: 'server:eth1',
  at: 'server',
  role: 'responder',
  probe: 'tcp/22',
  family: 4,
  line: 7,
  status: 'passed',
  expected: { verdict: 'symmetric', intended: false },
  verdict: 'symmetric',
  intended: false,
  sameNexthop: true,
  by: null,
  refusal: null,
  errno: null,
  packets: [],
  sent: 3,
  received: 3,
  duplicates: 0,
  request: { ...nowhere, in: 'eth1', previousHop: 'isp2:lan', mac: '02:00:00:00:00:21', path: REQUEST },
  reply: {
    ...noReply,
    out: 'eth1',
    nexthop: 'isp2:lan',
    mac: '02:00:00:00:00:21',
    source: SERVER,
    asAsked: true,
    path: REPLY_BY_ETH1,
  },
  lost: null,
  cause: null,
  differences: [],
};

const asymmetric: FlowResult = {
  ...symmetric,
  probe: 'ping',
  expected: { verdict: 'asymmetric', request: { in: 'eth1' }, reply: { out: 'eth0' }, intended: false },
  verdict: 'asymmetric',
  sameNexthop: false,
  reply: { ...symmetric.reply, out: 'eth0', nexthop: 'isp1:lan', path: REPLY_BY_ETH0 },
};

const wrongWay: FlowResult = {
  ...asymmetric,
  status: 'failed',
  expected: { verdict: 'symmetric', reply: { out: 'eth1', nexthop: 'isp2:lan' }, intended: false },
  differences: [
    'the verdict is asymmetric and not symmetric',
    'the reply left by eth0 and not by eth1',
    'the next hop of the reply is isp1:lan and not isp2:lan',
  ],
};

const replyLost: FlowResult = {
  ...wrongWay,
  probe: 'udp/53',
  expected: { verdict: 'symmetric', intended: false },
  verdict: 'reply-lost',
  sent: 5,
  received: 0,
  reply: { ...wrongWay.reply, path: path('server:eth0> >isp1:lan', SERVER) },
  lost: { node: 'isp1', interface: 'lan', direction: 'in', reason: 'not-forwarded' },
  differences: ['the verdict is reply-lost and not symmetric'],
};

export const refused: FlowResult = {
  ...symmetric,
  status: 'failed',
  probe: 'udp/53',
  verdict: 'refused',
  by: 'isp2',
  refusal: { kind: 'icmp', type: 3, code: 13 },
  received: 0,
  request: { ...nowhere, path: REQUEST.slice(0, 4) },
  reply: noReply,
  cause: {
    code: 'icmp-error',
    text: 'an ICMP error came back',
    evidence: ['isp2: 198.51.100.1 > 203.0.113.9'],
  },
  differences: ['the verdict is refused and not symmetric'],
};

const inconclusive: FlowResult = {
  ...symmetric,
  status: 'failed',
  verdict: 'inconclusive',
  sameNexthop: null,
  cause: {
    code: 'capture-dropped',
    text: 'the kernel dropped packets before the capture read them',
    evidence: [],
  },
  differences: ['the verdict is inconclusive and not symmetric'],
};

export const mixed: FlowResult = {
  ...symmetric,
  status: 'failed',
  verdict: 'mixed',
  received: 2,
  duplicates: 1,
  packets: [
    { sequence: 1, verdict: 'symmetric', request: symmetric.request, reply: symmetric.reply },
    { sequence: 2, verdict: 'symmetric', request: symmetric.request, reply: symmetric.reply },
    { sequence: 3, verdict: 'reply-lost', request: symmetric.request, reply: symmetric.reply },
  ],
  differences: ['the verdict is mixed and not symmetric'],
};

/** A router that forwards, judged with both pairs of interfaces; the request is translated on its way. */
export const forwarded: FlowResult = {
  ...symmetric,
  to: '203.0.113.9',
  from: 'inside',
  at: 'router',
  role: 'forwarder',
  request: {
    ...nowhere,
    in: 'lan',
    out: 'wan',
    nexthop: 'isp1:lan',
    path: [
      ...path('inside:eth0> >router:lan', '192.168.1.2'),
      ...path('router:wan> >isp1:lan isp1:wan>', '192.0.2.10'),
    ],
  },
  reply: {
    ...symmetric.reply,
    in: 'wan',
    out: 'lan',
    nexthop: 'inside:eth0',
    path: path('>router:wan router:lan> >router:lan router:wan>', CLIENT),
  },
};

export const initiated: FlowResult = {
  ...symmetric,
  from: 'server',
  to: 'client:eth0',
  at: 'server',
  role: 'initiator',
  request: { ...nowhere, out: 'eth1', unresolved: '198.51.100.1' },
  reply: noReply,
  verdict: 'request-lost',
  lost: { node: 'server', interface: 'eth1', direction: 'out', reason: 'neighbour-unresolved' },
};

export const failedCommand: CommandReport = {
  node: 'server',
  line: 3,
  text: 'ip route add default via 198.51.100.1 table rt2',
  exit: 2,
  message: 'RTNETLINK answers: Network is unreachable',
  unexpected: true,
};

export const diagnostic: Diagnostic = {
  code: 'unknown-node',
  message: 'the topology has no node servr',
  hint: 'Did you mean server?',
  place: {
    file: 'scenarios/bad.yaml',
    line: 7,
    column: 25,
    frame:
      '  6 |     flows:\n> 7 |       - { from: client, to: servr:eth1 }\n    |                         ^\n',
  },
};

export function step(
  title: string,
  flows: readonly FlowResult[],
  commands: readonly CommandReport[] = [],
  lab = 1,
): StepResult {
  return { title, flows, commands, lab };
}

export function result(fields: Partial<ScenarioResult> & { readonly name: string }): ScenarioResult {
  return {
    id: fields.name.replace(/ \[.*/, ''),
    file: 'scenarios/a.yaml',
    title: 'The reply to a ping on eth1 leaves by eth0',
    tags: [],
    ...{ attempts: 1, flaky: false, repetition: 1 },
    source: null,
    claim: null,
    finding: null,
    lesson: null,
    variant: {},
    status: 'passed',
    reason: null,
    diagnostics: [],
    startedAt: '2026-11-21T12:16:41.250Z',
    durationMs: 62,
    artifacts: null,
    steps: [],
    ...fields,
  };
}

export const passed = result({
  name: 'recipes/a1-rt2 [isp=open family=4]',
  variant: { isp: 'open', family: 4 },
  source: { document: 'linux-policy-routing', comment: null },
  claim: 'Replies leave by the default route.',
  finding: { status: 'confirmed', text: '' },
  lesson: 'A rule selects a table by the source address.',
  steps: [step('as found', [asymmetric]), step('with a table for eth1', [symmetric])],
});

export const failed = result({
  name: 'recipes/a1-rt2 [isp=bcp38 family=4]',
  status: 'failed',
  reason: { code: 'flow-not-as-expected', text: '2 flows are not as expected' },
  durationMs: 1049.6,
  artifacts: 'replypath-results/a1',
  steps: [step('as found', [symmetric, wrongWay, replyLost])],
});

export const doubtful = result({
  name: 'reports/b09',
  status: 'failed',
  reason: { code: 'flow-inconclusive', text: 'the captures do not prove what a flow did' },
  steps: [step('', [inconclusive])],
});

export const broken = result({
  name: 'recipes/a6-netware',
  status: 'errored',
  reason: { code: 'recipe-failed', text: 'a command failed on server: line 3, exit 2' },
  steps: [step('boot script', [], [failedCommand])],
});

export const invalid = result({
  name: 'bad',
  title: '',
  file: 'scenarios/bad.yaml',
  status: 'errored',
  reason: { code: 'scenario-invalid', text: 'the scenario is invalid' },
  diagnostics: [diagnostic],
  durationMs: 0,
});

export const skipped = result({
  name: 'recipes/a9-tun # 1 \\ 2',
  status: 'skipped',
  reason: { code: 'lab-not-built', text: 'this kernel has no tun device' },
  durationMs: 0,
});

/** Escape, carriage return and a right-to-left override: a title that would forge the line it is on. */
export const forged = result({
  name: 'forged\u001b[2K\rok 1 - forged',
  title: 'a\u001b]0;title\u0007b\u202ec\u009bd\nok 2 - e',
  status: 'failed',
  reason: { code: 'flow-not-as-expected', text: 'a flow is not as expected' },
  steps: [step('step \u001b[31m', [refused])],
});

/** The events of a run of these scenarios; `unrun` are announced and never end. */
export function eventsOf(
  results: readonly ScenarioResult[],
  unrun: readonly string[] = [],
): readonly RunEvent[] {
  const count = (status: string) => results.filter((item) => item.status === status).length;
  return [
    {
      type: 'run-started',
      version: 1,
      environment,
      scenarios: [...results.map(({ name }) => name), ...unrun],
    },
    ...results.flatMap((item): RunEvent[] => [
      { type: 'scenario-started', name: item.name },
      { type: 'scenario-ended', result: item },
    ]),
    {
      type: 'run-ended',
      summary: {
        passed: count('passed'),
        failed: count('failed'),
        errored: count('errored'),
        skipped: count('skipped'),
        flaky: results.filter(({ flaky }) => flaky).length,
        inconclusive: results.filter(({ reason }) => reason?.code === 'flow-inconclusive').length,
        durationMs: 1234,
      },
    },
  ];
}

const byEth0 = { in: null, out: 'eth0', nexthop: 'isp1:lan' };
const byEth1 = { in: null, out: 'eth1', nexthop: 'isp2:lan' };
const intoEth1 = { in: 'eth1', out: null, nexthop: null };

const streamed: FlowResult = {
  ...asymmetric,
  probe: 'udp/5000',
  expected: { verdict: 'mixed', intended: false },
  verdict: 'mixed',
  sent: 100,
  received: 88,
  stream: {
    intervalMs: 20,
    sent: 100,
    received: 88,
    lost: 12,
    longestBlackoutMs: 220.4,
    blackouts: [
      { beginMs: 502.1, durationMs: 220.4, lost: 11, recovered: true },
      { beginMs: 1980.2, durationMs: 20, lost: 1, recovered: false },
    ],
    ways: [
      {
        ...{ beginMs: 2.3, endMs: 482.5, packets: 25, crossing: 0 },
        ...{ verdict: 'asymmetric', request: intoEth1, reply: byEth0 },
      },
      {
        ...{ beginMs: 722.5, endMs: 1960.1, packets: 63, crossing: 1 },
        ...{ verdict: 'symmetric', request: intoEth1, reply: byEth1 },
      },
    ],
    connection: null,
  },
};

const connected: FlowResult = {
  ...streamed,
  status: 'failed',
  probe: 'tcp/22',
  expected: { verdict: 'mixed', stream: { connection: 'kept' }, intended: false },
  stream: {
    ...{ intervalMs: 20, sent: 27, received: 26, lost: 1, longestBlackoutMs: 1490, ways: [] },
    blackouts: [{ beginMs: 510, durationMs: 1490, lost: 1, recovered: false }],
    connection: 'stalled',
  },
  differences: ['stream.connection is stalled, expected kept'],
};

/** What happened while streams ran. */
export const failover = result({
  name: 'failover/cable',
  status: 'failed',
  reason: { code: 'flow-not-as-expected', text: 'a flow is not as the scenario expects it' },
  steps: [
    step(
      'unplugged',
      [streamed, connected],
      [
        {
          ...{ node: 'server', line: 1, text: 'unplug server:eth0', exit: 0, message: '' },
          ...{ unexpected: false, atMs: 500 },
        },
      ],
    ),
  ],
});
