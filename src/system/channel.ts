import type { Duplex } from 'node:stream';

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n' };
const UNESCAPES: Readonly<Record<string, string>> = { '\\': '\\', t: '\t', n: '\n' };

/** The agent behind a channel has ended, so a request will never be answered. */
export class AgentEnded extends Error {
  override name = 'AgentEnded';
}

interface Waiting {
  readonly resolve: (fields: string[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Requests to one agent (`agent.pl` describes the protocol) and their answers, any number under way
 * at once. Every request rejects with {@link AgentEnded} once the agent is gone.
 */
export class AgentChannel {
  readonly #socket: Duplex;
  readonly #waiting = new Map<string, Waiting>();
  readonly #onEvent: (fields: string[]) => void;
  readonly #name: string;
  #lastId = 0;
  #pending = '';
  #ended = false;

  /** @param onEvent called with the fields of every message that nobody asked for. */
  constructor(name: string, socket: Duplex, onEvent: (fields: string[]) => void) {
    this.#name = name;
    this.#socket = socket;
    this.#onEvent = onEvent;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#read(text));
    // An agent that is killed closes its end; what is written meanwhile fails with EPIPE or ECONNRESET.
    socket.on('error', () => this.#end());
    socket.on('close', () => this.#end());
    socket.on('end', () => this.#end());
  }

  request(verb: string, ...fields: readonly (string | number)[]): Promise<string[]> {
    if (this.#ended) return Promise.reject(this.#gone());
    const id = String(++this.#lastId);
    const line = [id, verb, ...fields].map((field) => escapeField(String(field))).join('\t');
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(`${line}\n`);
    });
  }

  #read(text: string): void {
    const lines = (this.#pending + text).split('\n');
    this.#pending = lines.pop() ?? '';
    for (const line of lines) {
      const [id = '', ...fields] = line.split('\t').map(unescapeField);
      if (id === '*') {
        this.#onEvent(fields);
        continue;
      }
      this.#waiting.get(id)?.resolve(fields);
      this.#waiting.delete(id);
    }
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const { reject } of this.#waiting.values()) reject(this.#gone());
    this.#waiting.clear();
  }

  #gone(): AgentEnded {
    return new AgentEnded(`the agent of ${this.#name} has ended`);
  }
}

function escapeField(text: string): string {
  return text.replace(/[\\\t\n]/g, (character) => ESCAPES[character] ?? character);
}

function unescapeField(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => UNESCAPES[character] ?? character);
}
