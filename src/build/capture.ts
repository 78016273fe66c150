import { EventEmitter } from 'node:events';
import { PcapError, PcapReader } from '../capture/pcap.js';
import type { Frame } from '../model/packet.js';
import type { SandboxNode } from '../system/sandbox.js';

/** EtherType of the control frames that the agent sends on loopback (IEEE 802 local experimental). */
export const ETHERTYPE_SENTINEL = 0x88b5;

/**
 * tcpdump(8) on every interface of a node. Its defaults lose packets: at its default snapshot length
 * the ring for `-i any` holds eight frames. 256 bytes are enough for all headers and the token; 512 KiB
 * then hold a burst of a thousand packets. `-U` and `--immediate-mode` hand each packet over at once.
 */
const TCPDUMP = [
  'tcpdump',
  ...['-n', '-Z', 'root', '-s', '256', '-B', '512', '--immediate-mode', '-U'],
  ...['--time-stamp-precision=nano', '-i', 'any', '-w', '-'],
];

/** Asks tcpdump for its counts without stopping it. */
const SIGUSR1 = 10;

/** The capture of one node, for the life of its lab. */
export class Capture {
  /** Every frame since the lab began, in the order captured. */
  readonly frames: Frame[] = [];
  /** The raw stream, for the artifacts. */
  readonly chunks: Uint8Array[] = [];
  #running = false;
  #damaged = false;
  #messages = '';
  readonly #reader = new PcapReader();
  readonly #node: SandboxNode;
  readonly #changed = new EventEmitter();

  constructor(node: SandboxNode) {
    this.#node = node;
    node.capture.on('data', (chunk: Uint8Array) => {
      this.chunks.push(chunk);
      this.#read(chunk);
      this.#changed.emit('change');
    });
    node.onEvent = ([kind, text = '']) => {
      if (kind === 'capture-message') this.#messages += text;
      if (kind === 'capture-ended') this.#running = false;
      this.#changed.emit('change');
    };
  }

  /** Of what follows a damaged record nothing is known, so that the capture ends there. */
  #read(chunk: Uint8Array): void {
    if (this.#damaged) return;
    try {
      // One by one: a spread would put every frame on the stack.
      for (const frame of this.#reader.push(chunk)) this.frames.push(frame);
    } catch (error) {
      if (!(error instanceof PcapError)) throw error;
      this.#damaged = true;
      this.#messages += error.message;
    }
  }

  get alive(): boolean {
    return this.#running && !this.#damaged;
  }

  /** What tcpdump printed. */
  get messages(): string {
    return this.#messages;
  }

  /** Starts it, and resolves to whether it came to life: its header on stdout says so. */
  async start(timeoutMs: number): Promise<boolean> {
    this.#running = (await this.#node.agent.startCapture(TCPDUMP)) === null;
    return this.until(() => this.#reader.started, timeoutMs);
  }

  /** Packets that the kernel dropped before tcpdump read them, since the start; null where it does not say in time. */
  async dropped(timeoutMs: number): Promise<number | null> {
    const from = this.#messages.length;
    const count = () => /(\d+) packets? dropped by kernel/.exec(this.#messages.slice(from))?.[1];
    if ((await this.#node.agent.signalCapture(SIGUSR1)) !== null) return null;
    await this.until(() => count() !== undefined, timeoutMs);
    const said = count();
    return said === undefined ? null : Number(said);
  }

  /** Resolves once the condition holds (true), or the capture has ended or the time is over (false). */
  until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    if (condition() || !this.alive) return Promise.resolve(condition());
    return new Promise((resolve) => {
      const settle = (held: boolean) => {
        clearTimeout(timer);
        this.#changed.off('change', check);
        resolve(held);
      };
      const check = () => {
        if (condition()) settle(true);
        else if (!this.alive) settle(false);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.#changed.on('change', check);
    });
  }
}
