import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { FOLDER, run, stepOf } from './command.js';

const MACHINE_FILES = [
  '/etc/iproute2/rt_tables',
  '/etc/hosts',
  '/etc/hostname',
  '/etc/passwd',
  '/proc/sys/kernel/panic',
];
const readMachine = () => Promise.all(MACHINE_FILES.map((file) => readFile(file, 'utf8').catch(() => null)));

const before = await readMachine();
const { code, scenario } = await run([`${FOLDER}/recipes`]);
const after = await readMachine();

/** Line, status and text of each command of a step. */
function commands(name: string, title = 'step 1'): string[] {
  return stepOf(scenario(name), title).commands.map(
    ({ line, exit, text }) => `${line} [${exit}] ${text.split('\n')[0]}`,
  );
}

function messages(name: string, title: string): string[] {
  return stepOf(scenario(name), title).commands.map(({ message }) => message);
}

t.test('a script, command by command', async (t) => {
  t.strictSame(scenario('as-pasted').reason, null);
  t.strictSame(commands('as-pasted'), [
    '3 [0] sudo ip link add dummy0 type veth peer name dummy1',
    '4 [0] ip link set dummy0 up',
    '5 [0] sudo -E ip addr add 192.0.2.1/24 dev dummy0',
    '6 [2] ip addr add 192.0.2.1/24 dev dummy0',
    '7 [1] ip link show dev eth9 > /dev/null 2>&1',
    '7 [0] echo not there',
    '8 [2] ip rule del table 77 2> /dev/null',
    '8 [0] true',
    '9 [0] ip route add 198.51.100.0/24 via 192.0.2.2 dev dummy0',
    '15 [0] add_rule 192.0.2.1 100',
    '16 [0] for table in 101 102',
    '16 [0] ip rule add to 192.0.2.1 table $table',
    '16 [0] for table in 101 102',
    '16 [0] ip rule add to 192.0.2.1 table $table',
    '17 [0] cat <<END',
    '17 [0] wc -l',
    '20 [1] false',
    '21 [0] sleep 60',
    '22 [0] echo done',
  ]);
  t.ok(scenario('as-pasted').durationMs < 30_000, 'nothing waits for what runs in the background');
});

t.test('a script that ends before its last line', async (t) => {
  t.strictSame(commands('set-e'), ['1 [0] set -e', '2 [0] true', '3 [1] ip addr add 192.0.2.1/24 dev eth9']);
  t.strictSame(commands('exit'), ['1 [0] echo before', '2 [3] exit 3']);
  t.strictSame(commands('unbound'), [
    '1 [0] set -u',
    '2 [0] echo before',
    '3 [1] ip route add default dev "$IF1" table 1',
  ]);
  t.strictSame(commands('syntax-error'), ['1 [0] echo before', '2 [0] echo between', '3 [2] if then']);
  for (const name of ['set-e', 'exit', 'unbound', 'syntax-error'])
    t.equal(scenario(name).status, 'passed', name);
});

t.test('a script that does not end', async (t) => {
  t.match(scenario('timeout'), {
    status: 'errored',
    reason: { code: 'recipe-timeout', text: /host, line 2: sleep 77: no end after 300 ms/ },
    steps: { length: 1 },
  });
  t.strictSame(commands('timeout'), ['1 [0] echo before', '2 [0] sleep 77', '2 [137] sleep 77']);
});

t.test('failures, expected and not', async (t) => {
  t.equal(code, 4);
  const unexpected = scenario('unexpected');
  t.match(unexpected, {
    status: 'errored',
    reason: { code: 'recipe-failed', text: /host, line 4: ip route add default via 192\.0\.2\.1: exit 2: / },
  });
  t.equal(unexpected.steps.length, 1, 'the next step is not begun');
  t.match(
    unexpected.steps[0]?.commands.map(({ line, exit, unexpected }) => [line, exit > 0, unexpected]),
    [
      [1, false, false],
      [2, true, false],
      [3, false, false],
      [4, true, true],
    ],
    'the script goes on after a failure, as it would anywhere',
  );
  t.match(scenario('missing'), {
    status: 'failed',
    reason: { code: 'failure-missing', text: /host, line 1/ },
  });
  t.match(scenario('other-message'), {
    status: 'errored',
    reason: { code: 'recipe-failed', text: /Cannot find device "eth9"/ },
  });
});

t.test('what is not a script', async (t) => {
  t.strictSame(scenario('typed').reason, null);
  t.strictSame(commands('typed', 'ip'), [
    '1 [0] ip -4 route add 0.0.0.0/0 table uplink via 192.0.2.2 dev eth0',
    '2 [2] ip -4 route add 0.0.0.0/0 table uplink metric 5 via 203.0.113.1',
    '3 [0] ip -6 route add ::/0 table uplink via 2001:db8::2 dev eth0',
    '4 [0] ip -4 rule add from 192.0.2.1/32 preference 10 table uplink',
    '5 [2] ip -4 rule add from 192.0.2.1/32 preference 10 table uplink',
    '6 [0] ip -6 rule add from 2001:db8::1/128 preference 10 table uplink',
  ]);
  t.strictSame(commands('typed', 'sysctl'), [
    '1 [0] sysctl -w net.ipv4.conf.eth0.rp_filter=2',
    '2 [255] sysctl -w net.ipv4.conf.eth9.rp_filter=2',
    '3 [255] sysctl -w net.ipv4.conf.eth0.arp_announce=none',
    '4 [0] sysctl -w net.ipv6.conf.eth0.forwarding=1',
  ]);
  t.strictSame(commands('typed', 'nft'), ['3 [1] nft -f -']);
  for (const tool of ['iptables', 'ip6tables']) {
    t.match(stepOf(scenario('typed'), tool).commands, [
      { line: 2, exit: Number, text: `${tool}-restore`, unexpected: false },
    ]);
  }
  const kernel = messages('typed', 'rulesets that are right').slice(2);
  t.match(
    kernel.filter((message) => message !== ''),
    [
      '1',
      '1',
      /^default via 192\.0\.2\.2 dev eth0/,
      /^default via 2001:db8::2 dev eth0/,
      /^10:\tfrom 192\.0\.2\.1 lookup uplink/,
      '2\n1',
    ],
    'the kernel has what did not fail',
  );
});

t.test('the files of a node, and those of the machine', async (t) => {
  t.strictSame(scenario('files').reason, null);
  const [, , rule, , , hostname, hosts, otherName, ...other] = messages('files', 'its own');
  t.match(rule, 'lookup replypath-test');
  t.strictSame([hostname, otherName], ['host', 'other']);
  t.equal(hosts, '127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\thost', "nothing of the machine's hosts");
  t.equal(other.filter((message) => message === 'not here').length, 3, 'nodes do not share files');
  t.strictSame(after, before, "the machine's files are as they were");
  for (const file of [
    '/usr/replypath-test',
    '/root/replypath-test',
    '/run/replypath-test',
    '/tmp/replypath-test',
    '/var/lib/replypath-test',
    '/etc/network-of-mine',
  ]) {
    t.notOk(existsSync(file), file);
  }
});
