import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { Duplex, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { AgentChannel } from './channel.js';
import { FIXED_PATH, findTool } from './path.js';

const AGENT = fileURLToPath(new URL('../../src/system/agent.pl', import.meta.url));

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
  readonly agent: AgentChannel;
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
  readonly first: AgentChannel;
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
  const [program, ...options] = await enterCommand();
  const names = requests.map((request) => request.name + (request.ownFiles ? '!' : ''));
  const child = execa(program, [...options, '/usr/bin/perl', AGENT, ...names], {
    stdio: ['ignore', 'ignore', 'pipe', ...pipes],
    buffer: false,
    reject: false,
    env: { PATH: FIXED_PATH, LC_ALL: 'C', HOME: '/root', TERM: 'dumb' },
    extendEnv: false,
    cleanup: true,
  });
  const stdio = child.stdio as readonly (Duplex | null)[];
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });

  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await child;
    await Promise.all(stdio.slice(CONTROL).map((stream) => stream && closed(stream)));
  };

  const ready: Promise<number>[] = [];
  const open = (name: string, descriptor: number, onEvent: (fields: string[]) => void): AgentChannel => {
    let announce: (pid: number) => void = () => {};
    ready.push(new Promise((resolve) => (announce = resolve)));
    return new AgentChannel(name, streamAt(stdio, descriptor), (fields) => {
      if (fields[0] === 'ready') announce(Number(fields[1]));
      else onEvent(fields);
    });
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
  return { first, nodes: new Map(opened.map((node) => [node.name, node])), close };
}

function streamAt(stdio: readonly (Duplex | null)[], descriptor: number): Duplex {
  const stream = stdio[descriptor];
  if (!stream) throw new SandboxError(`descriptor ${descriptor} was not opened`);
  return stream;
}

function closed(stream: Duplex): Promise<void> {
  if (stream.closed) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('close', () => resolve());
    stream.resume();
    stream.end();
  });
}

/**
 * The command that enters the namespaces; unshare(1), setpriv(1). An ordinary user gets a range of
 * ids where newuidmap(1) may give one, because tcpdump drops its privileges by setgroups(2), and
 * otherwise keeps the one id with its capabilities.
 */
async function enterCommand(): Promise<[string, ...string[]]> {
  const namespaces = ['--net', '--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child'];
  const start = ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '/usr/bin/unshare'] as const;
  if (process.getuid?.() === 0) return [...start, ...namespaces, '--propagation', 'private'];
  const map = (await hasIdRange()) ? ['--map-root-user', '--map-auto'] : ['--map-current-user', '--keep-caps'];
  return [...start, '--user', ...map, ...namespaces];
}

/** Whether subuid(5) gives this user a range, by name or by number. */
async function hasIdRange(): Promise<boolean> {
  if (!(await findTool('newuidmap'))) return false;
  const ranges = await readFile('/etc/subuid', 'utf8').catch(() => '');
  const owners = ranges.split('\n').map((line) => line.split(':')[0]);
  return owners.some((owner) => owner === String(process.getuid?.()) || owner === userInfo().username);
}
