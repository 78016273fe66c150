import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
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

t.test('a failed flow says what was expected, what was seen, how they differ, and both paths', async (t) => {
  t.equal(
    report([events.failed]),
    `${HEADER}✗ recipes/a1-rt2 [isp=bcp38 family=4]  1.05 s
  The reply to a ping on eth1 leaves by eth0
  · as found
      client → server:eth1  tcp/22  IPv4  in eth1, out eth1 (via isp2:lan)  symmetric
    ✗ client → server:eth1  ping    IPv4  in eth1, out eth0 (via isp1:lan)  asymmetric
        expected  symmetric, reply out eth1 via isp2:lan
        seen      asymmetric, request in eth1, reply out eth0 via isp1:lan
        differs   the verdict is asymmetric and not symmetric
        differs   the reply left by eth0 and not by eth1
        differs   the next hop of the reply is isp1:lan and not isp2:lan
        request   client:eth0 → internet:client›isp2 → isp2:wan›lan → server:eth1
        reply     server:eth0 → isp1:lan›wan → internet:isp1›client → client:eth0
    ✗ client → server:eth1  udp/53  IPv4  in eth1, out eth0 (via isp1:lan)  reply-lost at isp1:lan
        expected  symmetric
        seen      reply-lost, request in eth1, reply out eth0 via isp1:lan
        differs   the verdict is reply-lost and not symmetric
        request   client:eth0 → internet:client›isp2 → isp2:wan›lan → server:eth1
        reply     server:eth0 → isp1:lan → ✗
        lost      isp1:lan, going in: the packet entered the node and neither left it nor was answered (not-forwarded)
        counts    5 sent, 0 answered
  captures  replypath-results/a1

1 scenario: 1 failed in 1.23 s
`,
  );
});

t.test('what never got as far as a flow', async (t) => {
  t.equal(
    report([events.doubtful, events.broken, events.invalid, events.skipped]),
    `${HEADER}? reports/b09  62 ms
  The reply to a ping on eth1 leaves by eth0
  the captures do not prove what a flow did
    ✗ client → server:eth1  tcp/22  IPv4  in eth1, out eth1 (via isp2:lan)  inconclusive (capture-dropped)
        expected  symmetric
        seen      inconclusive, request in eth1, reply out eth1 via isp2:lan
        differs   the verdict is inconclusive and not symmetric
        request   client:eth0 → internet:client›isp2 → isp2:wan›lan → server:eth1
        reply     server:eth1 → isp2:lan›wan → internet:isp2›client → client:eth0
        cause     the kernel dropped packets before the capture read them (capture-dropped)

! recipes/a6-netware  62 ms
  The reply to a ping on eth1 leaves by eth0
  a command of a recipe failed, and the scenario does not expect it
  · boot script
    server, line 3: ip route add default via 198.51.100.1 table rt2  exit 2
      RTNETLINK answers: Network is unreachable

! bad  0 ms
  the scenario file, or a topology or policy that it names, is invalid
  scenarios/bad.yaml:7:25  unknown-node
    the topology has no node servr
        6 |     flows:
      > 7 |       - { from: client, to: servr:eth1 }
          |                         ^
    Did you mean server?

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
    '\n\nnot passed:\n  ? reports/b09\n\n8 scenarios: 7 passed, 1 failed (1 inconclusive) in 1.23 s\n',
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
  t.match(text, '  claim     Replies leave by the default route.\n  finding   confirmed\n');
  t.match(text, '    server, line 3: ip route add default via 198.51.100.1 table rt2  exit 2\n');
  t.match(text, '        reply     server:eth1 → isp2:lan›wan → internet:isp2›client → client:eth0\n');
});

t.test('a terminal of 60 columns', async (t) => {
  const text = report([events.failed, events.broken, events.doubtful], { columns: 60 });
  for (const line of text.split('\n')) t.ok([...line].length <= 60 || line.includes('ip route add'), line);
  t.match(text, 'tcp/22  IPv4  symmetric\n        in eth1, out eth1 (via isp2:lan)\n');
  t.match(
    text,
    'request   client:eth0 → internet:client›isp2\n                  → isp2:wan›lan → server:eth1\n',
  );
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
