import { EventEmitter } from 'node:events';
import { linkText } from '../capture/address.js';
import { PcapError, PcapReader } from '../capture/pcap.js';
import type { DeviceChange } from '../model/observation.js';
import type { Frame } from '../model/packet.js';
import type { Agent } from '../system/agent.js';
import type { SandboxNode } from '../system/sandbox.js';

/** EtherType of the control frames that the agent sends on loopback (IEEE 802 local experimental). */
export const ETHERTYPE_SENTINEL = 0x88b5;

/**
 * Bytes kept of each packet, its LINUX_SLL2 header included: enough for all headers and the token of a flow.
 * @see https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html
 */
export const SNAPSHOT_LENGTH = 256;

/** The capture of one node on every interface, for the life of its lab: a stream of pcap, whoever writes it. */
export abstract class Capture {
  /** Every frame since the lab began, in the order captured. */
  readonly frames: Frame[] = [];
  /** What devices the node has had since the lab began. */
  readonly devices: DeviceChange[] = [];
  /** The raw stream, for the artifacts. */
  readonly chunks: Uint8Array[] = [];
  #running = false;
  #damaged = false;
  #messages = '';
  readonly #reader = new PcapReader();
  protected readonly agent: Agent;
  readonly #changed = new EventEmitter();

  constructor(node: SandboxNode) {
    this.agent = node.agent;
    node.capture.on('data', (chunk: Uint8Array) => {
      this.chunks.push(chunk);
      this.#read(chunk);
      this.#changed.emit('change');
    });
    node.onEvent = ([kind, text = '', ...more]) => {
      if (kind === 'device') this.devices.push(deviceChange(text, more));
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

  /** What the capturing program printed. */
  get messages(): string {
    return this.#messages;
  }

  /** Starts it, and resolves to whether it came to life: the header of its stream says so. */
  async start(timeoutMs: number): Promise<boolean> {
    this.#running = (await this.launch()) === null;
    return this.until(() => this.#reader.started, timeoutMs);
  }

  /** Resolves to the name of the error that kept it from starting, or null. */
  protected abstract launch(): Promise<string | null>;

  /** Packets that the kernel dropped before they were read, since the start; null where it does not say in time. */
  abstract dropped(timeoutMs: number): Promise<number | null>;

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

/** What the agent says of a device; see `agent.pl`. */
function deviceChange(time: string, [index, ...said]: readonly string[]): DeviceChange {
  const [name, kind = '', master, link, hex = ''] = said;
  const number = (text: string | undefined) => Number(text) || null;
  const device =
    name === undefined
      ? null
      : {
          name,
          kind,
          master: number(master),
          link: number(link),
          address: linkText(Buffer.from(hex, 'hex')),
        };
  return { time: BigInt(time), index: Number(index), device };
}
