import t from 'tap';
import type { Agent, SocketProbe } from '../../src/system/agent.js';
import { isRootless } from '../../src/system/enter.js';
import { findLeftovers } from '../../src/system/leftovers.js';
import { type Sandbox, type SandboxLab, type SandboxNode, startSandbox } from '../../src/system/sandbox.js';

// One sandbox of two nodes on a veth pair; every verb of agent.pl, and what each says when it cannot.

const hex4 = (text: string) =>
  text
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('');
const LEFT4 = hex4('192.0.2.1');
const RIGHT4 = hex4('192.0.2.2');
const RIGHT4_OTHER = hex4('192.0.2.3');
const ANY4 = hex4('0.0.0.0');
const LEFT6 = '20010db8000000000000000000000001';
const RIGHT6 = '20010db8000000000000000000000002';
const ANY6 = '0'.repeat(32);
const TIMEOUT_MS = 5_000;

const question = (number: number, size = 40) =>
  `rp0123456789abcdefq${String(number).padStart(4, '0')}`.padEnd(size, '.');

const probe = (given: Partial<SocketProbe>): SocketProbe => ({
  address: RIGHT4,
  port: 7,
  bindAddress: '',
  bindPort: 0,
  bindDevice: '',
  timeoutMs: TIMEOUT_MS,
  intervalMs: 0,
  payloads: [question(1)],
  ...given,
});

let sandbox: Sandbox;
let lab: SandboxLab;
let left: SandboxNode;
let right: SandboxNode;

t.before(async () => {
  sandbox = await startSandbox();
  lab = await sandbox.openLab([
    { name: 'left', ownFiles: true },
    { name: 'right', ownFiles: false },
  ]);
  left = lab.nodes.get('left')!;
  right = lab.nodes.get('right')!;
});
t.teardown(() => sandbox.close());

const ip = async (agent: Agent, ...lines: string[]) =>
  agent.run(['ip', '-batch', '-'], { stdin: `${lines.join('\n')}\n`, timeoutMs: TIMEOUT_MS });

t.test('run', async (t) => {
  const run = (argv: [string, ...string[]], timeoutMs = TIMEOUT_MS, stdin = '') =>
    left.agent.run(argv, { timeoutMs, stdin });
  t.match(await run(['cat'], TIMEOUT_MS, 'tab\t newline\n backslash\\n ünï\u0001'), {
    exit: 0,
    stdout: 'tab\t newline\n backslash\\n ünï\u0001',
  });
  t.match(await run(['sh', '-c', 'echo out; echo err >&2; exit 3']), {
    exit: 3,
    signal: 0,
    timedOut: false,
    stdout: 'out\n',
    stderr: 'err\n',
  });
  t.match(await run(['sh', '-c', 'kill -15 $$']), { signal: 15 });
  t.match(await run(['no-such-program']), { exit: 127, stderr: /no-such-program: No such file/ });
  t.equal((await run(['head', '-c', '3000000', '/dev/zero'])).stdout.length, 3_000_000);
  t.match(await run(['sh', '-c', 'yes | head -n 1']), { exit: 0, stdout: 'y\n' }, 'SIGPIPE ends a writer');

  const begin = performance.now();
  t.match(await run(['sh', '-c', 'sleep 60; true'], 100), { timedOut: true, signal: 9 });
  t.match(await run(['sh', '-c', 'sleep 60 & echo started']), { exit: 0, stdout: 'started\n' });
  t.ok(
    performance.now() - begin < 10_000,
    'neither a grandchild nor a process in the background is waited for',
  );
});

t.test('a node has its own host name, files and processes, and nothing else to write to', async (t) => {
  const script = 'hostname; cat /etc/hosts; touch /etc/x /run/x /var/lib/x /tmp/x; sudo -n id -u; echo $$';
  const { stdout, stderr } = await left.agent.run(['sh', '-c', script], { timeoutMs: TIMEOUT_MS });
  t.match(stdout, /^left\n127\.0\.0\.1\tlocalhost\n::1\tlocalhost\n127\.0\.1\.1\tleft\n0\n\d{1,3}\n$/);
  t.equal(stderr, '');
  for (const file of ['/usr/x', '/proc/sys/kernel/panic', '/sys/kernel/mm/ksm/run']) {
    const { stderr } = await left.agent.run(['sh', '-c', `echo 0 > ${file}`], { timeoutMs: TIMEOUT_MS });
    t.match(stderr, /Read-only file system/, file);
  }
  t.match(await right.agent.run(['sh', '-c', 'touch /etc/x'], { timeoutMs: TIMEOUT_MS }), {
    stderr: /Read-only file system/,
  });
});

t.test('set and append', async (t) => {
  t.same(
    await left.agent.write([
      ['/proc/sys/net/ipv6/conf/default/accept_dad', '0'],
      ['/proc/sys/net/ipv4/no_such_key', '1'],
      ['/proc/sys/net/ipv4/ip_forward', 'many'],
      ['/proc/sys/kernel/panic', '1'],
    ]),
    [null, 'ENOENT', 'EINVAL', isRootless() ? 'EACCES' : 'EROFS'],
  );
  t.equal(await left.agent.append('/etc/iproute2/rt_tables', '7\tseven\n'), null);
  t.equal(await left.agent.append('/usr/x', ''), 'EROFS');
  const added = 'route add blackhole 198.51.100.0/24 table seven';
  t.match(await ip(left.agent, added), { exit: 0, stderr: '' });
});

t.test('put', async (t) => {
  t.equal(await left.agent.put('/etc/a/b/c', '0750', 'tab\t\n\\n'), null);
  const { stdout } = await left.agent.run(['sh', '-c', 'cat /etc/a/b/c; stat -c %a /etc/a/b/c'], {
    timeoutMs: TIMEOUT_MS,
  });
  t.equal(stdout, 'tab\t\n\\n750\n');
  t.equal(await left.agent.put('/etc/a/b/c', '0640', 'anew'), null);
  t.match(await left.agent.run(['cat', '/etc/a/b/c'], { timeoutMs: TIMEOUT_MS }), { stdout: 'anew' });
  t.equal(await left.agent.put('/usr/x', '0644', ''), 'EROFS');
  t.equal(await left.agent.put('/etc/hosts/x', '0644', ''), 'ENOTDIR');
});

/** What the agent says of the processes of a node, without the times. */
function processEvents(node: SandboxNode): { said: string[]; until: (text: string) => Promise<void> } {
  const said: string[] = [];
  let look = () => {};
  node.onProcess = ([kind, name, _, ...more]) => {
    said.push(kind === 'output' ? (more[0] ?? '') : [kind, name, ...more].join(' '));
    look();
  };
  const until = (text: string) =>
    new Promise<void>((resolve) => {
      look = () => said.join('').includes(text) && resolve();
      look();
    });
  return { said, until };
}

t.test('start, output, exit and stop', async (t) => {
  const { said, until } = processEvents(left);
  const { agent } = left;
  t.equal(await agent.start('a', 'echo out; echo err >&2; exit 3'), null);
  await until('exited a');
  t.equal(said.join(''), 'out\nerr\nexited a 3 0', 'both streams, in order');
  said.length = 0;
  t.equal(await agent.start('a', 'no-such-program'), null);
  await until('exited a');
  t.match(said.join(''), /no-such-program: command not found\nexited a 127 0/);

  said.length = 0;
  await agent.start('polite', 'trap "echo bye; exit 4" TERM; echo up; while :; do sleep 0.01; done');
  await until('up');
  await agent.stop('polite', 15, TIMEOUT_MS);
  t.match(said.join(''), /bye\nexited polite 4 0/, 'its end is told before the answer');

  said.length = 0;
  await agent.start('deaf', 'trap "" TERM; echo up; while :; do sleep 0.01; done');
  await until('up');
  const begin = performance.now();
  await agent.stop('deaf', 15, 100);
  t.match(said.join(''), /exited deaf 0 9/, 'killed when its time is over');
  t.ok(performance.now() - begin >= 100);

  said.length = 0;
  await agent.start(
    'shell',
    'cd /tmp && sh -c \'trap "sleep 0.1; touch /tmp/tidy; exit" TERM; echo up; sleep 9 & wait\' && :',
  );
  await until('up');
  await agent.stop('shell', 15, TIMEOUT_MS);
  t.match(
    await agent.run(['ls', '/tmp/tidy'], { timeoutMs: TIMEOUT_MS }),
    { exit: 0 },
    'what a shell started has its time too',
  );
  await agent.stop('shell', 15, TIMEOUT_MS);
  await agent.stop('never-started', 15, TIMEOUT_MS);
  t.pass('what has ended is stopped');
});

t.test('await', async (t) => {
  const { agent } = left;
  const listen = (family: string, rest: string) =>
    `perl -MIO::Socket::${family} -e '$s = IO::Socket::${family}->new(${rest}) or die $!; sleep' &`;
  const command = [
    listen('UNIX', 'Local => "/run/there.sock", Listen => 1'),
    listen('IP', 'LocalHost => "127.0.0.1", LocalPort => 7001, Listen => 1'),
    listen('IP', 'LocalHost => "::1", LocalPort => 7002, Listen => 1'),
    listen('INET', 'Proto => "udp", LocalPort => 7003'),
  ].join(' ');
  t.match(await left.agent.run(['ip', 'link', 'set', 'dev', 'lo', 'up'], { timeoutMs: TIMEOUT_MS }), {
    exit: 0,
  });
  await agent.start('it', `${command} sleep 0.1; touch /run/there; echo up; wait`);
  const holds = async (...condition: Parameters<Agent['await']>[2]) =>
    (await agent.await('it', TIMEOUT_MS, condition)).ready;
  t.ok(await holds('file', '/run/there'));
  t.ok(await holds('unix', '/run/there.sock'));
  t.ok(await holds('tcp', 7001));
  t.ok(await holds('tcp', 7002), 'IPv6');
  t.ok(await holds('udp', 7003));
  t.ok(await holds('command', 'test', '-e', '/run/there'));
  const never = (...condition: Parameters<Agent['await']>[2]) => agent.await('it', 60, condition);
  t.match(await never('file', '/run/not-there'), { ready: false });
  t.match(await never('unix', '/run/there'), { ready: false }, 'a file is no socket');
  t.match(await never('tcp', 7003), { ready: false }, 'another protocol');
  t.match(await never('udp', 7001), { ready: false });
  t.match(await never('tcp', 2905), { ready: false }, 'a port that the other ends with, in hexadecimal');
  const { until } = processEvents(left);
  const client =
    'IO::Socket::INET->new(PeerHost => "127.0.0.1", PeerPort => 7001, LocalPort => 7009) or die $!';
  await agent.start(
    'client',
    `exec perl -MIO::Socket::INET -e '$| = 1; $s = ${client}; print "connected"; sleep'`,
  );
  await until('connected');
  t.match(await never('tcp', 7009), { ready: false }, 'a port from which a client has connected');
  t.match(await never('command', 'sh', '-c', 'echo no; false'), { ready: false, message: 'no\n' });
  t.match(await never('command', 'sleep', '60'), { ready: false }, 'a command that does not end');

  const waiting = agent.await('it', 60_000, ['file', '/run/not-there']);
  await agent.stop('it', 15, TIMEOUT_MS);
  t.match(await waiting, { ready: false }, 'what has ended is not waited for');
  t.match(await agent.await('never-started', 60_000, ['file', '/run/there']), { ready: false });
});

t.test('a folder that all nodes of a lab share', async (t) => {
  t.match(
    await left.agent.run(['sh', '-c', 'echo key >/run/shared/key; ls -A /run/shared'], {
      timeoutMs: TIMEOUT_MS,
    }),
    {
      stdout: 'key\n',
    },
  );
  t.match(await right.agent.run(['cat', '/run/shared/key'], { timeoutMs: TIMEOUT_MS }), { stdout: 'key\n' });
  const other = await sandbox.openLab([{ name: 'left', ownFiles: true }]);
  t.match(
    await other.nodes.get('left')!.agent.run(['ls', '-A', '/run/shared'], { timeoutMs: TIMEOUT_MS }),
    { stdout: '' },
    'and no other lab',
  );
  await other.close();
});

t.test('sentinel', async (t) => {
  t.equal(await right.agent.sendSentinel('x'), 'ENETDOWN', 'loopback is down');
  const end = (node: SandboxNode, index: number) => `name eth0 index ${index} netns ${node.pid}`;
  t.match(await ip(lab.first, `link add ${end(left, 11)} type veth peer ${end(right, 12)}`), { exit: 0 });
  const up = ['link set dev lo up', 'link set dev eth0 up'];
  const addresses = (n: number) => [
    `address add 192.0.2.${n}/24 dev eth0`,
    `address add 2001:db8::${n}/64 dev eth0 nodad`,
  ];
  t.match(await ip(left.agent, ...up, ...addresses(1)), { exit: 0, stderr: '' });
  t.match(await ip(right.agent, ...up, ...addresses(2), 'address add 192.0.2.3/24 dev eth0'), {
    exit: 0,
    stderr: '',
  });
  t.equal(await right.agent.sendSentinel('x'), null);
});

t.test('settle', async (t) => {
  t.same(await left.agent.settle(TIMEOUT_MS), []);
  t.same(await right.agent.settle(TIMEOUT_MS), []);
  const detection = '/proc/sys/net/ipv6/conf/eth0/accept_dad';
  t.same(await right.agent.write([[detection, '1']]), [null]);
  t.match(await ip(right.agent, 'address add 2001:db8::99/64 dev eth0'), { exit: 0 });
  t.same(await right.agent.settle(20), ['eth0'], 'a tentative address');
  t.match(await ip(left.agent, 'link set dev eth0 down'), { exit: 0 });
  t.same(await right.agent.settle(TIMEOUT_MS), [], 'without a carrier it stays so');
  t.match(await ip(right.agent, 'address delete 2001:db8::99/64 dev eth0'), { exit: 0 });
  t.match(await ip(left.agent, 'link set dev eth0 up', 'address add 2001:db8::1/64 dev eth0 nodad'), {
    exit: 0,
  });
  t.same(await left.agent.settle(TIMEOUT_MS), []);

  t.match(await ip(left.agent, 'address add 2001:db8::9/128 dev lo'), { exit: 0, stderr: '' });
  t.same(await left.agent.settle(TIMEOUT_MS), []);
  t.match(await ip(left.agent, 'route delete local 2001:db8::9 dev lo table local'), { exit: 0, stderr: '' });
  t.same(await left.agent.settle(20), ['lo'], "nobody asks for it, and it is not the host's either");
  t.match(await ip(left.agent, 'address delete 2001:db8::9/128 dev lo'), { exit: 0, stderr: '' });

  const silent = 'link set dev eth0 arp off';
  const local = 'route delete local 2001:db8::1 dev eth0 table local';
  t.match(await ip(left.agent, silent, local), { exit: 0, stderr: '' });
  t.same(await left.agent.settle(20), ['eth0'], "an address that is not the host's yet");
  const again = ['address delete 2001:db8::1/64 dev eth0', 'address add 2001:db8::1/64 dev eth0 nodad'];
  t.match(await ip(left.agent, ...again), { exit: 0, stderr: '' });
  t.same(await left.agent.settle(TIMEOUT_MS), [], 'once it is, without a group that is asked');
  t.match(await ip(left.agent, 'link set dev eth0 arp on'), { exit: 0, stderr: '' });
  t.same(await left.agent.settle(TIMEOUT_MS), []);
});

t.test('tcp', async (t) => {
  t.equal(await right.agent.listen('tcp', 'address', ANY4, 7), null);
  t.equal(await right.agent.listen('tcp', 'address', ANY6, 7), null, 'a wildcard is of one family');
  t.equal(await right.agent.listen('tcp', 'address', ANY4, 7), 'EADDRINUSE');
  t.equal(await right.agent.listen('tcp', 'address', LEFT4, 8), 'EADDRNOTAVAIL');
  const payloads = [question(1), question(2, 5_000), question(3)];
  const done = { phase: 'done', refusal: null, refused: [], error: null, sent: 3, answers: 3 };
  t.same(await left.agent.probe('tcp', probe({ payloads, bindAddress: LEFT4, bindPort: 20_001 })), done);
  t.same(await left.agent.probe('tcp', probe({ payloads, address: RIGHT6, bindDevice: 'eth0' })), done);
  t.match(await left.agent.probe('tcp', probe({ port: 9 })), { phase: 'connect', error: 'ECONNREFUSED' });
  t.match(await left.agent.probe('tcp', probe({ address: hex4('203.0.113.1') })), {
    phase: 'connect',
    refusal: 'ENETUNREACH',
    error: null,
  });
  t.match(await left.agent.probe('tcp', probe({ bindAddress: RIGHT4 })), {
    phase: 'bind',
    refusal: 'EADDRNOTAVAIL',
  });
  t.match(await left.agent.probe('tcp', probe({ bindDevice: 'none0' })), {
    phase: 'bind',
    refusal: 'ENODEV',
  });
  t.equal(await right.agent.closeListeners(), null);
  t.match(await left.agent.probe('tcp', probe({})), { error: 'ECONNREFUSED' }, 'after close-listeners');
});

t.test(
  'an agent that is held up beyond a timeout looks for what came meanwhile before it gives up',
  async (t) => {
    t.equal(await right.agent.listen('tcp', 'address', ANY4, 4010), null);
    t.equal(await right.agent.listen('udp', 'address', ANY4, 4010), null);
    // Who opens a FIFO waits for the other end: first until all requests are there, then longer than the timeout.
    const others = '(: >/run/first; sleep 0.2; : >/run/second; sleep 1; : >/run/third) >/dev/null 2>&1 &';
    const script = `mkfifo /run/first /run/second /run/third; ${others}`;
    t.match(await left.agent.run(['sh', '-c', script], { timeoutMs: TIMEOUT_MS }), { exit: 0 });
    await left.agent.read('/run/first');
    const held = probe({ port: 4010, timeoutMs: 500 });
    const [, tcp, udp] = await Promise.all([
      left.agent.read('/run/second'),
      left.agent.probe('tcp', held),
      left.agent.probe('udp', held),
      left.agent.read('/run/third'),
    ]);
    t.match(tcp, { phase: 'done', answers: 1, error: null });
    t.match(udp, { phase: 'done', answers: 1, error: null });
    await right.agent.closeListeners();
  },
);

t.test('udp, and the source of its answers', async (t) => {
  const other = probe({ address: RIGHT4_OTHER, port: 53, payloads: [question(1), question(2)] });
  const sniff = async () => {
    const argv = [
      'timeout',
      '5',
      'tcpdump',
      '-n',
      '-Z',
      'root',
      '-i',
      'eth0',
      '-c',
      '1',
      '--immediate-mode',
    ] as const;
    return left.agent.run([...argv, 'udp src port 53'], { timeoutMs: 10_000 });
  };
  const sourceOf = async (request: SocketProbe) => {
    const sniffing = sniff();
    let seen = '';
    void sniffing.then(({ stdout }) => {
      seen = / (\S+)\.53 > /.exec(stdout)?.[1] ?? '?';
    });
    // tcpdump does not say when it is live: ask until it has seen an answer.
    for (let i = 0; i < 100 && seen === ''; i++) {
      t.match(await left.agent.probe('udp', request), { phase: 'done', answers: request.payloads.length });
      await sniffed(sniffing);
    }
    return seen;
  };
  const sniffed = (sniffing: Promise<unknown>) =>
    Promise.race([sniffing, new Promise((resolve) => setTimeout(resolve, 50))]);

  t.equal(await right.agent.listen('udp', 'address', ANY4, 53), null);
  t.equal(await sourceOf(other), '192.0.2.2', 'the wildcard answers by the route, not as it was asked');
  await right.agent.closeListeners();
  t.equal(await right.agent.listen('udp', 'address', RIGHT4_OTHER, 53), null);
  t.equal(await sourceOf(other), '192.0.2.3', 'bound to the address');
  await right.agent.closeListeners();
  t.equal(await right.agent.listen('udp', 'pktinfo', ANY4, 53), null);
  t.equal(await right.agent.listen('udp', 'pktinfo', ANY6, 53), null);
  t.equal(await sourceOf(other), '192.0.2.3', 'by IP_PKTINFO');
  const six = probe({ address: RIGHT6, port: 53, bindAddress: LEFT6 });
  t.match(await left.agent.probe('udp', six), { phase: 'done', answers: 1 }, 'by IPV6_PKTINFO');
  await right.agent.closeListeners();

  t.match(await left.agent.probe('udp', probe({ port: 54 })), {
    phase: 'done',
    refusal: null,
    error: 'ECONNREFUSED',
  });
  t.match(await left.agent.probe('udp', probe({ address: hex4('203.0.113.1') })), {
    phase: 'send',
    refusal: 'ENETUNREACH',
  });
  t.match(await left.agent.probe('udp', probe({ address: hex4('192.0.2.9'), timeoutMs: 50 })), {
    phase: 'data',
    answers: 0,
  });
});

t.test('requests at an interval, whether the ones before are answered or not', async (t) => {
  const payloads = Array.from({ length: 10 }, (_, i) => question(i + 1));
  const paced = async (protocol: 'tcp' | 'udp', given: Partial<SocketProbe>) => {
    const begin = performance.now();
    const result = await left.agent.probe(protocol, probe({ payloads, intervalMs: 30, ...given }));
    return { ...result, ms: performance.now() - begin };
  };
  const inTurn = async (protocol: 'tcp' | 'udp', port: number) => {
    t.equal(await right.agent.listen(protocol, 'address', ANY4, port), null);
    const all = await paced(protocol, { port });
    t.match(all, { phase: 'done', sent: 10, answers: 10, error: null }, protocol);
    t.ok(all.ms >= 295, `${protocol}: ${all.ms} ms for ten intervals of 30 ms`);
    t.ok(all.ms < 3_000, `${protocol}: ${all.ms} ms, without the timeout`);
    const { ms } = await paced(protocol, { port, intervalMs: 0 });
    t.ok(ms < all.ms, `${protocol}: at once in ${ms} ms`);
  };
  await inTurn('udp', 4001);
  await inTurn('tcp', 4002);
  await right.agent.closeListeners();

  const unanswered = await paced('udp', { port: 4003, timeoutMs: 100 });
  t.match(unanswered, { sent: 10, answers: 0, error: 'ECONNREFUSED' }, 'goes on beyond what came back');
  t.ok(unanswered.ms >= 295);
  t.match(await paced('tcp', { port: 4004 }), { phase: 'connect', sent: 0, error: 'ECONNREFUSED' });
});

t.test('labs of one sandbox are apart, and one ends without the other', async (t) => {
  const other = await sandbox.openLab([{ name: 'left', ownFiles: false }]);
  const alone = other.nodes.get('left')!;
  const processes = async (agent: Agent) =>
    (await agent.run(['sh', '-c', 'echo /proc/[0-9]*'], { timeoutMs: TIMEOUT_MS })).stdout.split(' ').length;
  t.ok(
    (await processes(alone.agent)) < (await processes(left.agent)),
    'nobody sees the processes of another lab',
  );
  t.match(await ip(alone.agent, 'link show dev eth0'), { stderr: /does not exist/ });
  await alone.agent.run(['sh', '-c', 'sleep 60 &'], { timeoutMs: TIMEOUT_MS });
  alone.capture.resume();
  const captureEnded = new Promise<string[]>((resolve) => {
    alone.onEvent = resolve;
  });
  await other.close();
  t.same(await captureEnded, ['capture-ended'], 'who waits for a packet need not wait any more');
  await other.close();
  await t.rejects(alone.agent.sendSentinel('x'), { name: 'AgentEnded' });
  t.equal(await left.agent.sendSentinel('x'), null);
});

t.test('a lab that cannot be made says why', async (t) => {
  await t.rejects(sandbox.openLab([{ name: 'x'.repeat(70), ownFiles: false }]), {
    name: 'SandboxError',
    message: /cannot name node x{70}: /,
  });
  t.equal(await left.agent.sendSentinel('x'), null, 'the others go on');
});

t.test('requests to an agent that is gone are refused, and closing twice does no harm', async (t) => {
  const waiting = left.agent.run(['sleep', '60'], { timeoutMs: 60_000 });
  const closing = lab.close();
  await t.rejects(waiting, { name: 'AgentEnded', message: /left/ });
  await t.rejects(left.agent.sendSentinel('x'), { name: 'AgentEnded' });
  await closing;
  await sandbox.close();
  await sandbox.close();
  await lab.close();
  t.same(await findLeftovers(), []);
});
