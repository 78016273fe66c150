import type { LabNode } from '../build/lab.js';
import type { Passage, TracedMark } from '../model/evidence.js';
import { MARK_TRACING, marksIn } from './marks.js';

/** What a node is asked takes milliseconds, unless the machine is busy with other things. */
const TIMEOUT_MS = 5_000;

/** Of loopback, and of nobody: when the trace has a packet to it, it has all that came before. */
const LAST_ADDRESS = '127.35.39.43';

/** NETLINK_NETFILTER with a group joined, in /proc/net/netlink: `sk Eth Pid Groups …`. */
const LISTENS = `grep -Eq '^[0-9a-f]+ +12 +[0-9]+ +0*[1-9a-f]' /proc/net/netlink`;

/** Traces the marks of what passes a node from now on. It adds chains there that decide nothing. */
export class MarkTrace {
  readonly #node: LabNode;
  readonly #file: string;

  constructor(node: LabNode) {
    this.#node = node;
    this.#file = `/run/shared/mark-trace-${node.name}`;
  }

  /** Whether it has begun; it does not where the node has no nft(8), or its kernel no nftables. */
  async begin(): Promise<boolean> {
    const { agent, processes } = this.#node;
    const monitor = processes.start({
      ...{
        kind: 'process',
        name: 'replypath mark trace',
        command: `exec nft monitor trace >${this.#file} 2>&1`,
      },
      ...{ ready: [{ kind: 'shell', command: LISTENS }], timeoutMs: TIMEOUT_MS },
      ...{ stopSignal: 'KILL', mayEnd: true },
    });
    const [{ outcome }, { exit }] = await Promise.all([
      monitor,
      agent.run(['nft', '-f', '-'], { stdin: MARK_TRACING, timeoutMs: TIMEOUT_MS }),
    ]);
    return outcome === 'ready' && exit === 0;
  }

  /** The marks of the packets of a flow so far; null where not all of them are known. */
  async marks(passages: readonly Passage[]): Promise<TracedMark[] | null> {
    const { agent, processes, name } = this.#node;
    const command = `ping -n -q -c 1 -W 0.01 ${LAST_ADDRESS} >/dev/null; grep -Fqs ${LAST_ADDRESS} ${this.#file}`;
    const { missing } = await processes.await([{ kind: 'shell', command }], TIMEOUT_MS);
    const output = await agent.read(this.#file);
    return missing.length > 0 || output === null ? null : marksIn(output, name, passages);
  }
}
