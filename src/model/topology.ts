import type { Family } from './family.js';
import type { PolicyItem } from './policy.js';

/** A network with every parameter decided: what `plan` lays out and `build` makes. */
export interface Topology {
  readonly name: string;
  /** The node under test: flows are judged there when they have to do with it. */
  readonly nodeUnderTest: string | null;
  readonly nodes: readonly Node[];
  /** Links of two ends each. */
  readonly links: readonly Link[];
  /** Shared layer-2 networks (bridges), each with the endpoints that are plugged into it, in port order. */
  readonly segments: readonly Segment[];
}

export interface Node {
  readonly name: string;
  readonly interfaces: readonly Interface[];
  /** Static routes of the table main, applied after all addresses. */
  readonly routes: readonly StaticRoute[];
  /** Sysctls, profile and forwarding included, in the order in which they are written. */
  readonly sysctls: readonly (readonly [key: string, value: string])[];
  /** What the node is configured with beyond addresses and routes, for example a provider's source filter. */
  readonly policy: readonly PolicyItem[];
}

/** An interface; what it is made of depends on its kind. */
export type Interface = NamedInterface & InterfaceKind;

interface NamedInterface {
  readonly name: string;
  readonly addresses: readonly InterfaceAddress[];
  readonly mtu: number | null;
}

export type InterfaceKind =
  /** An end of a link or a port of a segment. */
  | { readonly kind: 'ethernet' }
  /** An end of a ppp link: down and without its addresses until that is connected. */
  | { readonly kind: 'ppp' }
  /** Made and addressed by something that runs in the node. */
  | { readonly kind: 'external' }
  | { readonly kind: 'dummy' }
  | { readonly kind: 'vlan'; readonly on: string; readonly id: number }
  | { readonly kind: 'bridge'; readonly ports: readonly string[] }
  | { readonly kind: 'bond'; readonly ports: readonly string[]; readonly mode: string }
  | { readonly kind: 'vrf'; readonly ports: readonly string[]; readonly table: number }
  | { readonly kind: 'macvlan'; readonly on: string; readonly mode: string }
  | ({ readonly kind: 'gre'; readonly key: number | null; readonly ttl: number | null } & TunnelEnds)
  | ({ readonly kind: 'vxlan'; readonly id: number; readonly port: number } & TunnelEnds);

/** Outer addresses of a tunnel, in canonical text. */
export interface TunnelEnds {
  readonly family: Family;
  readonly local: string;
  readonly remote: string;
}

export interface InterfaceAddress {
  readonly family: Family;
  /** In canonical text, without a prefix length. */
  readonly address: string;
  readonly prefixLength: number;
  /** Not set by the lab, but by something that runs in the node. */
  readonly dynamic: boolean;
  /** Address of the other end, whose the prefix length then is; null for none. */
  readonly peer: string | null;
  /** Name of an alias; null for none. */
  readonly label: string | null;
}

/** An end of a ppp link, with the addresses that it gets when the link is dialled. */
export interface PppEnd extends Endpoint {
  readonly addresses: readonly InterfaceAddress[];
}

export interface StaticRoute {
  readonly family: Family;
  /** A prefix in canonical text; the default route is `0.0.0.0/0` or `::/0`. */
  readonly to: string;
  readonly via: string | null;
  readonly dev: string | null;
  readonly src: string | null;
  readonly metric: number | null;
}

/** An interface of a node; written `node:interface`. */
export interface Endpoint {
  readonly node: string;
  readonly interface: string;
}

export function endpointText({ node, interface: name }: Endpoint): string {
  return `${node}:${name}`;
}

/** `ppp`: a point-to-point link that is dialled; pppd(8). */
export type LinkKind = 'veth' | 'ppp';

/** What a link does to packets on their way, in each direction. */
export interface Impairment {
  /** How long a packet takes, in milliseconds; 0 for no time. */
  readonly delayMs: number;
  /** By how much that varies, up or down. */
  readonly jitterMs: number;
  /** The share that is lost at random, in millionths. */
  readonly lossPpm: number;
  /** As tc(8) writes it, `10mbit`; null for no limit. */
  readonly rate: string | null;
}

export interface Link {
  readonly a: Endpoint;
  readonly b: Endpoint;
  readonly kind: LinkKind;
  /** Null for a link that does nothing to them. */
  readonly impairment: Impairment | null;
}

export interface Segment {
  readonly name: string;
  /** Of two ends of a ppp link, where that has to go through a bridge; null for an Ethernet switch. */
  readonly link: 'ppp' | null;
  readonly ports: readonly Endpoint[];
  /** The VLANs of each port, in the order of the ports; null for a switch that knows none. */
  readonly vlans: readonly PortVlans[] | null;
  /** Of two ends of a link that does something to packets; null elsewhere. */
  readonly impairment: Impairment | null;
}

/** VLAN ids of a port of a switch (IEEE 802.1Q). */
export interface PortVlans {
  readonly tagged: readonly number[];
  /** To which frames without a tag belong; null for none. */
  readonly untagged: number | null;
}
