import type { NodeState, Rule } from '../model/evidence.js';
import { contains, parseAddress, parsePrefix } from '../net/address.js';
import { type Query, vrfOf } from './query.js';

/** A selector of a rule that keeps a packet from it. */
export interface Mismatch {
  readonly selector: Selector;
  /** What the rule asks for. */
  readonly wanted: string;
  /** What the packet has. */
  readonly has: string;
}

export type Selector =
  | 'from'
  | 'to'
  | 'iif'
  | 'oif'
  | 'tos'
  | 'fwmark'
  | 'ipproto'
  | 'sport'
  | 'dport'
  | 'uidrange'
  | 'l3mdev'
  | 'not';

/**
 * The selectors of a rule that do not match; empty where the rule takes the packet. After fib_rule_match in the
 * kernel's net/core/fib_rules.c, fib4_rule_match and fib6_rule_match; ip-rule(8).
 */
export function mismatches(rule: Rule, query: Query, state: NodeState): readonly Mismatch[] {
  const failing = TESTS.flatMap((test) => test(rule, query, state) ?? []);
  if (!rule.not) return failing;
  return failing.length > 0 ? [] : [{ selector: 'not', wanted: 'any other packet', has: 'what it excludes' }];
}

type SelectorTest = (rule: Rule, query: Query, state: NodeState) => Mismatch | null;

const NONE = 'none';

const TESTS: readonly SelectorTest[] = [
  // To IPv4 a source that is still to be chosen is 0.0.0.0, which a prefix may hold; fib4_rule_match.
  ({ from }, { source, family }) => inPrefix('from', from, source, family === 4 ? '0.0.0.0' : null),
  ({ to }, { destination }) => inPrefix('to', to, destination),
  ({ iif }, query, state) => {
    if (iif === undefined) return null;
    // A packet that a VRF's port took in has the VRF for its device: vrf_ip_rcv in drivers/net/vrf.c.
    const has = query.iif === null ? 'lo' : (vrfOf(state, query.iif) ?? query.iif);
    const takenBy = vrfOf(state, query.oif);
    return iif === has || iif === takenBy ? null : { selector: 'iif', wanted: iif, has };
  },
  ({ oif }, query) => equals('oif', oif, query.oif ?? NONE),
  // Packets of the probes have no type of service; ip-rule(8), `dsfield`.
  ({ tos }) => (tos === undefined || Number(tos) === 0 ? null : { selector: 'tos', wanted: tos, has: '0' }),
  ({ mark, mask = 0xffffffff }, query) => {
    if (mark === undefined || ((mark ^ query.mark) & mask) === 0) return null;
    const wanted = mask === 0xffffffff ? hex(mark) : `${hex(mark)}/${hex(mask)}`;
    return { selector: 'fwmark', wanted, has: query.mark === 0 ? NONE : hex(query.mark) };
  },
  ({ protocol }, query) =>
    equals('ipproto', protocol?.toString(), query.protocol === null ? NONE : query.protocol.toString()),
  ({ sourcePorts }, query) => inRange('sport', sourcePorts, query.sourcePort),
  ({ destinationPorts }, query) => inRange('dport', destinationPorts, query.destinationPort),
  // What probes and answers in a lab is root in its node, and so is what comes from elsewhere: sock_net_uid.
  ({ uids }) => inRange('uidrange', uids, 0),
  ({ l3mdev }, { iif, oif }, state) => {
    const vrf = vrfOf(state, oif) ?? vrfOf(state, iif);
    return l3mdev && vrf === null ? { selector: 'l3mdev', wanted: 'a VRF', has: NONE } : null;
  },
];

function inPrefix(
  selector: Selector,
  wanted: string | undefined,
  has: string | null,
  otherwise: string | null = null,
): Mismatch | null {
  const prefix = wanted === undefined ? null : parsePrefix(wanted);
  if (wanted === undefined || prefix?.prefixLength === 0) return null;
  const address = parseAddress(has ?? otherwise ?? '');
  if (prefix !== null && address !== null && contains(prefix, address)) return null;
  return { selector, wanted, has: has ?? 'none yet' };
}

function equals(selector: Selector, wanted: string | undefined, has: string): Mismatch | null {
  return wanted === undefined || wanted === has ? null : { selector, wanted, has };
}

function inRange(
  selector: Selector,
  range: readonly [first: number, last: number] | undefined,
  has: number | null,
): Mismatch | null {
  if (range === undefined) return null;
  const [first, last] = range;
  if (has !== null && has >= first && has <= last) return null;
  const wanted = first === last ? `${first}` : `${first}-${last}`;
  return { selector, wanted, has: has === null ? NONE : `${has}` };
}

function hex(mark: number): string {
  return `0x${mark.toString(16)}`;
}
