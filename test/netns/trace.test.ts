import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { countersOf, gatherEvidence } from '../../src/evidence/gather.js';
import type { FlowEvidence } from '../../src/model/evidence.js';
import type { Scenario } from '../../src/model/scenario.js';
import { repeatFlow } from '../../src/run/repeat.js';
import { type RerunMeans, rerunStep } from '../../src/run/rerun.js';
import { startKernelTrace, TraceError } from '../../src/system/kernel-trace.js';
import { startSandbox } from '../../src/system/sandbox.js';
import { execute } from './command.js';
import { scenariosOf } from './planned.js';

const isRoot = process.geteuid?.() === 0;
const asRoot = { skip: isRoot ? false : 'trace events are for root' };

// Labs by the dozen, on a machine that may have other things to do.
t.setTimeout(300_000);

const sandbox = startSandbox();
const means: RerunMeans = { sandbox, capture: 'agent', signal: new AbortController().signal };
t.teardown(async () => (await sandbox).close());

/** What is known of the flows of the only step of a scenario, each of them repeated. */
async function repeated(folder: string, text: string): Promise<readonly FlowEvidence[]> {
  const file = join(folder, 'traced.yaml');
  await writeFile(file, text);
  const [scenario] = await scenariosOf(file);
  if (scenario === undefined) throw new Error('the scenario is not there');
  const evidence = await evidenceOf(scenario);
  return Promise.all(evidence.map((each) => repeatFlow(scenario, each, means)));
}

async function evidenceOf(scenario: Scenario): Promise<readonly FlowEvidence[]> {
  let evidence: readonly FlowEvidence[] = [];
  const rerun = { scenario, step: 0, deeds: [], flows: scenario.steps[0]?.flows ?? [] };
  const { reason } = await rerunStep(rerun, means, async (lab, _flows, probe) => {
    const before = await countersOf(lab);
    const end = await probe();
    evidence = await gatherEvidence(lab, end.journeys, before);
    return end;
  });
  if (reason !== null) throw new Error(reason.text);
  return evidence;
}

t.test("the kernel's own word for a packet that it dropped", asRoot, async (t) => {
  const [filtered, asked, sent] = await repeated(
    t.testdir(),
    `
title: strict reverse-path filter
topology: { extends: dual-isp, params: { rp_filter: 1 } }
family: 4
defaults: { timeout: 250ms }
steps:
  - apply: { node: client, nft: 'table ip f { chain out { type filter hook output priority 0; udp dport 54 drop; }; }' }
    flows:
      - { from: client, to: 'server:eth1', probe: ping, expect: no-reply }
      - { from: client, to: 'server:eth0', probe: tcp/22, expect: symmetric }
      - { from: client, to: 'server:eth0', probe: udp/54, expect: send-failed }
`,
  );
  t.match(filtered?.repeat, {
    verdict: 'no-reply',
    drops: [{ node: 'server', leg: 'request', interface: 'eth1', reason: 'IP_RPFILTER' }],
  });
  t.equal(filtered?.repeat?.drops.length, 1);
  t.match(
    filtered?.repeat?.fibLookUps.filter(({ node }) => node === 'server'),
    [
      { leg: 'request', purpose: 'way', error: 0 },
      { leg: 'request', purpose: 'reverse-path', device: 'eth0', gateway: '192.0.2.1' },
    ],
  );
  t.equal(filtered?.repeat?.counters.get('server')?.TcpExtIPReversePathFilter, 1, 'of that flow alone');
  t.match(asked?.repeat, { verdict: 'symmetric', drops: [] });
  t.match(
    asked?.repeat?.fibLookUps.findLast(({ node, leg }) => node === 'server' && leg === 'reply'),
    { purpose: 'way', device: 'eth0', gateway: '192.0.2.1', error: 0 },
  );
  t.match(sent?.repeat?.drops, [{ node: 'client', interface: null, reason: 'NETFILTER_DROP' }]);
});

t.test("the mark's life", async (t) => {
  const [restored, lost] = await repeated(
    t.testdir(),
    `
title: a connection's mark, restored for one of two ports
topology: dual-isp
steps:
  - apply:
      node: server
      shell: |
        ip -6 route add default via 2001:db8:b::1 table 102
        ip -6 rule add fwmark 2 table 102
        nft 'table inet marks {
          chain pre { type filter hook prerouting priority -150; iifname eth1 ct mark set 2; };
          chain out { type route hook output priority -150; tcp sport 22 meta mark set ct mark; };
        }'
    flows:
      - { from: client, to: 'server:eth1', family: 6, probe: tcp/22, expect: symmetric }
      - { from: client, to: 'server:eth1', family: 6, probe: tcp/23, expect: asymmetric }
`,
  );
  const life = (evidence: FlowEvidence | undefined) =>
    evidence?.repeat?.marks.map(({ node, leg, hook, mark, rule }) => [node, leg, hook, mark, rule]);
  t.equal(restored?.repeat?.verdict, 'symmetric');
  t.strictSame(life(restored), [
    ['server', 'request', 'prerouting', 0, null],
    ['server', 'request', 'input', 0, null],
    ['server', 'reply', 'output', 2, 'tcp sport 22 meta mark set ct mark'],
    ['server', 'reply', 'postrouting', 2, null],
  ]);
  t.equal(lost?.repeat?.verdict, 'asymmetric');
  t.strictSame(life(lost), [
    ['server', 'request', 'prerouting', 0, null],
    ['server', 'request', 'input', 0, null],
    ['server', 'reply', 'output', 0, null],
    ['server', 'reply', 'postrouting', 0, null],
  ]);
});

const legacy = await execute([
  'unshare',
  '--map-root-user',
  '--net',
  'iptables-legacy',
  '-t',
  'mangle',
  '-S',
]);
const withLegacy = { skip: legacy.code === 0 ? false : `no iptables-legacy: ${legacy.stderr}` };

t.test('marks of iptables-legacy, whose rules nobody shows', withLegacy, async (t) => {
  const [marked] = await repeated(
    t.testdir(),
    `
title: a mark set by iptables-legacy
topology: dual-isp
steps:
  - apply: { node: server, shell: iptables-legacy -t mangle -A OUTPUT -p icmp -j MARK --set-mark 5 }
    flows:
      - { from: client, to: 'server:eth0', family: 4, probe: ping, expect: symmetric }
`,
  );
  t.match(
    marked?.repeat?.marks.filter(({ leg }) => leg === 'reply'),
    [
      { hook: 'output', mark: 5, rule: null },
      { hook: 'postrouting', mark: 5, rule: null },
    ],
  );
  t.match(marked?.missing, [/^server: which rule of iptables-legacy/]);
});

t.test('without root it says so', { skip: isRoot ? 'we are root' : false }, async (t) => {
  await t.rejects(startKernelTrace([]), TraceError);
});

t.test('no instance is left, whatever ends', asRoot, async (t) => {
  const program = join(import.meta.dirname, 'tracing.js');
  const begin = async (): Promise<Tracing> => {
    let pid = 0;
    const ended = execute([process.execPath, program], (child) => {
      pid = child.pid ?? 0;
      started = once(child.stdout ?? child, 'data');
    });
    await started;
    const [tracer = ''] = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ');
    return { pid, ended, instance: `replypath-${tracer}`, tracer: Number(tracer) };
  };
  let started: Promise<unknown> = Promise.resolve();

  const command = await begin();
  t.ok((await instances()).includes(command.instance));
  process.kill(command.pid, 'SIGKILL');
  await command.ended;
  t.ok(await isGone(command.instance), 'the command killed');

  const other = await begin();
  process.kill(other.tracer, 'SIGKILL');
  process.kill(other.pid, 'SIGKILL');
  await other.ended;
  t.ok((await instances()).includes(other.instance), 'nobody is left to remove it');
  const deadline = performance.now() + 10_000;
  do {
    const next = await startKernelTrace([]);
    await next.close();
    // What reads it ends with the next event that it cannot pass on.
    await execute(['ping', '-c', '1', '-W', '1', '127.0.0.1']);
  } while ((await instances()).includes(other.instance) && performance.now() < deadline);
  t.ok(await isGone(other.instance), 'the next one removes it');
});

interface Tracing {
  readonly pid: number;
  readonly ended: Promise<unknown>;
  readonly instance: string;
  readonly tracer: number;
}

async function isGone(instance: string): Promise<boolean> {
  const deadline = performance.now() + 30_000;
  while ((await instances()).includes(instance)) {
    if (performance.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

/** Those of the whole machine. */
async function instances(): Promise<readonly string[]> {
  const list =
    'cd /sys/kernel/tracing; [ -d instances ] || mount -t tracefs tracefs . && cd . && ls /sys/kernel/tracing/instances';
  const { stdout } = await execute(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', list]);
  return stdout.split('\n');
}
