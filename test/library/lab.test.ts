import t from 'tap';
import {
  InvalidScenarioError,
  LabError,
  load,
  openLab,
  RecipeError,
  type TopologyInput,
} from '../../src/index.js';
import { familyOf, leftOf, machineState } from '../netns/machine.js';

/** Two hosts on one link, each with an address of each family. */
const PAIR: TopologyInput = {
  nodes: {
    left: { interfaces: { eth0: { addresses: ['192.0.2.1/24', '2001:db8::1/64'] } } },
    right: { interfaces: { eth0: { addresses: ['192.0.2.2/24', '2001:db8::2/64'] } } },
  },
  links: [['left:eth0', 'right:eth0']],
};

/** What `linux-policy-routing` makes of a second uplink. */
const TABLE = `ip route add default via 198.51.100.1 dev eth1 table 101
ip rule add from 198.51.100.10 table 101`;

const before = await machineState();

t.test('a lab, driven step by step', async (t) => {
  const lab = await openLab({ topology: 'dual-isp' }, { variant: { isp: 'bcp38', family: 4 } });
  t.strictSame(lab.nodes, ['server', 'isp1', 'isp2', 'internet', 'client']);
  const ssh = { from: 'client', to: 'server:eth1', probe: 'tcp/22' } as const;

  const asFound = await lab.probe(ssh);
  t.match(asFound, { verdict: 'reply-lost', request: { in: 'eth1' }, reply: { out: 'eth0' } });
  t.match(asFound.lost, { node: 'isp1', interface: 'lan' }, 'the parameter has its value');
  t.notOk('status' in asFound || 'expected' in asFound, 'nothing was expected');

  t.match(await lab.apply('server', { shell: TABLE }), [
    { node: 'server', line: 1, exit: 0, unexpected: false },
    { line: 2, text: 'ip rule add from 198.51.100.10 table 101' },
  ]);
  const [fixed, other] = await lab.probe([
    { ...ssh, expect: 'symmetric' },
    { ...ssh, to: 'server:eth0', expect: { verdict: 'asymmetric', reply: { out: 'eth1' } } },
  ]);
  t.match(fixed, { status: 'passed', verdict: 'symmetric', differences: [] });
  t.match(other, { status: 'failed', verdict: 'symmetric' });
  t.equal(other?.differences.length, 2, 'each difference is told');

  t.match(await lab.event({ down: 'isp2:lan' }), [{ node: 'isp2', exit: 0 }]);
  t.not((await lab.probe(ssh)).verdict, 'symmetric');
  await lab.close();
});

t.test('a lab of which nobody knew that its links would be cut, and what happens meanwhile', async (t) => {
  await using lab = await openLab({ topology: 'dual-isp' });
  t.match(await lab.event({ unplug: 'server:eth0' }), [{ node: 'server', text: 'unplug server:eth0' }]);
  t.match(await lab.exec('isp1', ['cat', '/sys/class/net/lan/carrier']), { stdout: '0\n' });
  await lab.event({ plug: 'isp1:lan' });
  t.match(await lab.exec('isp1', ['cat', '/sys/class/net/lan/carrier']), { stdout: '1\n' });
  const { commands, flows } = await lab.step({
    during: [{ at: '200ms', event: { silence: 'client:eth0' } }],
    flows: [
      {
        ...{ from: 'client', to: 'server:eth0', family: 4 },
        probe: { protocol: 'udp', port: 5000, stream: { every: '20ms', for: '600ms' } },
        expect: { verdict: 'mixed', stream: { lost: '>= 10', ways: [{ reply: { out: 'eth0' } }] } },
      },
    ],
  });
  t.match(flows, [{ status: 'passed', stream: { sent: 30, blackouts: [{ recovered: false }] } }]);
  t.ok((commands[0]?.atMs ?? 0) >= 195, JSON.stringify(commands));
});

t.test('a policy of each kind, by name and in full, with conditions on the variant', async (t) => {
  await using lab = await openLab({ topology: 'dual-isp' }, { variant: { isp: 'bcp38', family: 6 } });
  t.ok((await lab.apply('server', { policy: 'split-access' })).length > 0);
  await lab.apply('server', { sysctl: { 'net.ipv4.ip_forward': 1 } });
  await lab.apply('server', {
    items: [
      { when: { isp: 'open' }, shell: 'exit 7' },
      { when: { isp: 'bcp38' }, ip: { rules: [{ fwmark: '0x1', table: 100, preference: 9 }] } },
    ],
  });
  const { stdout } = await lab.exec('server', ['ip', '-6', 'rule']);
  t.match(stdout, /^9:\s+from all fwmark 0x1 lookup 100/m);
  t.equal((await lab.exec('server', ['cat', '/proc/sys/net/ipv4/ip_forward'])).stdout, '1\n');
  t.equal((await lab.probe({ from: 'client', to: 'server:eth1', probe: 'ping' })).verdict, 'symmetric');
});

t.test('a command that fails', async (t) => {
  await using lab = await openLab({ topology: PAIR });
  const script = 'ip link set dev eth0 mtu 1400\nip route add 203.0.113.0/24 via 198.51.100.1';
  const error = await lab.apply('left', { shell: script }).catch((reason: unknown) => reason);
  t.ok(error instanceof RecipeError && error instanceof LabError);
  t.match(error, {
    reason: { code: 'recipe-failed', text: /left, line 2: ip route add .*Nexthop has invalid gateway/ },
    commands: [{ exit: 0 }, { exit: 2, unexpected: true }],
  });
  const expect = [{ line: 2, exit: 2, message: '/invalid gateway/' }];
  t.match(await lab.apply('left', { shell: script, expect }), [{}, { exit: 2, unexpected: false }]);
  await t.rejects(lab.apply('left', { shell: 'true', expect }), {
    name: 'RecipeError',
    reason: { code: 'failure-missing' },
  });
  await t.rejects(lab.event({ shell: { node: 'left', script: 'sleep 9', timeout: '50ms' } }), {
    name: 'RecipeError',
    reason: { code: 'recipe-timeout' },
  });
  t.equal((await lab.exec('left', ['ls', '/none'])).exit, 2, 'of a program that is run it is a result');
  t.match(await lab.exec('left', ['none']), { exit: 127, timedOut: false });
  t.match(await lab.exec('left', ['sleep', '9'], { timeoutMs: 50 }), { exit: 137, timedOut: true });
  t.match(await lab.exec('left', ['cat'], { stdin: 'a\tb\n\\' }), {
    exit: 0,
    stdout: 'a\tb\n\\',
    stderr: '',
  });
  t.equal((await lab.exec('left', ['hostname'])).stdout, 'left\n');
});

t.test('calls made at once are carried out in their order, flows of one call at once', async (t) => {
  await using lab = await openLab({ topology: PAIR });
  const flow = { from: 'left', to: 'right:eth0', family: 4, probe: 'tcp/80' } as const;
  const [many, , down, , again] = await Promise.all([
    lab.probe([
      { from: 'left', to: 'right:eth0', probe: 'ping' },
      { from: 'right', to: 'left:eth0', probe: { protocol: 'udp', port: 53, count: 3 } },
    ]),
    lab.event({ down: 'right:eth0' }),
    lab.probe(flow),
    lab.event({ up: 'right:eth0' }),
    lab.probe(flow),
  ]);
  t.strictSame(
    many.map(({ probe, family, verdict, sent }) => [probe, family, verdict, sent]),
    [
      ['ping', 4, 'symmetric', 1],
      ['ping', 6, 'symmetric', 1],
      ['udp/53', 4, 'symmetric', 3],
      ['udp/53', 6, 'symmetric', 3],
    ],
  );
  t.not(down.verdict, 'symmetric');
  t.equal(again.verdict, 'symmetric');
});

t.test('what a node has seen is a capture file', async (t) => {
  await using lab = await openLab({ topology: PAIR });
  const start = (await lab.capture('right')).length;
  await lab.exec('left', ['ping', '-c', '1', '-p', 'c0ffee', '192.0.2.2']);
  const bytes = Buffer.from(await lab.capture('right'));
  t.equal(bytes.readUInt32LE(20), 276, 'LINKTYPE_LINUX_SLL2');
  t.ok(bytes.subarray(start).includes(Buffer.from('c0ffeec0ffee', 'hex')), 'the ping is in it');
});

t.test('the steps of a scenario', async (t) => {
  const cwd = t.testdir({
    'ssh.yaml': `
      title: ssh to the second uplink
      topology: dual-isp
      matrix: { isp: [open, bcp38], family: [4] }
      steps:
        - flows: [{ from: client, to: "server:eth1", probe: tcp/22, expect: asymmetric }]
        - apply: { node: server, policy: split-access }
          flows: [{ from: client, to: "server:eth1", probe: tcp/22, expect: symmetric }]`,
  });
  const { scenarios } = await load('ssh.yaml', { cwd, grep: /isp=open/g });
  t.strictSame(
    scenarios.map(({ name }) => name),
    ['ssh [isp=open family=4]'],
  );
  const [scenario] = scenarios;
  if (scenario === undefined) return t.fail('there is a scenario');
  await using one = await openLab(scenario);
  // The second lab of this process, meanwhile.
  await using two = await openLab('ssh.yaml', { cwd, variant: { isp: 'bcp38' } });
  const statuses = await Promise.all(
    [one, two].map(async (lab) => {
      const found: string[] = [];
      for (const step of lab.scenario.steps)
        found.push(...(await lab.step(step)).flows.map(({ status }) => status));
      return found.join();
    }),
  );
  t.strictSame(statuses, ['passed,passed', 'failed,passed'], 'the verdict of a stricter provider is another');
  await t.rejects(openLab('ssh.yaml', { cwd }), {
    name: 'InvalidScenarioError',
    diagnostics: [{ code: 'not-one-scenario', hint: /isp=open family=4.*isp=bcp38 family=4/ }],
  });
  await t.rejects(openLab('none.yaml', { cwd }), {
    name: 'InvalidScenarioError',
    diagnostics: [{ code: 'no-such-file' }],
  });
});

t.test('what is not valid says so, with place and remedy, and the lab goes on', async (t) => {
  await using lab = await openLab({ topology: PAIR });
  const faults = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!(error instanceof InvalidScenarioError)) return error;
    for (const { place, message, hint } of error.diagnostics) {
      t.equal(place.file, '<inline>');
      t.ok(error.message.includes(message) && error.message.includes(hint));
    }
    return error.diagnostics.map(({ code }) => code);
  };
  t.strictSame(await faults(lab.apply('middle', { shell: 'true' })), ['unknown-node']);
  t.strictSame(await faults(lab.apply('left', {})), ['several-policies']);
  t.strictSame(await faults(lab.apply('left', { policy: 'split-acess' })), ['unknown-policy']);
  t.strictSame(await faults(lab.event({})), ['bad-value']);
  t.strictSame(await faults(lab.event({ down: 'left:eth9' })), ['unknown-interface']);
  t.strictSame(await faults(lab.probe({ from: 'left', to: 'right:eth0', probe: 'htp/80' })), ['bad-value']);
  t.strictSame(await faults(lab.probe({ from: 'left', to: 'right:eth0', probe: 'ping' })), ['not-one-flow']);
  t.strictSame(await faults(lab.exec('middle', ['true'])), ['unknown-node']);
  t.strictSame(await faults(lab.capture('middle')), ['unknown-node']);
  const circle: Record<string, unknown> = {};
  circle.shell = circle;
  t.strictSame(await faults(lab.apply('left', circle)), ['yaml-syntax']);
  t.strictSame(await faults(openLab({ topology: 'dual-ips' })), ['unknown-topology']);
  t.strictSame(await faults(openLab({ topology: 'dual-isp' }, { variant: { isp: 'opne' } })), [
    'bad-parameter-value',
  ]);
  t.strictSame(await faults(openLab({ topology: { ...PAIR, links: [] } })), [
    'interface-unconnected',
    'interface-unconnected',
  ]);
  t.equal(
    (await lab.probe({ from: 'left', to: 'right:eth0', family: 6, probe: 'ping' })).verdict,
    'symmetric',
  );
});

t.test('interfaces that a script made may be named afterwards', async (t) => {
  await using lab = await openLab({ topology: PAIR });
  const expect = { verdict: 'symmetric', request: { in: 'dummy0' } } as const;
  const flow = { from: 'left', to: '192.0.2.2', probe: 'ping', expect } as const;
  await t.rejects(lab.probe(flow), {
    name: 'InvalidScenarioError',
    diagnostics: [{ code: 'unknown-interface' }],
  });
  await lab.event({ shell: { node: 'right', script: 'true' } });
  t.match(await lab.probe(flow), { status: 'failed', differences: ['request.in is eth0, expected dummy0'] });
});

t.test('the signal and the end of a lab', async (t) => {
  const reason = new Error('no more');
  await t.rejects(openLab({ topology: PAIR }, { signal: AbortSignal.abort(reason) }), reason);

  const early = new AbortController();
  const opening = openLab({ topology: PAIR }, { signal: early.signal });
  // At any instant of the start; what was begun is taken down again.
  setTimeout(() => early.abort(reason), Math.random() * 300);
  const opened = await opening.catch((error: Error) => error);
  if (opened instanceof Error) t.equal(opened, reason);
  else await opened.close();

  const controller = new AbortController();
  const lab = await openLab({ topology: PAIR }, { signal: controller.signal });
  const sleeping = lab.exec('left', ['sleep', '60']);
  const queued = lab.probe({ from: 'left', to: 'right:eth0', family: 4, probe: 'ping' });
  const ended = Promise.all([t.rejects(sleeping, reason), t.rejects(queued, reason)]);
  controller.abort(reason);
  await ended;
  await t.rejects(lab.capture('left'), reason);
  await lab.close();

  const closed = await openLab({ topology: PAIR });
  const cut = closed.exec('left', ['sleep', '60']);
  await Promise.all([closed.close(), t.rejects(cut, { name: 'LabError', reason: { code: 'lab-ended' } })]);
  await closed.close();
  await t.rejects(closed.exec('left', ['true']), { name: 'LabError', message: 'the lab is closed' });
});

t.test('a lab that ends by itself', async (t) => {
  const lab = await openLab({ topology: PAIR });
  const { processes } = await familyOf(process.pid);
  const keeper = processes.find(({ parent }) =>
    processes.some((each) => each.pid === parent && each.parent === String(process.pid)),
  );
  const ended = { name: 'LabError', reason: { code: 'lab-ended' } };
  const cut = t.rejects(lab.exec('left', ['sleep', '60']), ended);
  process.kill(Number(keeper?.pid), 'SIGKILL');
  await cut;
  await t.rejects(lab.exec('left', ['true']), ended);
  await lab.close();
});

t.test('nothing is left', async (t) => {
  const { processes } = await familyOf(process.pid);
  t.strictSame(
    processes.map(({ pid }) => pid),
    [String(process.pid)],
  );
  t.strictSame(await leftOf({ processes: processes.slice(1), namespaces: new Set() }), []);
  t.equal(await machineState(), before);
});
