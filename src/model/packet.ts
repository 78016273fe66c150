/**
 * Decoded packets: only what verdicts are judged by. Addresses are canonical text (RFC 5952 for
 * IPv6), layer-2 addresses lower-case with colons.
 */

/** How the kernel classed a frame; packet(7). `otherhost`: a unicast frame meant for someone else. */
export type PacketType = 'host' | 'broadcast' | 'multicast' | 'otherhost' | 'outgoing';

/** One captured frame: a record of LINKTYPE_LINUX_SLL2, or of LINKTYPE_ETHERNET. */
export interface Frame {
  /** Nanoseconds since 1970. Wall time: good for tie-breaks within a machine, no more. */
  readonly time: bigint;
  readonly interfaceIndex: number;
  readonly packetType: PacketType;
  /** Source address of the frame; empty where the link has none. */
  readonly linkSource: string;
  /** Destination address; null in SLL2, which does not have it. */
  readonly linkDestination: string | null;
  /** VLAN ids, outermost first. */
  readonly vlans: readonly number[];
  readonly etherType: number;
  /** Null where the payload is of no known kind or broken off too early to tell. */
  readonly packet: Packet | null;
  /** The payload after the layer-2 header, as far as captured. */
  readonly payload: Uint8Array;
}

export type Packet = Arp | Ip;

export interface Arp {
  readonly kind: 'arp';
  readonly operation: 'request' | 'reply' | 'other';
  readonly senderLink: string;
  readonly sender: string;
  readonly targetLink: string;
  readonly target: string;
}

export interface Ip {
  readonly kind: 'ip';
  readonly family: 4 | 6;
  readonly source: string;
  readonly destination: string;
  /** TTL or hop limit. */
  readonly ttl: number;
  /** Identification field of IPv4, or of the IPv6 fragment header; null where there is none. */
  readonly identification: number | null;
  /** Protocol number after IPv6 extension headers. */
  readonly protocol: number;
  /** Offset in bytes of this fragment; 0 for the first or only one. */
  readonly fragmentOffset: number;
  readonly moreFragments: boolean;
  /** Null for later fragments, unknown protocols and what is broken off. */
  readonly transport: Transport | null;
}

export type Transport = Icmp | Udp | Tcp;

export interface Icmp {
  readonly kind: 'icmp';
  readonly type: number;
  readonly code: number;
  /** Identifier and sequence of an echo request or reply; null on other types. */
  readonly echo: { readonly id: number; readonly sequence: number } | null;
  /** The packet that an ICMP error is about (possibly broken off); null on other types. */
  readonly quoted: Ip | null;
  /** Target of an IPv6 neighbour solicitation or advertisement (RFC 4861). */
  readonly neighbourTarget: string | null;
  readonly data: Uint8Array;
}

export interface Udp {
  readonly kind: 'udp';
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly data: Uint8Array;
}

export interface Tcp {
  readonly kind: 'tcp';
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: {
    readonly syn: boolean;
    readonly ack: boolean;
    readonly fin: boolean;
    readonly rst: boolean;
    readonly psh: boolean;
  };
  readonly data: Uint8Array;
  /** Length of the data on the wire, which may exceed what was captured. */
  readonly dataLength: number;
}
