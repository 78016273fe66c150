import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { Agent } from './agent.js';
import { AgentChannel } from './channel.js';
import { enterCommand } from './enter.js';
import { watchProcess } from './leftovers.js';
import { FIXED_PATH } from './path.js';

/** Descriptor of the keeper's control socket; see `agent.pl`. */
const CONTROL = 3;

/** Events that are about processes that go on, and not about the capture. */
const OF_PROCESSES: ReadonlySet<string> = new Set(['output', 'exited']);

/** What takes milliseconds, on a machine that is busy with other things. */
const PATIENCE_MS = 30_000;

/** A sandbox or a lab could not be made: the reason is the message, with what to do where that is known. */
export class SandboxError extends Error {
  override name = 'SandboxError';

  constructor(
    readonly complaint: string,
    advice = '',
  ) {
    super(advice === '' ? complaint : `${complaint}; ${advice}`);
  }
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
  /** Receives what the agent says of processes that go on: `output`, `exited`. */
  onProcess: (fields: string[]) => void;
}

export interface SandboxNodeRequest {
  readonly name: string;
  /** Whether the node gets /etc, /run, /var and /tmp of its own. */
  readonly ownFiles: boolean;
}

/**
 * @param patienceMs for each answer of the keeper, and for the nodes of a lab.
 * @throws SandboxError where the machine does not let us, with what it said, or takes longer.
 */
export async function startSandbox(patienceMs = PATIENCE_MS): Promise<Sandbox> {
  const [program, ...options] = enterCommand();
  const child = execa(program, options, {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    buffer: false,
    reject: false,
    env: { PATH: `/run/replypath/bin:${FIXED_PATH}`, LC_ALL: 'C', HOME: '/root', TERM: 'dumb' },
    extendEnv: false,
    // It would listen for this process's signals, which belong to whoever uses us; the keeper needs no telling.
    cleanup: false,
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
    if (process.env.REPLYPATH_DEBUG) process.stderr.write(text);
  });
  // Node makes every pipe a socket pair, open in both directions.
  const control = child.stdio[CONTROL] as unknown as Socket;
  const { agent, ready } = openAgent('the sandbox', control);
  let noteClosed = () => {};
  const close = async (): Promise<void> => {
    noteClosed();
    child.kill('SIGKILL');
    await child;
  };
  const failed = child.then((result): never => {
    const said = complaint.trim() || result.originalMessage || `it ended with status ${result.exitCode}`;
    throw new SandboxError(said, 'replypath doctor says what this machine permits');
  });
  try {
    // Its socket may be seen to end before it is, and does not say why.
    const begun = ready.catch(() => failed);
    await within(patienceMs, () => 'the sandbox to begin', Promise.race([begun, failed]));
  } catch (error) {
    await close();
    throw error;
  }
  failed.catch(() => {});
  const pid = await childOf(child.pid);
  noteClosed = await watchProcess(pid);
  const keeper = { agent, socketPath: `/proc/${pid}/root/run/keeper`, patienceMs, kill: close };
  return { openLab: (requests) => openLab(keeper, requests), close };
}

/** The first process of a sandbox, seen from outside. */
interface Keeper {
  readonly agent: Agent;
  readonly socketPath: string;
  readonly patienceMs: number;
  /** Ends the whole sandbox: all that can be done where the keeper does not answer. */
  readonly kill: () => Promise<void>;
}

async function openLab(keeper: Keeper, requests: readonly SandboxNodeRequest[]): Promise<SandboxLab> {
  // In one go: the keeper takes connections in the order in which they were made.
  const path = keeper.socketPath;
  const sockets = Array.from({ length: 1 + 2 * requests.length }, () => connect({ path }));
  for (const socket of sockets) socket.on('error', () => {});
  const making = keeper.agent.openLab(requests.map(({ name, ownFiles }) => name + (ownFiles ? '!' : '')));
  const [control, ...rest] = sockets as [Socket, ...Socket[]];
  const first = openAgent('the lab', control);
  const nodes = requests.map(({ name }, i) => {
    const [own, capture] = rest.slice(2 * i, 2 * i + 2) as [Socket, Socket];
    const ignore = (_: string[]): void => {};
    const node = { name, capture, pid: 0, onEvent: ignore, onProcess: ignore };
    const { agent, ready } = openAgent(name, own, (fields) =>
      OF_PROCESSES.has(fields[0] ?? '') ? node.onProcess(fields) : node.onEvent(fields),
    );
    // Where the whole node ends, its agent does not say so any more.
    capture.once('close', () => node.onEvent(['capture-ended']));
    return { node: Object.assign(node, { agent }), ready };
  });
  const pid = await answerOf(keeper, 'make a lab', making);
  if (typeof pid !== 'number') {
    for (const socket of sockets) socket.destroy();
    throw new SandboxError(pid.failed);
  }
  let ending: Promise<void> | undefined;
  const end = async () => {
    // Where the keeper is gone, the lab is too.
    await answerOf(keeper, 'end a lab', keeper.agent.endLab(pid)).catch(() => {});
    for (const socket of sockets) socket.destroy();
  };
  const close = () => {
    ending ??= end();
    return ending;
  };
  const waiting = new Set(['the first process of a lab', ...requests.map(({ name }) => `node ${name}`)]);
  const begun = [
    first.ready.then(() => waiting.delete('the first process of a lab')),
    ...nodes.map(async ({ node, ready }) => {
      node.pid = await ready;
      waiting.delete(`node ${node.name}`);
    }),
  ];
  try {
    await within(keeper.patienceMs, () => `${[...waiting].join(', ')} to begin`, Promise.all(begun));
  } catch (error) {
    await close();
    throw error;
  }
  return { first: first.agent, nodes: new Map(nodes.map(({ node }) => [node.name, node])), close };
}

/** @throws SandboxError where the keeper does not answer in time; then there is no sandbox any more. */
async function answerOf<T>(keeper: Keeper, deed: string, answer: Promise<T>): Promise<T> {
  try {
    return await within(keeper.patienceMs, () => `the sandbox to ${deed}`, answer);
  } catch (error) {
    if (error instanceof SandboxError) await keeper.kill();
    throw error;
  }
}

/** @throws SandboxError with what was waited for, where it does not come in time. */
async function within<T>(ms: number, waitedFor: () => string, promise: Promise<T>): Promise<T> {
  const came = new AbortController();
  const late = delay(ms, undefined, { signal: came.signal }).then((): never => {
    throw new SandboxError(`waited ${ms} ms for ${waitedFor()}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    came.abort();
  }
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

/** The one child of a process: what was started stays behind as the parent of the keeper; proc(5). */
async function childOf(pid: number | undefined): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return Number(children.trim().split(' ')[0]);
}
