import type { Family } from '../model/family.js';
import { contains, parseAddress, parsePrefix } from '../net/address.js';
import type { Sets } from './ruleset.js';

/** What a rule of a packet filter can be compared with. Null is what is not known. */
export interface FilteredPacket {
  readonly family: Family;
  readonly protocol: number;
  readonly source: string | null;
  readonly destination: string;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  readonly in: string | null;
  readonly out: string | null;
  /** What connection tracking calls it there: `new`, `established`, `related`, `invalid`; null where it is not known. */
  readonly state: string | null;
  /** Of ICMP: as nft(8) names it, `echo-request`; null where it is not known. */
  readonly icmpType: string | null;
  /** The mark of its connection; null where it is not known. */
  readonly connectionMark: number | null;
  /** Of ARP, whose addresses are then the source and the destination; absent of IP. */
  readonly arp?: 'request' | 'reply';
}

export type Match = 'yes' | 'no' | 'unknown';

/** The numbers of the protocols that nft(8) prints by name. */
const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58, icmpv6: 58 };

/** A word, a text in quotes, or a set in braces. */
const WORD = /"[^"]*"|\{[^{}]*\}|\S+/g;

/** How much of a rule a selector takes, from its first word, and what it comes to. */
interface Selector {
  readonly words: number;
  readonly match: Match;
}

/**
 * Whether the selectors of a rule, as `nft list ruleset` prints it, take a packet; nft(8), "expressions". `unknown` where one
 * of them is about something that is not known of it, or is not understood.
 */
export function matchOf(rule: string, packet: FilteredPacket, sets: Sets = new Map()): Match {
  const words = (rule.match(WORD) ?? []).map((word) => valuesOf(word, sets));
  let all: Match = 'yes';
  for (let at = 0; at < words.length; ) {
    if (isStatement(words, at)) break;
    const counted = words[at] === 'counter' ? countedAt(words, at) : null;
    const { words: taken, match } = counted ?? selectorAt(words, at, packet);
    if (match === 'no') return 'no';
    if (match === 'unknown') all = 'unknown';
    at += taken;
  }
  return all;
}

/** A named set as the one in braces that it is, where that is known. */
function valuesOf(word: string, sets: Sets): string {
  return word.startsWith('@') ? (sets.get(word.slice(1)) ?? word) : word;
}

const STATEMENTS = new Set([
  'accept',
  'drop',
  'reject',
  'return',
  'queue',
  'jump',
  'goto',
  'continue',
  'dnat',
  'snat',
  'masquerade',
  'redirect',
  'notrack',
  'synproxy',
  'comment',
  'log',
]);

function isStatement(words: readonly string[], at: number): boolean {
  const [first = '', second = '', third = ''] = words.slice(at, at + 3);
  if (third === 'vmap' || words[at + 2] === 'vmap') return true;
  return (
    STATEMENTS.has(first) || ((first === 'meta' || first === 'ct') && second === 'mark' && third === 'set')
  );
}

/** `counter packets 0 bytes 0`: what was before it took nothing yet. */
function countedAt(words: readonly string[], at: number): Selector {
  if (words[at + 1] !== 'packets') return { words: 1, match: 'yes' };
  return { words: 5, match: words[at + 2] === '0' ? 'no' : 'yes' };
}

function selectorAt(words: readonly string[], at: number, packet: FilteredPacket): Selector {
  const [first = '', second = '', third = ''] = words.slice(at, at + 3);
  const single = SINGLE[first];
  if (single !== undefined) return comparedAt(words, at + 1, 1, single(packet));
  const triple = TRIPLE[`${first} ${second} ${third}`];
  if (triple !== undefined) return comparedAt(words, at + 3, 3, triple(packet));
  const double = DOUBLE[`${first} ${second}`];
  if (double === undefined) return { words: words.length - at, match: 'unknown' };
  return comparedAt(words, at + 2, 2, double(packet));
}

/** Compares with a text that it may have; undefined where it has none of this kind, null where that is not known. */
type Value = { readonly kind: 'text' | 'address' | 'number'; readonly of: string | null | undefined };

const text = (of: string | null | undefined): Value => ({ kind: 'text', of });
const port = (of: number | null, ...protocols: readonly number[]) => ({
  protocols,
  value: { kind: 'number', of: of === null ? undefined : String(of) } as const,
});

function portOf({ protocols, value }: ReturnType<typeof port>, { protocol }: FilteredPacket): Value {
  return protocols.includes(protocol) ? value : { ...value, of: undefined };
}

const [ICMP, TCP, UDP, ICMP6] = [1, 6, 17, 58];

type Read = (packet: FilteredPacket) => Value;

const SINGLE: Readonly<Record<string, Read>> = {
  iifname: (packet) => text(packet.in),
  iif: (packet) => text(packet.in),
  oifname: (packet) => text(packet.out),
  oif: (packet) => text(packet.out),
};

const address =
  (family: Family, end: 'source' | 'destination'): Read =>
  (packet) => ({ kind: 'address', of: packet.family === family ? packet[end] : undefined });

const DOUBLE: Readonly<Record<string, Read>> = {
  'ip saddr': address(4, 'source'),
  'ip daddr': address(4, 'destination'),
  'ip6 saddr': address(6, 'source'),
  'ip6 daddr': address(6, 'destination'),
  'ip protocol': ({ family, protocol }) => protocolValue(family === 4 ? protocol : null),
  'ip6 nexthdr': ({ family, protocol }) => protocolValue(family === 6 ? protocol : null),
  'meta l4proto': ({ protocol }) => protocolValue(protocol),
  'meta nfproto': ({ family }) => text(family === 4 ? 'ipv4' : 'ipv6'),
  'tcp sport': (packet) => portOf(port(packet.sourcePort, TCP), packet),
  'tcp dport': (packet) => portOf(port(packet.destinationPort, TCP), packet),
  'udp sport': (packet) => portOf(port(packet.sourcePort, UDP), packet),
  'udp dport': (packet) => portOf(port(packet.destinationPort, UDP), packet),
  'th sport': (packet) => portOf(port(packet.sourcePort, TCP, UDP), packet),
  'th dport': (packet) => portOf(port(packet.destinationPort, TCP, UDP), packet),
  'ct state': ({ state }) => text(state),
  'ct mark': ({ connectionMark }) => ({ kind: 'number', of: connectionMark?.toString() ?? null }),
  'arp operation': ({ arp }) => text(arp),
  // Of ARP for IPv4 over Ethernet, which iptables(8) spells out; RFC 826.
  'arp htype': ({ arp }) => arpNumber(arp, 1),
  'arp hlen': ({ arp }) => arpNumber(arp, 6),
  'arp plen': ({ arp }) => arpNumber(arp, 4),
  'icmp type': ({ protocol, icmpType }) => text(protocol === ICMP ? icmpType : undefined),
  'icmpv6 type': ({ protocol, icmpType }) => text(protocol === ICMP6 ? icmpType : undefined),
};

/** The addresses that an ARP message has of its sender and of whom it asks or answers; RFC 826. */
const TRIPLE: Readonly<Record<string, Read>> = {
  'arp saddr ip': address(4, 'source'),
  'arp daddr ip': address(4, 'destination'),
};

function arpNumber(arp: FilteredPacket['arp'], value: number): Value {
  return { kind: 'number', of: arp === undefined ? undefined : String(value) };
}

function protocolValue(protocol: number | null): Value {
  return { kind: 'number', of: protocol === null ? undefined : String(protocol) };
}

/** The rest of a selector: `!=` where it is turned round, and a value, values with commas, or a set. */
function comparedAt(words: readonly string[], at: number, before: number, value: Value): Selector {
  const isTurned = words[at] === '!=';
  const operand = words[at + (isTurned ? 1 : 0)] ?? '';
  const taken = before + (isTurned ? 2 : 1);
  if (value.of === undefined) return { words: taken, match: 'no' };
  if (value.of === null || operand.startsWith('@') || operand === '&') return unknownFrom(words, at, taken);
  const choices = operand.startsWith('{') ? operand.slice(1, -1).split(',') : operand.split(',');
  const held = choices.some((choice) => isHeld(choice.trim(), value.kind, value.of ?? ''));
  return { words: taken, match: held === isTurned ? 'no' : 'yes' };
}

/** After a mask there is no telling where the selector ends. */
function unknownFrom(words: readonly string[], at: number, taken: number): Selector {
  return { words: words[at] === '&' ? words.length : taken, match: 'unknown' };
}

function isHeld(choice: string, kind: Value['kind'], held: string): boolean {
  const bare = choice.replaceAll('"', '');
  if (kind === 'text') return bare.endsWith('*') ? held.startsWith(bare.slice(0, -1)) : bare === held;
  const [first = '', last] = bare.split('-');
  if (kind === 'number') {
    const [from, to] = [first, last ?? first].map((each) => PROTOCOLS[bare] ?? Number(each));
    return Number(held) >= (from ?? 0) && Number(held) <= (to ?? 0);
  }
  const address = parseAddress(held);
  const prefix = parsePrefix(bare);
  if (address === null) return false;
  if (prefix !== null) return contains(prefix, address);
  const [from, to] = [parseAddress(first), parseAddress(last ?? first)];
  return from !== null && to !== null && address.value >= from.value && address.value <= to.value;
}
