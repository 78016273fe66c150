import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { Agent } from './agent.js';
import { AgentChannel } from './channel.js';
import { enterCommand } from './enter.js';
import { noteProcess } from './leftovers.js';
import { packageFolder } from './package-folder.js';
import { FIXED_PATH } from './path.js';

const AGENT = join(packageFolder(), 'src/system/agent.pl');

/** Descriptor of the keeper's control socket; see `agent.pl`. */
const CONTROL = 3;

/** The private namespaces could not be made: the reason is the message. */
export class SandboxError extends Error {
  override name = 'SandboxError';
}

/**
 * The one process tree of a run, in namespaces of its own, in which labs are made. It ends with this
 * process, however that ends: its first process, the keeper, has a parent-death signal, and reads a
 * socket whose other end is here.
 */
export interface Sandbox {
  /** @throws SandboxError where the machine does not let us, with what it said. */
  openLab(requests: readonly SandboxNodeRequest[]): Promise<SandboxLab>;
  /** Kills everything inside. Safe to call twice. */
  close(): Promise<void>;
}

/** The processes of one lab: PID and mount namespaces of their own, and one agent per node. */
export interface SandboxLab {
  /** The agent in the lab's own network namespace, where links are made and bridges live. */
  readonly first: Agent;
  readonly nodes: ReadonlyMap<string, SandboxNode>;
  /** Kills everything inside; resolves when no process of it is left. Safe to call twice. */
  close(): Promise<void>;
}

export interface SandboxNode {
  readonly name: string;
  /** The agent's process number inside the lab: names the node's network namespace to `ip`. */
  readonly pid: number;
  readonly agent: Agent;
  /** What the node's capture writes. */
  readonly capture: Readable;
  /** Receives what the agent says unasked, `capture-message` and `capture-ended`. */
  onEvent: (fields: string[]) => void;
}

export interface SandboxNodeRequest {
  readonly name: string;
  /** Whether the node gets /etc, /run, /var and /tmp of its own. */
  readonly ownFiles: boolean;
}

/** @throws SandboxError where the machine does not let us, with what it said. */
export async function startSandbox(): Promise<Sandbox> {
  const [program, ...options] = enterCommand();
  const child = execa(program, [...options, '/usr/bin/perl', AGENT], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    buffer: false,
    reject: false,
    env: { PATH: `/run/replypath/bin:${FIXED_PATH}`, LC_ALL: 'C', HOME: '/root', TERM: 'dumb' },
    extendEnv: false,
    cleanup: true,
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
    if (process.env.REPLYPATH_DEBUG) process.stderr.write(text);
  });
  // Node makes every pipe a socket pair, open in both directions.
  const control = child.stdio[CONTROL] as unknown as Socket;
  const keeper = openAgent('the sandbox', control);
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await child;
  };
  const failed = child.then((result): never => {
    const said = complaint.trim() || result.originalMessage || `it ended with status ${result.exitCode}`;
    throw new SandboxError(said);
  });
  try {
    await Promise.race([keeper.ready, failed]);
  } catch (error) {
    await close();
    throw error;
  }
  failed.catch(() => {});
  const pid = await childOf(child.pid);
  await noteProcess(pid);
  return { openLab: (requests) => openLab(keeper.agent, pid, requests), close };
}

async function openLab(
  keeper: Agent,
  keeperPid: number,
  requests: readonly SandboxNodeRequest[],
): Promise<SandboxLab> {
  // In one go: the keeper takes connections in the order in which they were made.
  const path = `/proc/${keeperPid}/root/run/keeper`;
  const sockets = Array.from({ length: 1 + 2 * requests.length }, () => connect({ path }));
  for (const socket of sockets) socket.on('error', () => {});
  const making = keeper.openLab(requests.map(({ name, ownFiles }) => name + (ownFiles ? '!' : '')));
  const [control, ...rest] = sockets as [Socket, ...Socket[]];
  const first = openAgent('the lab', control);
  const nodes = requests.map(({ name }, i) => {
    const [own, capture] = rest.slice(2 * i, 2 * i + 2) as [Socket, Socket];
    const node = { name, capture, pid: 0, onEvent: (_: string[]): void => {} };
    const { agent, ready } = openAgent(name, own, (fields) => node.onEvent(fields));
    return { node: Object.assign(node, { agent }), ready };
  });
  const pid = await making;
  if (typeof pid !== 'number') {
    for (const socket of sockets) socket.destroy();
    throw new SandboxError(pid.failed);
  }
  let ending: Promise<void> | undefined;
  const end = async () => {
    // The keeper may be gone already, and the lab with it.
    await keeper.endLab(pid).catch(() => {});
    for (const socket of sockets) socket.destroy();
  };
  const close = () => {
    ending ??= end();
    return ending;
  };
  try {
    const [, ...pids] = await Promise.all([first.ready, ...nodes.map(({ ready }) => ready)]);
    for (const [i, { node }] of nodes.entries()) node.pid = pids[i] ?? 0;
  } catch (error) {
    await close();
    throw error;
  }
  return { first: first.agent, nodes: new Map(nodes.map(({ node }) => [node.name, node])), close };
}

/** An agent's channel, and a promise of its process number that rejects with what the agent says kept it from starting. */
function openAgent(
  name: string,
  socket: Socket,
  onEvent: (fields: string[]) => void = () => {},
): { readonly agent: Agent; readonly ready: Promise<number> } {
  let resolve: (pid: number) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const ready = new Promise<number>((...settle) => {
    [resolve, reject] = settle;
  });
  ready.catch(() => {});
  const channel = new AgentChannel(name, socket, (fields) => {
    const [event, text = ''] = fields;
    if (event === 'ready') resolve(Number(text));
    else if (event === 'failed') reject(new SandboxError(text.trim()));
    else onEvent(fields);
  });
  socket.once('close', () => reject(new SandboxError(`the agent of ${name} ended before it began`)));
  return { agent: new Agent(channel), ready };
}

/** The one child of a process: unshare(1) stays behind as the parent of what it starts; proc(5). */
async function childOf(pid: number | undefined): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return Number(children.trim().split(' ')[0]);
}
