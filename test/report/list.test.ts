import { spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
import type { FlowResult } from '../../src/model/flow-result.js';
import type { ScenarioResult } from '../../src/model/result.js';
import { type ListOptions, listReporter } from '../../src/report/list.js';
import * as events from './events.js';

const HEADER = 'replypath 0.1.0, Linux 6.18.0, as root\n\n';

function report(
  results: readonly ScenarioResult[],
  options: Partial<ListOptions> = {},
  unrun: readonly string[] = [],
): string {
  let text = '';
  const reporter = listReporter({
    write: (more) => {
      text += more;
    },
    colours: false,
    columns: Number.POSITIVE_INFINITY,
    detail: 'normal',
    ...options,
  });
  for (const event of events.eventsOf(results, unrun)) reporter(event);
  return text;
}

/** Scenarios that pass, so many that their flows are not shown. */
const many = Array.from({ length: 7 }, (_, index) => ({ ...events.passed, name: `many/${index}` }));

t.test('of few scenarios, every flow is shown, in aligned columns', async (t) => {
  t.equal(
    report([events.passed]),
    `${HEADER}✓ recipes/a1-rt2 [isp=open family=4]  62 ms
  The reply to a ping on eth1 leaves by eth0
  · as found
      client → server:eth1  ping    IPv4  in eth1, out eth0 (via isp1:lan)  asymmetric
  · with a table for eth1
      client → server:eth1  tcp/22  IPv4  in eth1, out eth1 (via isp2:lan)  symmetric

1 scenario: 1 passed in 1.23 s
`,
  );
});

t.test(
  'a failed flow: expected beside seen, both paths with the wrong hop marked, and what to type next',
  async (t) => {
    t.equal(
      report([events.failed]),
      `${HEADER}✗ recipes/a1-rt2 [isp=bcp38 family=4]  1.05 s
  The reply to a ping on eth1 leaves by eth0
  · as found
      client → server:eth1  tcp/22  IPv4  in eth1, out eth1 (via isp2:lan)  symmetric
    ✗ client → server:eth1  ping    IPv4  in eth1, out eth0 (via isp1:lan)  asymmetric
                   expected   seen
      ✗ verdict    symmetric  asymmetric
      ✗ reply out  eth1       eth0
      ✗ reply via  isp2:lan   isp1:lan
        request   client:eth0 → internet:client›isp2 → isp2:wan›lan → server:eth1
        reply     server:eth0 → isp1:lan›wan → internet:isp1›client → client:eth0
                         ^^^^ expected out eth1 via isp2:lan
        written   scenarios/a.yaml:7
    ✗ client → server:eth1  udp/53  IPv4  in eth1, out eth0 (via isp1:lan)  reply-lost at isp1:lan
                   expected   seen
      ✗ verdict    symmetric  reply-lost
      ✗ reply out  eth1       eth0
        request   client:eth0 → internet:client›isp2 → isp2:wan›lan → server:eth1
        reply     server:eth0 → isp1:lan → ✗
                         ^^^^ expected out eth1
        lost      isp1:lan, going in: the packet entered the node and neither left it nor was answered (not-forwarded)
        counts    5 sent, 0 answered
        written   scenarios/a.yaml:7
  captures  replypath-results/a1: capture.pcapng
  next      replypath explain scenarios/a.yaml --grep '\\[isp=bcp38 family=4\\]'
            tshark -r replypath-results/a1/capture.pcapng -Y 'frame.comment contains "flow 2 "' -T fields -e frame.comment

1 scenario: 1 failed in 1.23 s
`,
    );
  },
);

t.test('captures of the lab in which it failed', async (t) => {
  const steps = events.failed.steps.map((step) => ({ ...step, lab: 2 }));
  const text = report([{ ...events.failed, steps }]);
  t.match(text, 'captures  replypath-results/a1: lab-2/capture.pcapng\n');
  t.match(text, 'tshark -r replypath-results/a1/lab-2/capture.pcapng ');
});

t.test('what never got as far as a flow', async (t) => {
  t.equal(
    report([events.doubtful, events.broken, events.invalid, events.skipped]),
    `${HEADER}? reports/b09  62 ms
  The reply to a ping on eth1 leaves by eth0
  the captures do not prove what a flow did
    ✗ client → server:eth1  tcp/22  IPv4  in eth1, out eth1 (via isp2:lan)  inconclusive (capture-dropped)
                 expected   seen
      ✗ verdict  symmetric  inconclusive
        request   client:eth0 → internet:client›isp2 → isp2:wan›lan → server:eth1
        reply     server:eth1 → isp2:lan›wan → internet:isp2›client → client:eth0
        cause     the kernel dropped packets before the capture read them (capture-dropped)
        written   scenarios/a.yaml:7
  next      replypath run scenarios/a.yaml --verbose

! recipes/a6-netware  62 ms
  The reply to a ping on eth1 leaves by eth0
  a command of a recipe failed, and the scenario does not expect it
  · boot script
    server, line 3: ip route add default via 198.51.100.1 table rt2  exit 2
      RTNETLINK answers: Network is unreachable
  next      replypath run scenarios/a.yaml --verbose

! bad  0 ms
  the scenario file, or a topology or policy that it names, is invalid
  scenarios/bad.yaml:7:25  unknown-node
    the topology has no node servr
        6 |     flows:
      > 7 |       - { from: client, to: servr:eth1 }
          |                         ^
    Did you mean server?
  next      replypath validate scenarios/bad.yaml

- recipes/a9-tun # 1 \\ 2  0 ms  skipped: this kernel has no tun device
  The reply to a ping on eth1 leaves by eth0

4 scenarios: 1 failed (1 inconclusive), 2 errored, 1 skipped in 1.23 s
1 skipped: this kernel has no tun device
`,
  );
});

t.test('roles, refusals, translation and packets that do not agree', async (t) => {
  const flows = [events.forwarded, events.initiated, events.mixed, events.refused];
  const text = report([events.result({ name: 'x', steps: [events.step('', flows)] })], { detail: 'verbose' });
  const lines = text.split('\n').map((line) => line.trim().replace(/ {2,}/g, '  '));
  for (const line of [
    'inside → 203.0.113.9  tcp/22  IPv4  at router: in lan, out wan (via isp1:lan); reply in wan, out lan (via inside:eth0)  symmetric',
    'request  inside:eth0 → router:lan›wan [from 192.0.2.10] → isp1:lan›wan',
    'reply  router:wan›lan → router:lan›wan',
    'server → client:eth0  tcp/22  IPv4  at server: out eth1 (198.51.100.1 unresolved)  request-lost at server:eth1',
    'request  never sighted → ✗',
    'packets  1-2 symmetric, 3 reply-lost',
    'counts  3 sent, 2 answered, 1 duplicated',
    '✗ client → server:eth1  udp/53  IPv4  refused by isp2 (ICMP 3/13 administratively prohibited)',
    'evidence  isp2: 198.51.100.1 > 203.0.113.9',
  ]) {
    t.ok(lines.includes(line), line);
  }
});

t.test('many scenarios: a line for each that passed, and the names of the others at the end', async (t) => {
  const text = report([...many, events.doubtful]);
  t.match(text, '✓ many/0  62 ms\n✓ many/1  62 ms\n');
  t.match(text, 'inconclusive (capture-dropped)', 'what failed is shown all the same');
  t.match(
    text,
    '\n\n8 scenarios: 7 passed, 1 failed (1 inconclusive) in 1.23 s\n\nnot passed:\n  ? reports/b09\n',
  );
  t.match(report(many, { detail: 'verbose' }), 'with a table for eth1', 'verbose shows the flows');
  t.match(report(many), '✓ many/6  62 ms\n\n7 scenarios: 7 passed in 1.23 s\n');
});

t.test('a run that was ended says what is missing', async (t) => {
  t.match(
    report([events.passed], {}, ['never/begun']),
    '1 passed in 1.23 s\n1 of 2 scenarios were not run\n',
  );
});

t.test('quiet: what did not pass, and the summary', async (t) => {
  t.equal(report(many, { detail: 'quiet' }), '7 scenarios: 7 passed in 1.23 s\n');
  const text = report([events.passed, events.broken], { detail: 'quiet' });
  t.match(text, /^! recipes\/a6-netware/);
  t.notMatch(text, 'recipes/a1-rt2');
});

t.test('verbose: claim, finding, paths and commands also of what passed', async (t) => {
  const command = { ...events.failedCommand, unexpected: false };
  const text = report([{ ...events.passed, steps: [events.step('', [events.symmetric], [command])] }], {
    detail: 'verbose',
  });
  t.match(text, 'Linux 6.18.0, iproute2 6.1.0, tcpdump 4.99.3, as root\n');
  t.match(
    text,
    '  claim     Replies leave by the default route.\n  finding   confirmed\n  lesson    A rule selects a table by the source address.\n',
  );
  t.match(text, '    server, line 3: ip route add default via 198.51.100.1 table rt2  exit 2\n');
  t.match(text, '        reply     server:eth1 → isp2:lan›wan → internet:isp2›client → client:eth0\n');
});

t.test('a terminal of 60 columns', async (t) => {
  const text = report([events.failed, events.broken, events.doubtful], { columns: 60 });
  // What is there to be copied is not broken.
  const whole = /ip route add|replypath (run|explain)|tshark/;
  for (const line of text.split('\n')) t.ok([...line].length <= 60 || whole.test(line), line);
  t.match(text, 'tcp/22  IPv4  symmetric\n        in eth1, out eth1 (via isp2:lan)\n');
  t.match(
    text,
    'request   client:eth0 → internet:client›isp2\n                  → isp2:wan›lan → server:eth1\n',
  );
});

t.test('too narrow for a table: what differs in sentences, and a note below its mark', async (t) => {
  const text = report([events.failed], { columns: 36 });
  t.match(text, '      ✗ the verdict is asymmetric\n        and not symmetric\n');
  t.match(
    text,
    '        reply     server:eth0\n                         ^^^^\n      expected out eth1 via isp2:lan\n',
  );
});

t.test('an answer that came and that its program never got', async (t) => {
  const lost = { node: 'client', interface: 'eth0', direction: 'in', reason: 'not-taken' } as const;
  const untaken = { ...events.symmetric, lost };
  const steps = [events.step('', [untaken])];
  const text = report([events.result({ name: 'x', status: 'passed', steps })], { detail: 'verbose' });
  t.match(text, / {2}symmetric at client:eth0 \(answer not taken\)\n/);
  t.match(text, / {2}lost {6}client:eth0, going in: .+ \(not-taken\)\n/);
});

t.test('where else a way can be wrong', async (t) => {
  const { symmetric } = events;
  const flow = (fields: Partial<FlowResult>): FlowResult => ({ ...symmetric, status: 'failed', ...fields });
  const lines = (failed: FlowResult) =>
    report([events.result({ name: 'x', status: 'failed', steps: [events.step('', [failed])] })]).split('\n');
  const below = (failed: FlowResult, label: string) => {
    const all = lines(failed);
    return all[all.findIndex((line) => line.startsWith(`        ${label}`)) + 1];
  };

  const request = { in: 'eth0' };
  t.equal(
    below(flow({ expected: { verdict: 'symmetric', request, intended: false } }), 'request'),
    `${' '.repeat(18)}${' '.repeat('client:eth0 → internet:client›isp2 → isp2:wan›lan → server:'.length)}^^^^ expected in eth0`,
  );
  t.match(
    below(
      flow({ expected: { verdict: 'symmetric', reply: { nexthop: 'isp1:lan' }, intended: false } }),
      'reply',
    ),
    /^ {37}\^\^\^ expected isp1:lan$/,
    'the next hop, which is lan of isp2',
  );
  const lost = { node: 'internet', interface: 'isp2' };
  t.match(
    below(flow({ expected: { verdict: 'reply-lost', lost, intended: false } }), 'reply'),
    /^ {56}\^\^\^\^ expected to be lost here$/,
  );
  const other = flow({
    expected: { verdict: 'symmetric', sameNexthop: true, intended: false },
    sameNexthop: false,
    reply: { ...symmetric.reply, nexthop: 'isp2:lan2' },
    differences: ['sameNexthop is false, expected true: the request came from isp2:lan'],
  });
  t.match(below(other, 'reply'), /^ {37}\^\^\^ expected isp2:lan, where the request came from$/);
  t.ok(lines(other).includes('      ✗ next hop  the same   another'));
  t.ok(lines(other).includes('        sameNexthop is false, expected true: the request came from isp2:lan'));
  t.strictSame(
    lines(flow({ differences: ['something of which the list knows nothing'] })).slice(5, 6),
    ['      ✗ something of which the list knows nothing'],
    'what is judged is never left out',
  );
  t.notMatch(report([events.passed], { detail: 'verbose' }), '^^^', 'nothing is wrong with what passed');
});

t.test('a forwarder and an initiator have the reply come in where the request went out', async (t) => {
  const failing = (flow: FlowResult, reply: Partial<FlowResult['reply']>): FlowResult => ({
    ...flow,
    status: 'failed',
    verdict: 'asymmetric',
    expected: { verdict: 'symmetric', intended: false },
    reply: { ...flow.reply, ...reply },
  });
  const hop = (node: string, name: string, direction: 'in' | 'out') => ({
    ...{ node, interface: name, direction, address: '203.0.113.9' },
  });
  const path = [hop('isp2', 'lan', 'out'), hop('router', 'wan2', 'in'), hop('router', 'lan', 'out')];
  const flows = [
    failing(events.forwarded, { in: 'wan2', path }),
    failing(
      { ...events.initiated, lost: null },
      { in: 'eth0', path: [hop('isp1', 'lan', 'out'), hop('server', 'eth0', 'in')] },
    ),
  ];
  const text = report([events.result({ name: 'x', status: 'failed', steps: [events.step('', flows)] })]);
  t.match(text, 'isp2:lan → router:wan2›lan\n                                    ^^^^ expected in wan\n');
  t.match(text, 'isp1:lan → server:eth0\n                                    ^^^^ expected in eth1\n');
});

t.test('what to type next can be pasted as it is', async (t) => {
  const cwd = t.testdir();
  const odd = events.result({
    id: "it's $(odd)",
    name: "it's $(odd) [isp=a.b (c) family=4] #2",
    repetition: 2,
    file: "-scenarios/it's $(odd)\n\u001b[2K\u202e.yaml",
    status: 'failed',
    artifacts: "re sults/it's",
    steps: [events.step('', [events.refused])],
  });
  const text = report([odd]);
  const [explain = '', tshark = ''] = text
    .split('\n')
    .filter((line) => /replypath explain|tshark -r/.test(line));
  const words = (line: string, shell: string) => {
    const script = `replypath() { printf '%s\\0' "$@"; }; tshark() { replypath "$@"; }; ${line}`;
    return spawnSync(shell, ['-c', script], { cwd, encoding: 'utf8' }).stdout.split('\0').slice(0, -1);
  };
  const [, file, , grep = '', ...more] = words(explain.replace(/^ *next/, ''), 'bash');
  t.equal(file, `./${odd.file}`);
  t.strictSame(more, []);
  t.match("it's $(odd) [isp=a.b (c) family=4]", new RegExp(grep));
  t.notMatch("it's $(odd) [isp=aXb (c) family=4]", new RegExp(grep));
  t.strictSame(words(tshark, 'sh').slice(0, 2), ['-r', "re sults/it's/capture.pcapng"]);
});

t.test('an attempt that is tried again is told with the one that follows', async (t) => {
  const flaky = { ...events.passed, attempts: 2, flaky: true };
  const first = { ...events.failed, name: flaky.name, attempts: 1 };
  const all = [flaky, ...many];
  const [begin, ...rest] = events.eventsOf(all);
  let text = '';
  const reporter = listReporter({
    write: (more) => {
      text += more;
    },
    ...{ colours: false, columns: Number.POSITIVE_INFINITY, detail: 'normal' },
  });
  for (const event of [begin, { type: 'scenario-retried', result: first } as const, ...rest]) {
    if (event !== undefined) reporter(event);
  }
  t.equal(
    text,
    `${HEADER}✓ recipes/a1-rt2 [isp=open family=4]  62 ms  (flaky: passed at attempt 2)
  attempt 1 failed: client → server:eth1 ping IPv4: the verdict is asymmetric and not symmetric (and 1 more)
${many.map(({ name }) => `✓ ${name}  62 ms\n`).join('')}
8 scenarios: 8 passed (1 flaky) in 1.23 s

flaky:
  ✓ recipes/a1-rt2 [isp=open family=4]  (flaky: passed at attempt 2)
`,
  );
  t.match(
    report([{ ...events.broken, attempts: 3 }]),
    /^! recipes\/a6-netware {2}62 ms {2}\(at attempt 3\)$/m,
  );
});

t.test('of many scenarios, verbose names the slowest', async (t) => {
  const results = Array.from({ length: 11 }, (_, index) =>
    events.result({ name: `s${index}`, durationMs: index * 100 }),
  );
  const text = report(results, { detail: 'verbose' });
  t.match(text, '11 passed in 1.23 s\n\nslowest:\n  1.00 s  s10\n  900 ms  s9\n  800 ms  s8\n');
  t.notMatch(report(results), 'slowest');
  t.notMatch(report(results.slice(1), { detail: 'verbose' }), 'slowest');
});

t.test('skips are told by reason, the commonest first', async (t) => {
  const skip = (name: string, text: string) => ({
    ...events.skipped,
    name,
    reason: { code: 'feature-missing', text } as const,
  });
  const text = report([skip('a', 'no tun device'), skip('b', 'no nft'), skip('c', 'no nft')]);
  t.match(text, '3 skipped in 1.23 s\n2 skipped: no nft\n1 skipped: no tun device\n');
});

t.test('nothing that steers a terminal gets through', async (t) => {
  const text = report([events.forged], { detail: 'verbose' });
  t.notMatch(text, /[^\P{Cc}\n]|\u202e/u);
  t.match(text, '✗ forged\\x1b[2K\\rok 1 - forged  62 ms\n');
  t.match(text, 'a\\x1b]0;title\\x07b\\u202ec\\x9bd ok 2 - e\n');
});

t.test('colours are on or off as a whole', async (t) => {
  const coloured = report([events.passed, events.failed], { colours: true });
  t.match(coloured, '\u001b[32m✓\u001b[39m');
  t.match(coloured, '\u001b[31masymmetric\u001b[39m');
  t.match(coloured, '\u001b[32masymmetric\u001b[39m', 'an asymmetry that is expected is good');

  t.equal(stripVTControlCharacters(coloured), report([events.passed, events.failed]));
});
