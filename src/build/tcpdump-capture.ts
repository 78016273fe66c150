import { Capture, SNAPSHOT_LENGTH } from './capture.js';

/**
 * tcpdump(8) on every interface of a node. Its defaults lose packets: at its default snapshot length
 * the ring for `-i any` holds eight frames; 512 KiB of short ones hold a burst of a thousand packets.
 * `-U` and `--immediate-mode` hand each packet over at once.
 */
const TCPDUMP = [
  'tcpdump',
  ...['-n', '-Z', 'root', '-s', String(SNAPSHOT_LENGTH), '-B', '512', '--immediate-mode', '-U'],
  ...['--time-stamp-precision=nano', '-i', 'any', '-w', '-'],
];

/** Asks tcpdump for its counts without stopping it. */
const SIGUSR1 = 10;

/** By a program of its own: slower to start, and a second witness beside the agent. */
export class TcpdumpCapture extends Capture {
  protected launch(): Promise<string | null> {
    return this.agent.startCapture(TCPDUMP);
  }

  async dropped(timeoutMs: number): Promise<number | null> {
    const from = this.messages.length;
    const count = () => /(\d+) packets? dropped by kernel/.exec(this.messages.slice(from))?.[1];
    if ((await this.agent.signalCapture(SIGUSR1)) !== null) return null;
    await this.until(() => count() !== undefined, timeoutMs);
    const said = count();
    return said === undefined ? null : Number(said);
  }
}
