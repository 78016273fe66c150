import type { Passage, TracedMark } from '../model/evidence.js';

type Hook = TracedMark['hook'];

/** Where a chain of ours ends each hook: its policy shows the mark that all others have left. */
const HOOKS: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/** Behind the defragmentation of connection tracking (-400 is its priority) nothing is earlier, and nothing later than the second. */
const FIRST = -450;
const LAST = 450;

const TABLE = 'replypath-trace';

/**
 * For `nft -f`: has every packet of a node traced, from where netfilter sees it first. The table decides nothing, and
 * has no rule that tracks connections.
 *
 * @see nft(8), "meta nftrace set", "monitor trace"
 */
export const MARK_TRACING = [
  `table inet ${TABLE} {`,
  ...(['prerouting', 'output'] as const).map(
    (hook) =>
      `chain first-${hook} { type filter hook ${hook} priority ${FIRST}; policy accept; meta nftrace set 1; }`,
  ),
  ...HOOKS.map((hook) => `chain last-${hook} { type filter hook ${hook} priority ${LAST}; policy accept; }`),
  '}',
  '',
].join('\n');

const LINE = /^trace id (\S+) (\S+) (\S+) (\S+) (packet:|rule|policy|verdict|return) ?(.*)$/;

/** Rules that set the mark of a packet; that of its connection is another one. */
const SETS_MARK = /(?<!ct )\bmark set\b|xt target "?(?:CONN)?MARK/;

/** One packet on its way through a node. */
interface Trace {
  /** What its first line has of it. */
  readonly packet: string;
  /** The last rule since the hook began that sets a mark. */
  rule: string | null;
  mark: number;
  readonly hooks: TracedHook[];
}

type TracedHook = Pick<TracedMark, 'hook' | 'mark' | 'rule'>;

/** The marks of a flow's packets at a node, from what `nft monitor trace` printed there. */
export function marksIn(output: string, node: string, passages: readonly Passage[]): TracedMark[] {
  const marks = tracesIn(output).flatMap(({ packet, hooks }) => {
    const passage = passages.find((each) => each.node === node && isOf(packet, each));
    if (passage === undefined) return [];
    return hooks.map((hook): TracedMark => ({ node, leg: passage.leg, ...hook }));
  });
  const distinct = new Map(marks.map((mark) => [JSON.stringify(mark), mark]));
  return [...distinct.values()];
}

function tracesIn(output: string): Trace[] {
  const all: Trace[] = [];
  // One packet may have the number of another that is through.
  const current = new Map<string, Trace>();
  for (const line of output.split('\n')) {
    const [, id = '', , table, chain = '', kind, text = ''] = LINE.exec(line) ?? [];
    if (kind === 'packet:' && table === TABLE && chain.startsWith('first-')) {
      const trace = { packet: text, rule: null, mark: 0, hooks: [] };
      current.set(id, trace);
      all.push(trace);
    }
    const trace = current.get(id);
    if (trace === undefined) continue;
    if (kind === 'rule' && SETS_MARK.test(text)) trace.rule = text.replace(/ \(verdict .*\)$/, '');
    const hook = HOOKS.find((each) => table === TABLE && chain === `last-${each}`);
    if (kind === 'policy' && hook !== undefined) endHook(trace, hook, text);
  }
  return all;
}

function endHook(trace: Trace, hook: Hook, text: string): void {
  const mark = Number(/ meta mark (0x[0-9a-f]+)/.exec(text)?.[1] ?? 0);
  trace.hooks.push({ hook, mark, rule: mark === trace.mark ? null : trace.rule });
  trace.mark = mark;
  trace.rule = null;
}

/** As `nft monitor trace` has them; /etc/protocols. */
const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58 };

/** `iif "eth1" … ip saddr 203.0.113.9 ip daddr 198.51.100.10 … ip protocol tcp …`; of IPv6 `ip6 nexthdr`. */
function isOf(text: string, { in: entered, packet }: Passage): boolean {
  const [, protocol = ''] = /\b(?:ip protocol|ip6 nexthdr) (\S+)/.exec(text) ?? [];
  if (PROTOCOLS[protocol] !== packet.protocol || / icmpv6 type (?:nd|mld)/.test(text)) return false;
  const [, input] = /\biif "([^"]+)"/.exec(text) ?? [];
  const [, source, destination] = /\bip6? saddr (\S+) ip6? daddr (\S+)/.exec(text) ?? [];
  if (entered !== null) return input === entered && source === packet.source;
  return input === undefined && (destination === packet.destination || source === packet.source);
}
