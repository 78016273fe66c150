import { EventEmitter } from 'node:events';
import type { ProcessItem } from '../model/policy.js';
import { ProcessLog } from './process-log.js';

/** Lines of what a process printed last that are told where it failed. */
const LAST_LINES = 8;

/** How a process ended. */
export interface Ending {
  /** Exit status; 128 and the signal's number where a signal ended it. */
  readonly exit: number;
  /** Whether it was asked to. */
  readonly asked: boolean;
}

/** One process that goes on, under its name also when it is started again. */
export class LongProcess {
  readonly log = new ProcessLog();
  item: ProcessItem;
  /** Null while it runs. */
  #ending: Ending | null = null;
  #isAsked = false;
  #isTold = false;
  #last: string[] = [];
  readonly #events = new EventEmitter();

  constructor(item: ProcessItem) {
    this.item = item;
    this.#events.setMaxListeners(0);
  }

  /** Begins anew. @param ms since the lab began. */
  begin(ms: number, item: ProcessItem): void {
    this.item = item;
    this.#ending = null;
    this.#isAsked = false;
    this.#isTold = false;
    this.#last = [];
    this.log.note(ms, `started: ${item.command}`);
  }

  get ending(): Ending | null {
    return this.#ending;
  }

  get lastLines(): string {
    return this.#last.join('\n');
  }

  /** Its end is no surprise from now on. */
  ask(): void {
    this.#isAsked = true;
  }

  printed(ms: number, text: string): void {
    const lines = this.log.add(ms, text);
    // The first goes on with the last one, where that had not ended.
    this.#last = [...this.#last.slice(0, -1), ...lines].slice(-LAST_LINES - 1);
    for (const line of lines) this.#events.emit('line', line);
  }

  ended(ms: number, status: number, signal: number): void {
    this.#ending = { exit: signal === 0 ? status : 128 + signal, asked: this.#isAsked };
    this.log.note(ms, signal === 0 ? `ended: exit ${status}` : `ended by signal ${signal}`);
    this.#events.emit('end');
  }

  /** An end that nobody asked for and nobody was told of yet; to be told once. */
  takeUnasked(): Ending | null {
    if (this.#ending === null || this.#ending.asked || this.#isTold) return null;
    this.#isTold = true;
    return this.#ending;
  }

  /** Resolves once it prints such a line from now on. */
  line(pattern: string | RegExp): Promise<void> {
    return new Promise((resolve) => {
      const check = (line: string) => {
        if (typeof pattern === 'string' ? !line.includes(pattern) : !pattern.test(line)) return;
        this.#events.off('line', check);
        resolve();
      };
      this.#events.on('line', check);
    });
  }

  /** Resolves once it has ended. */
  end(): Promise<void> {
    if (this.#ending !== null) return Promise.resolve();
    return new Promise((resolve) => this.#events.once('end', () => resolve()));
  }
}
