import { constants } from 'node:os';
import type { AgentChannel } from './channel.js';

export interface ProgramResult {
  /** Exit status; 127 where the program was not found. */
  readonly exit: number;
  /** Number of the signal that ended it, or 0. */
  readonly signal: number;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SocketProbe {
  /** In hexadecimal, 8 or 32 digits. */
  readonly address: string;
  readonly port: number;
  /** In hexadecimal; empty for the wildcard. */
  readonly bindAddress: string;
  readonly bindPort: number;
  /** Empty for none. */
  readonly bindDevice: string;
  readonly timeoutMs: number;
  /** Between payloads; 0 for none. */
  readonly intervalMs: number;
  readonly payloads: readonly string[];
}

export interface SocketResult {
  /** How far it came: `bind`, `connect`, `send`, `data`, `done`. */
  readonly phase: string;
  /** Name of the error by which the system refused to send; null where it took what it was given. */
  readonly refusal: string | null;
  /** Which payloads it refused, from 1; for TCP the connection, as 1. */
  readonly refused: readonly number[];
  /** Name of an error that came later; null for none. */
  readonly error: string | null;
  /** Payloads handed to the system. */
  readonly sent: number;
  /** Payloads answered. */
  readonly answers: number;
}

/** A file or a socket is there, or a program succeeds. */
export type AwaitedCondition =
  | readonly ['file' | 'unix', path: string]
  | readonly ['tcp' | 'udp', port: number]
  | readonly ['command', ...argv: readonly string[]];

export interface AwaitedResult {
  readonly ready: boolean;
  /** What the program printed the last time. */
  readonly message: string;
}

/** What can be asked of one agent; `agent.pl` says what each does. */
export class Agent {
  readonly #channel: AgentChannel;

  constructor(channel: AgentChannel) {
    this.#channel = channel;
  }

  /** For the keeper alone: makes a lab; its process number, or why it could not be made. */
  async openLab(nodes: readonly string[]): Promise<number | { readonly failed: string }> {
    const [outcome, detail = ''] = await this.#channel.request('lab', ...nodes);
    return outcome === 'lab' ? Number(detail) : { failed: detail };
  }

  /** For the keeper alone: kills a lab; resolves when nothing of it is left. */
  async endLab(pid: number): Promise<void> {
    await this.#channel.request('end', pid);
  }

  /** Runs a program to its end, or kills its process group after `timeoutMs`. */
  async run(
    argv: readonly [string, ...string[]],
    { stdin = '', timeoutMs }: { stdin?: string; timeoutMs: number },
  ): Promise<ProgramResult> {
    const [, exit, signal, timedOut, stdout = '', stderr = ''] = await this.#channel.request(
      'run',
      timeoutMs,
      stdin,
      ...argv,
    );
    return { exit: Number(exit), signal: Number(signal), timedOut: timedOut === '1', stdout, stderr };
  }

  /** Writes each value to its file; the name of the error for each, or null. */
  async write(pairs: readonly (readonly [file: string, value: string])[]): Promise<(string | null)[]> {
    if (pairs.length === 0) return [];
    const [, ...errnos] = await this.#channel.request('set', ...pairs.flat());
    return errnos.map((errno) => errnoName(Number(errno)));
  }

  /** What a file holds; null where it cannot be read. */
  async read(file: string): Promise<string | null> {
    const [, errno, text = ''] = await this.#channel.request('read', file);
    return errno === '0' ? text : null;
  }

  append(file: string, text: string): Promise<string | null> {
    return this.#errno('append', file, text);
  }

  /** Writes a file, with the folders that it is in. @param mode as chmod(1) takes it: `0644`. */
  put(file: string, mode: string, text: string): Promise<string | null> {
    return this.#errno('put', file, mode, text);
  }

  /** Lays a folder over /usr of the node, for as long as that is there. */
  layOver(folder: string): Promise<string | null> {
    return this.#errno('lay-over', folder);
  }

  /** Starts a process that goes on, by `bash -c`; what comes of it the agent says unasked, under its name. */
  start(name: string, command: string): Promise<string | null> {
    return this.#errno('start', name, command);
  }

  /** Ends a process and waits until it has: by the signal, or by KILL after `graceMs`. */
  async stop(name: string, signal: number, graceMs: number): Promise<void> {
    await this.#channel.request('stop', name, signal, graceMs);
  }

  /**
   * Waits until a condition holds; not ready where the time is over.
   *
   * @param name of a process, at whose end it is not waited for any longer; empty for none.
   */
  async await(name: string, timeoutMs: number, condition: AwaitedCondition): Promise<AwaitedResult> {
    const [, ready, message = ''] = await this.#channel.request('await', name, timeoutMs, ...condition);
    return { ready: ready === '1', message };
  }

  /** Waits until links and addresses are as they were configured; gives the devices that are not when the time is over. */
  async settle(timeoutMs: number): Promise<string[]> {
    const [, ...devices] = await this.#channel.request('settle', timeoutMs);
    return devices;
  }

  startCapture(argv: readonly string[]): Promise<string | null> {
    return this.#errno('capture', ...argv);
  }

  signalCapture(signal: number): Promise<string | null> {
    return this.#errno('capture-signal', signal);
  }

  /** The agent itself captures what all interfaces of its node see. */
  captureHere(snapshotLength: number): Promise<string | null> {
    return this.#errno('capture-here', snapshotLength);
  }

  /** Packets that the kernel dropped before the agent read them; null where it does not say. */
  async droppedHere(): Promise<number | null> {
    const [kind, count] = await this.#channel.request('capture-dropped');
    return kind === 'dropped' ? Number(count) : null;
  }

  sendSentinel(text: string): Promise<string | null> {
    return this.#errno('sentinel', text);
  }

  listen(
    protocol: 'tcp' | 'udp',
    binding: 'address' | 'pktinfo',
    address: string,
    port: number,
  ): Promise<string | null> {
    return this.#errno('listen', protocol, binding, address, port);
  }

  /** Closes every socket that `listen` opened, and their connections. */
  closeListeners(): Promise<string | null> {
    return this.#errno('close-listeners');
  }

  async probe(protocol: 'tcp' | 'udp', probe: SocketProbe): Promise<SocketResult> {
    const [, phase = '', refusal, error, sent, answers, ...refused] = await this.#channel.request(
      protocol,
      probe.address,
      probe.port,
      probe.bindAddress,
      probe.bindPort,
      probe.bindDevice,
      probe.timeoutMs,
      probe.intervalMs,
      ...probe.payloads,
    );
    return {
      phase,
      refusal: errnoName(Number(refusal)),
      refused: refused.map(Number),
      error: errnoName(Number(error)),
      sent: Number(sent),
      answers: Number(answers),
    };
  }

  async #errno(verb: string, ...fields: readonly (string | number)[]): Promise<string | null> {
    const [, errno] = await this.#channel.request(verb, ...fields);
    return errnoName(Number(errno));
  }
}

const ERRNO_NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** `EAGAIN` and `EWOULDBLOCK` share a number, as do a few others: either name may come. Null for 0. */
function errnoName(errno: number): string | null {
  return errno === 0 ? null : (ERRNO_NAMES.get(errno) ?? `errno ${errno}`);
}
