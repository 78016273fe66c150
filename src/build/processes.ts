import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessItem, ReadyCondition } from '../model/policy.js';
import type { Agent, AwaitedCondition } from '../system/agent.js';
import type { SandboxNode } from '../system/sandbox.js';
import { type Ending, LongProcess } from './process.js';

/** From the signal that asks a process to end to the one that it cannot refuse. */
const STOP_GRACE_MS = 2_000;

/** For an answer to a ping that asks whether packets pass. */
const PING_WAIT_S = '0.3';

/** What came of starting a process. */
export type Started =
  | { readonly outcome: 'ready' }
  /** It runs already. */
  | { readonly outcome: 'running' }
  /** The system did not start it: the name of the error. */
  | { readonly outcome: 'refused'; readonly errno: string }
  | { readonly outcome: 'ended'; readonly ending: Ending; readonly lastLines: string }
  | {
      readonly outcome: 'not-ready';
      readonly missing: readonly ReadyCondition[];
      readonly lastLines: string;
      /** What the conditions' own commands printed last. */
      readonly said: string;
    };

/** What came of waiting. */
export interface Awaited {
  readonly missing: readonly ReadyCondition[];
  /** What a condition's own command printed last. */
  readonly said: string;
}

/** A process that ended though nobody asked it to. */
export interface UnaskedEnd {
  readonly item: ProcessItem;
  readonly ending: Ending;
  readonly lastLines: string;
}

/** The processes of one node that go on, for the life of its lab. */
export class Processes {
  readonly #agent: Agent;
  readonly #byName = new Map<string, LongProcess>();
  readonly #begin = monotonicMs();

  constructor(node: SandboxNode) {
    this.#agent = node.agent;
    node.onProcess = ([kind, name = '', time, ...more]) => {
      const process = this.#byName.get(name);
      const ms = Number(time) - this.#begin;
      if (kind === 'output') process?.printed(ms, more[0] ?? '');
      else process?.ended(ms, Number(more[0]), Number(more[1]));
    };
  }

  /** The names of all that were started. */
  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  /** Starts a process and waits until all that makes it ready holds. */
  async start(item: ProcessItem): Promise<Started> {
    const known = this.#byName.get(item.name);
    if (known?.ending === null) return { outcome: 'running' };
    const process = known ?? new LongProcess(item);
    this.#byName.set(item.name, process);
    process.begin(monotonicMs() - this.#begin, item);
    // Before it is started: what it prints at once counts.
    const printed = new Map(
      item.ready.flatMap((one) => (one.kind === 'output' ? [[one, process.line(one.pattern)] as const] : [])),
    );
    const errno = await this.#agent.start(item.name, item.command);
    if (errno !== null) {
      this.#byName.delete(item.name);
      return { outcome: 'refused', errno };
    }
    return this.#ready(process, printed);
  }

  async #ready(process: LongProcess, printed: ReadonlyMap<ReadyCondition, Promise<void>>): Promise<Started> {
    const { name, ready, timeoutMs } = process.item;
    const over = new AbortController();
    const late = delay(timeoutMs, false, { signal: over.signal });
    late.catch(() => {});
    const missing = new Set(ready);
    const outputs = [...printed].map(async ([condition, line]) => {
      if (await Promise.race([line.then(() => true), late])) missing.delete(condition);
    });
    const others = this.#hold(name, ready, timeoutMs, missing);
    const ended = ready.length === 0 ? [] : [process.end()];
    await Promise.race([Promise.all([...outputs, others]), ...ended]);
    over.abort();
    if (missing.size === 0) return { outcome: 'ready' };
    // The agent may have seen its end before it was told here.
    const ending = process.takeUnasked();
    const { lastLines } = process;
    if (ending !== null) return { outcome: 'ended', ending, lastLines };
    return { outcome: 'not-ready', missing: [...missing], lastLines, said: await others };
  }

  /** Waits until conditions hold that no process has to print; gives those that do not in time. */
  async await(conditions: readonly ReadyCondition[], timeoutMs: number): Promise<Awaited> {
    const missing = new Set(conditions);
    const said = await this.#hold('', conditions, timeoutMs, missing);
    return { missing: [...missing], said };
  }

  /** Takes away what holds in time; gives what the command of one that does not printed last. */
  async #hold(
    name: string,
    conditions: readonly ReadyCondition[],
    timeoutMs: number,
    missing: Set<ReadyCondition>,
  ): Promise<string> {
    let said = '';
    await Promise.all(
      conditions.map(async (condition) => {
        const ask = askOf(condition);
        if (ask === null) return;
        const { ready, message } = await this.#agent.await(name, timeoutMs, ask);
        if (ready) missing.delete(condition);
        else said = complaintOf(condition, message) || said;
      }),
    );
    return said;
  }

  /** Ends a process and waits until it has; false where there is none of the name. */
  async stop(name: string): Promise<boolean> {
    const process = this.#byName.get(name);
    if (process === undefined) return false;
    process.ask();
    await this.#agent.stop(name, constants.signals[`SIG${process.item.stopSignal}`], STOP_GRACE_MS);
    return true;
  }

  /** Ends a process and starts it as before; null where there is none of the name. */
  async restart(name: string): Promise<{ readonly item: ProcessItem; readonly started: Started } | null> {
    const item = this.#byName.get(name)?.item;
    if (item === undefined) return null;
    await this.stop(name);
    return { item, started: await this.start(item) };
  }

  /** Those that ended though nobody asked them to; each end is given once. */
  takeUnaskedEnds(): readonly UnaskedEnd[] {
    return [...this.#byName.values()].flatMap((process) => {
      const ending = process.takeUnasked();
      return ending === null ? [] : [{ item: process.item, ending, lastLines: process.lastLines }];
    });
  }

  /** What each has printed. */
  get logs(): readonly (readonly [name: string, text: string])[] {
    return [...this.#byName].map(([name, { log }]) => [name, log.text] as const);
  }
}

/** What the agent is asked to wait for; null for what is read from the output. */
function askOf(condition: ReadyCondition): AwaitedCondition | null {
  switch (condition.kind) {
    case 'output':
      return null;
    case 'file':
    case 'unix':
      return [condition.kind, condition.path];
    case 'port':
      return [condition.protocol, condition.port];
    case 'reaches':
      return ['command', 'ping', '-n', '-q', '-c', '1', '-W', PING_WAIT_S, condition.address];
    case 'shell':
      return ['command', 'sh', '-c', condition.command];
  }
}

/** What a condition's command said of its failure; of what ping prints only that it could not ask. */
function complaintOf({ kind }: ReadyCondition, message: string): string {
  const lines = message.trim().split('\n');
  return (kind === 'reaches' ? lines.filter((line) => line.startsWith('ping:')) : lines).join('\n');
}

/** The clock that the agent tells the time by: clock_gettime(2), CLOCK_MONOTONIC. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
