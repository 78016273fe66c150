import type { LabPlan, NodePlan } from '../model/plan.js';
import type { ConfigureItem } from '../model/policy.js';
import type { CaptureMethod } from '../model/settings.js';
import { sysctlFile } from '../net/sysctl-file.js';
import { placeNamespaces } from '../plan/wiring.js';
import type { Agent } from '../system/agent.js';
import type { Sandbox, SandboxLab, SandboxNode } from '../system/sandbox.js';
import { AgentCapture } from './agent-capture.js';
import type { Capture } from './capture.js';
import { Processes } from './processes.js';
import { TcpdumpCapture } from './tcpdump-capture.js';

/** Nothing of what a lab is made of takes longer, even on a machine that is busy with other things. */
const STEP_TIMEOUT_MS = 30_000;

/** A link takes milliseconds; duplicate address detection, where a recipe turns it on, up to two seconds (RFC 4862). */
const SETTLE_TIMEOUT_MS = 2_000;

/** The lab could not be built: on which node, by which command, and what it said. */
export class BuildError extends Error {
  override name = 'BuildError';
}

export interface LabNode {
  readonly name: string;
  readonly agent: Agent;
  readonly capture: Capture;
  /** Whether the capture was live before the node had any interface up. */
  readonly captureLive: boolean;
  /** What was started in the node and goes on. */
  readonly processes: Processes;
  /** What configuration tools were given in the node, by the name that `stop` and `restart` know them by. */
  readonly tools: Map<string, ConfigureItem>;
  /** All nodes of its lab, by name, itself included. */
  readonly lab: () => ReadonlyMap<string, LabNode>;
}

/** A running lab. It ends with `close`, and at the latest with this process. */
export interface Lab {
  readonly plan: LabPlan;
  readonly nodes: ReadonlyMap<string, LabNode>;
  /** Waits until what a recipe or an event did to links and addresses is in effect, or will not be. */
  settle(): Promise<void>;
  /** Carries out commands for `ip -batch` in the sandbox, where the ports of segments are. @throws BuildError */
  rewire(commands: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes the plan real. Captures start as soon as the namespaces exist, so that the time they need to
 * become live overlaps with the making of links, and nothing comes up before they are.
 *
 * @throws BuildError, SandboxError
 */
export async function buildLab(plan: LabPlan, sandbox: Sandbox, method: CaptureMethod): Promise<Lab> {
  const requests = plan.nodes.map(({ name, privateFiles }) => ({ name, ownFiles: privateFiles }));
  const inside = await sandbox.openLab(requests);
  try {
    const captures = startCaptures(inside, method);
    // Where the lab ends before they are awaited, what is awaited says so.
    captures.catch(() => {});
    await writeAll(inside, plan.nodes, 'earlySysctls');
    await makeLinks(inside, plan);
    await Promise.all(plan.nodes.map((node) => makeDevices(nodeOf(inside, node.name), node)));
    const nodes = new Map((await captures).map((node) => [node.name, node]));
    // Each agent does what it is asked in the order in which it is asked.
    await Promise.all([
      writeAll(inside, plan.nodes, 'lateSysctls'),
      ...plan.nodes.map((node) => configure(nodeOf(inside, node.name), node)),
    ]);
    const settle = (timeoutMs: number) => settleAll(inside, timeoutMs);
    const pending = await settle(STEP_TIMEOUT_MS);
    if (pending.length > 0) {
      throw new BuildError(`not in effect after ${STEP_TIMEOUT_MS} ms: ${pending.join(', ')}`);
    }
    return {
      plan,
      nodes,
      settle: async () => void (await settle(SETTLE_TIMEOUT_MS)),
      rewire: (commands) => runBatch(inside.first, 'the sandbox', commands),
      close: inside.close,
    };
  } catch (error) {
    await inside.close();
    throw error;
  }
}

/** Waits until all that was configured is in effect; gives what is not when the time is over, as `node:interface`. */
async function settleAll(inside: SandboxLab, timeoutMs: number): Promise<string[]> {
  const agents: [string, Agent][] = [['the lab', inside.first]];
  for (const { name, agent } of inside.nodes.values()) agents.push([name, agent]);
  const pending = await Promise.all(
    agents.map(async ([where, agent]) =>
      (await agent.settle(timeoutMs)).map((device) => `${where}:${device}`),
    ),
  );
  return pending.flat();
}

async function startCaptures(inside: SandboxLab, method: CaptureMethod): Promise<LabNode[]> {
  const byName = new Map<string, LabNode>();
  const nodes = await Promise.all(
    [...inside.nodes.values()].map(async (node) => {
      const capture = method === 'agent' ? new AgentCapture(node) : new TcpdumpCapture(node);
      const processes = new Processes(node);
      const captureLive = await capture.start(STEP_TIMEOUT_MS);
      const { name, agent } = node;
      return { name, agent, capture, captureLive, processes, tools: new Map(), lab: () => byName };
    }),
  );
  for (const node of nodes) byName.set(node.name, node);
  return nodes;
}

async function makeLinks(inside: SandboxLab, plan: LabPlan): Promise<void> {
  // Bridges and their ports speak no IP: no router solicitations or listener reports of theirs on a segment.
  await inside.first.write([[sysctlFile('net.ipv6.conf.default.disable_ipv6'), '1']]);
  const pidOf = (name: string) => nodeOf(inside, name).pid;
  const commands = plan.linkCommands.map((command) => placeNamespaces(command, pidOf));
  await runBatch(inside.first, 'the sandbox', commands);
  if (plan.switchCommands.length > 0)
    await runBatch(inside.first, 'the sandbox', plan.switchCommands, 'bridge');
  if (plan.trafficCommands.length > 0)
    await runBatch(inside.first, 'the sandbox', plan.trafficCommands, 'tc');
  if (plan.lossRuleset !== null) await loseAtRandom(inside.first, plan.lossRuleset);
}

async function loseAtRandom(agent: Agent, ruleset: string): Promise<void> {
  const result = await agent.run(['nft', '-f', '-'], { stdin: ruleset, timeoutMs: STEP_TIMEOUT_MS });
  if (result.exit === 0 && result.signal === 0) return;
  const said = result.timedOut ? `no end after ${STEP_TIMEOUT_MS} ms` : result.stderr.trim();
  throw new BuildError(`the sandbox: nft -f -: ${said}`);
}

/** Down: nothing of them comes up before the captures are live. */
async function makeDevices(node: SandboxNode, { name, deviceCommands }: NodePlan): Promise<void> {
  if (deviceCommands.length > 0) await runBatch(node.agent, name, deviceCommands);
}

async function configure(node: SandboxNode, plan: NodePlan): Promise<void> {
  await runBatch(node.agent, plan.name, plan.commands);
}

async function runBatch(
  agent: Agent,
  where: string,
  commands: readonly string[],
  tool: 'ip' | 'bridge' | 'tc' = 'ip',
): Promise<void> {
  const stdin = `${commands.join('\n')}\n`;
  const result = await agent.run([tool, '-batch', '-'], { stdin, timeoutMs: STEP_TIMEOUT_MS });
  if (result.exit === 0 && result.signal === 0) return;
  const line = /Command failed -:(\d+)/.exec(result.stderr)?.[1];
  const command = line === undefined ? `${tool} -batch` : `${tool} ${commands[Number(line) - 1]}`;
  const said = result.timedOut
    ? `no end after ${STEP_TIMEOUT_MS} ms`
    : result.stderr.replace(/\s*Command failed.*/s, '');
  throw new BuildError(`${where}: ${command}: ${said.trim()}`);
}

async function writeAll(
  inside: SandboxLab,
  plans: readonly NodePlan[],
  which: 'earlySysctls' | 'lateSysctls',
): Promise<void> {
  const write = async (plan: NodePlan) => {
    const settings = plan[which];
    const errnos = await nodeOf(inside, plan.name).agent.write(
      settings.map(([key, value]) => [sysctlFile(key), value]),
    );
    errnos.forEach((errno, i) => {
      const [key, value] = settings[i] ?? [];
      if (errno !== null) throw new BuildError(`${plan.name}: sysctl ${key}=${value}: ${errno}`);
    });
  };
  await Promise.all(plans.map(write));
}

function nodeOf(inside: SandboxLab, name: string): SandboxNode {
  const node = inside.nodes.get(name);
  if (!node) throw new BuildError(`the plan has no node ${name}`);
  return node;
}
