import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { Agent } from './agent.js';
import { AgentChannel } from './channel.js';
import { enterCommand } from './enter.js';
import { noteEnd, noteSandbox } from './leftovers.js';
import { packageFolder } from './package-folder.js';
import { FIXED_PATH } from './path.js';

const AGENT = join(packageFolder(), 'src/system/agent.pl');

/** Descriptors that the agent inherits; see `agent.pl`. */
const CONTROL = 3;
const NODE_BASE = 4;

/** The private namespaces could not be made: the reason is the message. */
export class SandboxError extends Error {
  override name = 'SandboxError';
}

export interface SandboxNode {
  readonly name: string;
  /** The agent's process number inside the sandbox: names the node's network namespace to `ip`. */
  readonly pid: number;
  readonly agent: Agent;
  /** What the node's capture writes. */
  readonly capture: Readable;
  /** Receives what the agent says unasked, `capture-message` and `capture-ended`. */
  onEvent: (fields: string[]) => void;
}

/**
 * One process tree in namespaces of its own (mount, PID, IPC, UTS, network and, without root, user),
 * with one agent per node. It ends with this process, however that ends: the first process of the
 * sandbox has a parent-death signal, and reads a socket whose other end is here.
 */
export interface Sandbox {
  /** The agent in the sandbox's own network namespace, where links are made and bridges live. */
  readonly first: Agent;
  readonly nodes: ReadonlyMap<string, SandboxNode>;
  /** Kills everything inside; resolves when no process of it is left. Safe to call twice. */
  close(): Promise<void>;
}

export interface SandboxNodeRequest {
  readonly name: string;
  readonly ownFiles: boolean;
}

/** @throws SandboxError where the machine does not let us, with what it said. */
export async function startSandbox(requests: readonly SandboxNodeRequest[]): Promise<Sandbox> {
  const pipes = Array.from({ length: 1 + 2 * requests.length }, () => 'pipe' as const);
  const [program, ...options] = enterCommand();
  const names = requests.map((request) => request.name + (request.ownFiles ? '!' : ''));
  const child = execa(program, [...options, '/usr/bin/perl', AGENT, ...names], {
    stdio: ['ignore', 'ignore', 'pipe', ...pipes],
    buffer: false,
    reject: false,
    env: { PATH: `/run/replypath/bin:${FIXED_PATH}`, LC_ALL: 'C', HOME: '/root', TERM: 'dumb' },
    extendEnv: false,
    cleanup: true,
  });
  // Node makes every pipe a socket pair, open in both directions.
  const stdio = child.stdio as readonly (Socket | null)[];
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });

  const close = async (): Promise<void> => {
    if (child.pid !== undefined) noteEnd(child.pid);
    child.kill('SIGKILL');
    await child;
    await Promise.all(stdio.slice(CONTROL).map((stream) => stream && closed(stream)));
  };

  const ready: Promise<number>[] = [];
  const open = (name: string, descriptor: number, onEvent: (fields: string[]) => void): Agent => {
    let announce: (pid: number) => void = () => {};
    ready.push(new Promise((resolve) => (announce = resolve)));
    const channel = new AgentChannel(name, streamAt(stdio, descriptor), (fields) => {
      if (fields[0] === 'ready') announce(Number(fields[1]));
      else onEvent(fields);
    });
    return new Agent(channel);
  };

  const first = open('the sandbox', CONTROL, () => {});
  const opened = requests.map((request, i) => {
    const capture = streamAt(stdio, NODE_BASE + 2 * i + 1);
    capture.on('error', () => {});
    const node = { name: request.name, capture, onEvent: (_: string[]): void => {} };
    const agent = open(request.name, NODE_BASE + 2 * i, (fields) => node.onEvent(fields));
    return Object.assign(node, { agent, pid: 0 });
  });
  const failed = child.then((result): never => {
    const said = complaint.trim() || result.originalMessage || `it ended with status ${result.exitCode}`;
    throw new SandboxError(said);
  });
  try {
    const [, ...pids] = await Promise.race([Promise.all(ready), failed]);
    for (const [i, node] of opened.entries()) node.pid = pids[i] ?? 0;
  } catch (error) {
    await close();
    throw error;
  }
  failed.catch(() => {});
  if (child.pid !== undefined) await noteSandbox(child.pid);
  return { first, nodes: new Map(opened.map((node) => [node.name, node])), close };
}

function streamAt(stdio: readonly (Socket | null)[], descriptor: number): Socket {
  const stream = stdio[descriptor];
  if (!stream) throw new SandboxError(`descriptor ${descriptor} was not opened`);
  return stream;
}

function closed(stream: Socket): Promise<void> {
  if (stream.closed) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('close', () => resolve());
    stream.resume();
    stream.end();
  });
}
