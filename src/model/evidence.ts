import type { Connection } from './connection.js';
import type { Family } from './family.js';
import type { FlowResult } from './flow-result.js';
import type { FlowPlan } from './plan.js';
import type { VerdictName } from './verdict.js';

/** A flow as judged, with what its packets met on their way. */
export interface Journey {
  readonly plan: FlowPlan;
  readonly result: FlowResult;
  /** The address whose layer-2 address was asked for in vain where the result says that it was lost; null where it was not lost for that. */
  readonly askedInVain: string | null;
  /** Of the packet that the verdict is about and of its reply: each node that they came through, in order. */
  readonly passages: readonly Passage[];
}

export type Leg = 'request' | 'reply';

/** One packet at one node, as its routing met it. */
export interface Passage {
  readonly leg: Leg;
  readonly node: string;
  /** The interface by which it entered; null where the node made it. */
  readonly in: string | null;
  /** The interface by which it left; null where it did not. */
  readonly out: string | null;
  /**
   * `sent` by the node that made it, `forwarded`, `delivered` to the node itself, `stopped` where it went no further,
   * `missing` where the node should have made it and nothing was sighted.
   */
  readonly end: 'sent' | 'forwarded' | 'delivered' | 'stopped' | 'missing';
  readonly packet: RoutedPacket;
  /** `node:interface` where it was sighted next; null where it was not. */
  readonly nexthop: string | null;
}

/**
 * What routing looks at. A destination is translated before the look-up and a source after it, so this is the source
 * as the packet came and the destination as it went: nf_nat in PREROUTING and POSTROUTING, nft(8) "nat".
 */
export interface RoutedPacket {
  readonly family: Family;
  /** Null where the node was still to choose it. */
  readonly source: string | null;
  readonly destination: string;
  /** Protocol number, as in /etc/protocols. */
  readonly protocol: number;
  /** Null where the protocol has no ports. */
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  /** It is an ICMP error or a TCP reset, not the answer that was asked for. */
  readonly isRefusal: boolean;
}

/** How a node was configured when the flows of a step had ended, as its own tools say. */
export interface NodeState {
  readonly node: string;
  /** Of both families, in the order of their preferences. */
  readonly rules: readonly Rule[];
  readonly routes: readonly Route[];
  readonly addresses: readonly HeldAddress[];
  readonly devices: readonly NodeDevice[];
  readonly neighbours: readonly NeighbourEntry[];
  /** By key: `net.ipv4.conf.all.rp_filter`. Those by which packets are routed or dropped. */
  readonly sysctls: ReadonlyMap<string, string>;
  /** What `nft list ruleset` prints: that of iptables over nft too. Empty where there is none. */
  readonly ruleset: string;
  readonly connections: readonly Connection[];
}

/** An RPDB rule; ip-rule(8). Selectors that are absent match everything. */
export interface Rule {
  readonly family: Family;
  readonly preference: number;
  readonly not: boolean;
  /** Prefixes, `203.0.113.0/24`. */
  readonly from?: string;
  readonly to?: string;
  readonly iif?: string;
  readonly oif?: string;
  readonly tos?: string;
  readonly mark?: number;
  /** All bits where the rule has none. */
  readonly mask?: number;
  readonly protocol?: number;
  readonly sourcePorts?: readonly [first: number, last: number];
  readonly destinationPorts?: readonly [first: number, last: number];
  readonly uids?: readonly [first: number, last: number];
  /** It looks in the table of the VRF that the packet is in. */
  readonly l3mdev: boolean;
  readonly action: 'lookup' | 'unreachable' | 'prohibit' | 'blackhole' | 'goto' | 'nop';
  /** Of `lookup`: name or number, as ip(8) prints it. */
  readonly table?: string;
  readonly goto?: number;
  /** A route found whose prefix is at most that long is as if there were none. */
  readonly suppressPrefixLength?: number;
  /** As `ip rule` prints it: `32765: from 198.51.100.10 lookup rt2`. */
  readonly text: string;
}

/** A route of any table; ip-route(8). */
export interface Route {
  readonly family: Family;
  readonly table: string;
  readonly type: string;
  /** `203.0.113.0/24`; the default is `0.0.0.0/0` or `::/0`. */
  readonly destination: string;
  /** Of IPv6 subtrees: the prefix that the source has to be in; absent where any will do. */
  readonly source?: string;
  readonly tos?: string;
  readonly metric: number;
  /** Of IPv6 routes that a router advertises, unless it is `medium`; RFC 4191. */
  readonly routerPreference?: 'high' | 'low';
  readonly scope: string;
  readonly protocol: string;
  readonly preferredSource: string | null;
  /** One for most routes, several for multipath, none for a route of type `unreachable`, … */
  readonly nexthops: readonly RouteNexthop[];
  /** As `ip route` prints it, with its table where that is not `main`. */
  readonly text: string;
}

export interface RouteNexthop {
  readonly device: string;
  /** Null where the destination is on the link. */
  readonly gateway: string | null;
  readonly weight: number;
  /** `linkdown`, `dead`, `onlink`. */
  readonly flags: readonly string[];
}

export interface HeldAddress {
  readonly device: string;
  readonly family: Family;
  readonly address: string;
  readonly prefixLength: number;
  readonly scope: string;
  readonly peer: string | null;
}

export interface NodeDevice {
  readonly name: string;
  readonly index: number;
  /** As ip-link(8) has them: `UP`, `LOWER_UP`, `NO-CARRIER`. */
  readonly flags: readonly string[];
  /** `veth`, `bridge`, `tun`, `vrf`, …; empty for what the kernel has no word for. */
  readonly kind: string;
  readonly master: string | null;
  readonly mtu: number;
  readonly mac: string;
  /** The tag of what leaves a VLAN's device, and the device on which it stands; null of other kinds. IEEE 802.1Q. */
  readonly vlan: { readonly id: number; readonly on: string } | null;
}

export interface NeighbourEntry {
  readonly device: string;
  readonly address: string;
  /** Null where it is not known. */
  readonly mac: string | null;
  /** `REACHABLE`, `STALE`, `FAILED`, … */
  readonly state: string;
}

/** What the node's kernel said when asked where a packet goes. */
export interface LookUp {
  readonly node: string;
  readonly leg: Leg;
  /** `reverse-path`: the way back to its source, as a reverse-path filter asks for it (RFC 3704). */
  readonly purpose: 'way' | 'reverse-path';
  readonly mark: number;
  /** The command by which it was asked: `ip route get 203.0.113.9 from 198.51.100.10 iif eth0`. */
  readonly command: string;
  readonly answer: LookUpAnswer;
}

export type LookUpAnswer =
  | {
      readonly kind: 'route';
      readonly table: string;
      /** `unicast`, `local`, … */
      readonly type: string;
      readonly device: string | null;
      readonly gateway: string | null;
      readonly source: string | null;
    }
  /** The kernel refuses: `Network is unreachable`; "Invalid argument" of IPv4 is its reverse-path or martian check. */
  | { readonly kind: 'error'; readonly message: string };

/** By how much counters of a node's namespace rose while a step's flows ran: `IpExtInNoRoutes`. Those that did not are left out. */
export type CounterDeltas = Readonly<Record<string, number>>;

/** What a repeat of one flow, alone and in a lab of its own, showed by means that would have disturbed the others. */
export interface Repeat {
  /** Of the flow when it was repeated: where it is another one, what the repeat showed says little. */
  readonly verdict: VerdictName;
  readonly drops: readonly TracedDrop[];
  readonly fibLookUps: readonly TracedLookUp[];
  /** The mark of the flow's packets, in order. */
  readonly marks: readonly TracedMark[];
  /** By node: counters of that flow alone. */
  readonly counters: ReadonlyMap<string, CounterDeltas>;
}

/** The kernel freed a packet as dropped; trace event skb:kfree_skb. */
export interface TracedDrop {
  readonly node: string;
  readonly leg: Leg;
  /** Where it had entered or was about to leave; null where the node had made it and it was at no device yet. */
  readonly interface: string | null;
  /** The kernel's word for it: `IP_RPFILTER`, include/net/dropreason-core.h; empty on kernels before 5.17. */
  readonly reason: string;
  /** The function that dropped it. */
  readonly location: string;
  /** How long after the trace had it last, in microseconds. */
  readonly afterUs: number;
}

/** One table was looked in; trace events fib:fib_table_lookup and fib6:fib6_table_lookup. */
export interface TracedLookUp {
  readonly node: string;
  readonly leg: Leg;
  /** `reverse-path`: the way back to the source of a packet that came in. */
  readonly purpose: LookUp['purpose'];
  /** Its number. */
  readonly table: number;
  /** Null where nothing was found. */
  readonly device: string | null;
  readonly gateway: string | null;
  /** 0, or the number of an error: 11 (EAGAIN) where the table has nothing, and the next rule is asked. */
  readonly error: number;
  /** As the kernel prints it: `table 254 oif 0 iif 13 …`. */
  readonly text: string;
}

/** The mark of a packet as it met a rule; `nft monitor trace`, nft(8). */
export interface TracedMark {
  readonly node: string;
  readonly leg: Leg;
  readonly hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';
  /** After the hook's rules. */
  readonly mark: number;
  /** The rule that changed it; null where none did. */
  readonly rule: string | null;
}

/** All that is known of why a flow went as it did. */
export interface FlowEvidence {
  readonly journey: Journey;
  /** By node, of those that its packets came through. */
  readonly states: ReadonlyMap<string, NodeState>;
  readonly lookUps: readonly LookUp[];
  /** By node: of all the flows of its step. */
  readonly counters: ReadonlyMap<string, CounterDeltas>;
  /** Null where there was none. */
  readonly repeat: Repeat | null;
  /** What could not be gathered and why, a sentence each. */
  readonly missing: readonly string[];
}
