import { join } from 'node:path';
import t from 'tap';
import { Capture } from '../../src/build/capture.js';
import { buildLab, type Lab, type LabNode } from '../../src/build/lab.js';
import { loadScenarios } from '../../src/load/load.js';
import type { FlowResult } from '../../src/model/flow-result.js';
import { eventsOf } from '../../src/model/scenario.js';
import type { CaptureMethod } from '../../src/model/settings.js';
import type { CauseCode } from '../../src/model/verdict.js';
import { planFlows } from '../../src/plan/flows.js';
import { planLab } from '../../src/plan/lab.js';
import { probeStep } from '../../src/probe/probe.js';
import { doDeed } from '../../src/run/deed.js';
import { type SandboxLab, type SandboxNode, startSandbox } from '../../src/system/sandbox.js';
import { validate } from '../../src/validate/validate.js';
import { flowResults } from '../judge/flow-results.js';
import { FOLDER, ROOT, run } from './command.js';

const SIGKILL = 9;
const SIGCONT = 18;
const SIGSTOP = 19;

/** What is done to the capture of one node. */
interface Disturbance {
  readonly node?: string;
  /** `tcpdump` where nothing is said. */
  readonly method?: CaptureMethod;
  /** A shell that ends as tcpdump, which is its arguments. */
  readonly start?: string;
  /** Done to it as soon as the flows' first packets are captured. */
  readonly during?: (node: SandboxNode, lab: SandboxLab) => Promise<void>;
}

// Most of the time is spent waiting for a control packet that does not come.
t.jobs = 4;
t.setTimeout(60_000);

const sandbox = await startSandbox();
t.teardown(() => sandbox.close());

/** Runs a scenario's one step in a lab in which the capture of one node is disturbed. */
async function flowsOf(scenario: string, disturbance: Disturbance): Promise<FlowResult[]> {
  const { node: name = 'router', method = 'tcpdump', start, during } = disturbance;
  const file = join(FOLDER, 'disturbed', `${scenario}.yaml`);
  const loaded = await loadScenarios([file], { cwd: ROOT, labDirs: [join(ROOT, 'lab')] });
  const [only] = validate(loaded).scenarios;
  if (!only) throw new Error(`${file} is invalid`);
  const plan = planLab(only);
  let made: SandboxLab | undefined;
  const lab = await buildLab(
    plan,
    {
      ...sandbox,
      openLab: async (requests) => {
        const inside = await sandbox.openLab(requests);
        made = inside;
        const agent = inside.nodes.get(name)?.agent;
        if (agent && start !== undefined) {
          const startCapture = agent.startCapture.bind(agent);
          agent.startCapture = (argv) => startCapture(['bash', '-c', start, 'bash', ...argv]);
        }
        return inside;
      },
    },
    method,
  );
  try {
    const disturbed = made?.nodes.get(name);
    if (!made || !disturbed) throw new Error(`no node ${name}`);
    for (const event of only.steps.flatMap(eventsOf)) await doDeed(lab, { event });
    const flows = [...planFlows(only).values()].flat();
    const ongoing = probeStep(lab, flows);
    const { capture } = nodeOf(lab, name);
    const before = capture.frames.length;
    await capture.until(() => capture.frames.length > before + 10, 5_000);
    await during?.(disturbed, made);
    return flowResults(plan, await ongoing);
  } finally {
    await lab.close();
  }
}

function nodeOf(lab: Lab, name: string): LabNode {
  const node = lab.nodes.get(name);
  if (!node) throw new Error(`no node ${name}`);
  return node;
}

/** More packets, on the node's loopback, than a capture that does not read can hold. */
async function flood({ pid }: SandboxNode, { first }: SandboxLab, requests = 3000): Promise<void> {
  const inside = ['nsenter', `--net=/proc/${pid}/ns/net`] as const;
  await first.run([...inside, 'ping', '-q', '-f', '-c', String(requests), '127.0.0.1'], {
    timeoutMs: 20_000,
  });
}

/** Sends a signal to a node's agent itself. */
async function signalAgent(
  { pid }: SandboxNode,
  { first }: SandboxLab,
  signal: 'STOP' | 'CONT',
): Promise<void> {
  await first.run(['bash', '-c', `kill -${signal} ${pid}`], { timeoutMs: 5_000 });
}

/** A shell that puts a filter between tcpdump and its reader; signals still reach tcpdump. */
function through(filter: string): string {
  return `exec "$@" > >(${filter})`;
}

/** Passes on a capture in little-endian pcap with LINUX_SLL2, without the IPv4 echo requests of one packet type. */
function withoutRequests(packetType: number): string {
  return `exec perl -e '
    $| = 1;
    sub take { my ($size) = @_; my $all = ""; while (length $all < $size) { sysread STDIN, $all, $size - length $all, length $all or exit } $all }
    print take(24);
    while (1) {
      my $header = take(16);
      my $record = take(unpack "x8 V", $header);
      my ($protocol, $type, $ip, $icmp) = unpack "n x8 C x9 x9 C x10 C", $record . " " x 60;
      print $header, $record unless $protocol == 0x0800 && $type == ${packetType} && $ip == 1 && $icmp == 8;
    }'`;
}

const HOST = 0;
const OUTGOING = 4;

/** Before the tests, which run side by side: the lab does not wait for the capture of the router, its second node. */
async function flowsOfLateCapture(): Promise<FlowResult[]> {
  const { start } = Capture.prototype;
  let begun = 0;
  Capture.prototype.start = function (timeoutMs) {
    return start.call(this, ++begun === 2 ? 1 : timeoutMs);
  };
  const whenUp =
    'until [[ $(</sys/class/net/left/operstate) == up ]]; do sleep 0.01; done; sleep 0.2; exec "$@"';
  try {
    return await flowsOf('chain', { start: whenUp });
  } finally {
    Capture.prototype.start = start;
  }
}

const flowsOfLate = await flowsOfLateCapture();

t.test('a capture that begins after the flows did: inconclusive', async (t) => {
  t.equal(flowsOfLate.length, 3);
  for (const flow of flowsOfLate)
    t.match(flow, {
      status: 'failed',
      verdict: 'inconclusive',
      cause: { code: 'capture-late', text: /router/ },
    });
});

/** How many is a lower bound: a frame that is captured after the kernel's count was read makes up for a lost one. */
const LOST = /lost [1-9]\d* packets/;

const CASES: readonly (Disturbance & {
  readonly title: string;
  readonly scenario?: string;
  readonly code: CauseCode;
  readonly text?: RegExp;
})[] = [
  {
    title: 'a capture that is killed while the flows go on',
    during: async ({ agent }) => void (await agent.signalCapture(SIGKILL)),
    code: 'capture-ended',
  },
  {
    title: 'a capture that is held up while more comes than its ring holds',
    during: async (node, lab) => {
      const { agent } = node;
      await agent.signalCapture(SIGSTOP);
      await flood(node, lab);
      await agent.signalCapture(SIGCONT);
    },
    code: 'capture-dropped',
    text: LOST,
  },
  {
    title: 'a capture whose reader does not read for a while',
    during: async (node, lab) => {
      const { capture } = node;
      capture.pause();
      await flood(node, lab);
      capture.resume();
    },
    code: 'capture-dropped',
    text: LOST,
  },
  {
    title: 'an agent that is held up while more comes than its socket holds',
    method: 'agent',
    during: async (node, lab) => {
      await signalAgent(node, lab, 'STOP');
      await flood(node, lab);
      await signalAgent(node, lab, 'CONT');
    },
    code: 'capture-dropped',
    text: LOST,
  },
  {
    title: 'an agent whose captures nobody reads for a while',
    method: 'agent',
    during: async (node, lab) => {
      const { capture } = node;
      capture.pause();
      await flood(node, lab, 30_000);
      capture.resume();
    },
    code: 'capture-dropped',
    text: LOST,
  },
  {
    title: 'an agent whose captures nobody reads any more',
    method: 'agent',
    during: async ({ capture }) => void capture.pause(),
    code: 'sentinel-missing',
  },
  {
    title: 'a capture whose reader reads no more',
    during: async ({ capture }) => void capture.pause(),
    code: 'sentinel-missing',
  },
  {
    title: 'a capture that writes to a disk that is full after 8 KiB',
    start:
      'mount -t tmpfs -o size=8k disk /mnt && : >/mnt/file && { tail -c +1 -s 0.01 -f /mnt/file & } && exec "$@" -w /mnt/file',
    code: 'sentinel-missing',
  },
  {
    title: 'a capture whose last packets are lost',
    start: through('dd bs=1 count=8000 status=none; exec cat >/dev/null'),
    code: 'sentinel-missing',
  },
  {
    title: 'a capture whose stream is damaged',
    start: through('dd bs=1 count=8000 status=none; printf "%0100d" 0; exec cat'),
    code: 'capture-ended',
  },
  {
    title: 'a capture that loses what comes in, and nobody says so',
    start: through(withoutRequests(HOST)),
    code: 'capture-dropped',
    text: LOST,
  },
  {
    title: 'a capture that loses what goes out, and nobody says so',
    start: through(withoutRequests(OUTGOING)),
    code: 'capture-dropped',
    text: LOST,
  },
  {
    title: 'a capture that loses what comes in from a segment, and nobody says so',
    scenario: 'segment',
    node: 'server',
    start: through(withoutRequests(HOST)),
    code: 'capture-dropped',
    text: LOST,
  },
  {
    title: 'a capture that loses what goes out on a link that is silent',
    scenario: 'silent',
    start: through(withoutRequests(OUTGOING)),
    code: 'capture-dropped',
    text: LOST,
  },
  {
    title: 'a capture that loses what comes in on the way to a link that is silent',
    scenario: 'silent',
    start: through(withoutRequests(HOST)),
    code: 'capture-dropped',
    text: LOST,
  },
];

for (const { title, scenario = 'chain', code, text = /./, ...disturbance } of CASES) {
  t.test(`${title}: inconclusive`, { buffered: true }, async (t) => {
    const flows = await flowsOf(scenario, disturbance);
    t.ok(flows.length > 0);
    const where = new RegExp(`on ${disturbance.node ?? 'router'} `);
    for (const flow of flows) {
      t.match(flow, { status: 'failed', verdict: 'inconclusive', cause: { code, text: where } }, flow.probe);
      t.match(flow.cause?.text, text);
    }
  });
}

t.test('undisturbed, the flows pass', async (t) => {
  for (const method of ['agent', 'tcpdump'] as const) {
    const flows = await flowsOf('chain', { method });
    t.strictSame(
      flows.map(({ probe, status, verdict, received }) => [probe, status, verdict, received]),
      [
        ['ping', 'passed', 'symmetric', 50],
        ['tcp/22', 'passed', 'symmetric', 2],
        ['udp/53', 'passed', 'symmetric', 1],
      ],
      method,
    );
  }
});

t.test('what a silent link swallows is lost there, and the captures prove it', async (t) => {
  for (const method of ['agent', 'tcpdump'] as const) {
    for (const flow of await flowsOf('silent', { method })) {
      const lost = { node: 'router', interface: 'right', direction: 'out' };
      t.match(flow, { status: 'passed', verdict: 'request-lost', lost }, `${flow.probe}, ${method}`);
    }
  }
});

t.test('what a link discards is lost there, and the captures prove it', async (t) => {
  const { report } = await run([join(FOLDER, 'disturbed/oversized.yaml')]);
  t.match(report.scenarios, [{ status: 'passed', reason: null }]);
});
