import type { TopologyInput as TopologyShape } from '../../format/topology.js';
import type { Family } from '../../model/family.js';
import type { Agree, SameKeys, Value } from './agree.js';
import type { Duration, SysctlsInput, When } from './common.js';
import type { PolicyItemInput } from './policy.js';

/** One network: nodes, links and segments, or what differs from the topology that it extends. */
export interface TopologyInput {
  readonly title?: string;
  /** Name of a file in lab/topologies, or a path that begins with `./` or `../`. */
  readonly extends?: string;
  /** Declares parameters; a plain value sets the default of one that the extended topology declares. */
  readonly params?: Readonly<Record<string, ParameterInput | string | number>>;
  /** Flows are judged at this node where they have to do with it. */
  readonly nodeUnderTest?: string;
  readonly nodes?: Readonly<Record<string, NodeInput | null>>;
  /** Pairs of endpoints, `node:interface`, or maps where there is more to say. */
  readonly links?: readonly (readonly [string, string] | LinkInput)[];
  /** Shared layer-2 networks by name, each with its ports, `node:interface`, or a map. */
  readonly segments?: Readonly<Record<string, readonly string[] | SegmentInput | null>>;
  /** Mistakes that this topology makes on purpose. */
  readonly allow?: readonly (
    | 'gateway-off-link'
    | 'host-bits'
    | 'duplicate-address'
    | 'duplicate-route'
    | 'foreign-source'
  )[];
}

export interface SegmentInput {
  readonly ports: readonly string[];
  /** By port, `node:interface`: its VLANs; one that is not named has VLAN 1 untagged. */
  readonly vlans?: Readonly<Record<string, PortVlansInput>>;
}

export interface PortVlansInput {
  readonly tagged?: readonly number[];
  readonly untagged?: number;
}

export interface LinkInput {
  readonly ends: readonly [string, string];
  /** `veth` unless given. */
  readonly kind?: 'veth' | 'ppp';
  /** Largest packet in bytes, at each end that does not say its own. */
  readonly mtu?: number;
  /** How long a packet takes, in each direction. */
  readonly delay?: Duration;
  /** By how much that varies, up or down. */
  readonly jitter?: Duration;
  /** The share of packets lost at random, in each direction: `1%`. */
  readonly loss?: string;
  /** Bits in a second, in each direction: `10mbit`. */
  readonly rate?: string;
}

export interface ParameterInput {
  readonly values: readonly (string | number)[];
  readonly default: string | number;
  readonly description?: string;
}

/** A host. */
export interface NodeInput {
  /** Whose network sysctls the node starts with; `kernel` unless given. */
  readonly profile?: 'kernel' | 'debian' | 'ubuntu' | 'rhel' | 'systemd';
  /** Reverse-path filter in all, default and every interface. */
  readonly rp_filter?: 'unset' | 0 | 1 | 2;
  /** Forward packets, IPv4 and IPv6; false unless given. */
  readonly forwarding?: boolean;
  readonly interfaces?: Readonly<Record<string, InterfaceInput | null>>;
  readonly routes?: readonly StaticRouteInput[];
  readonly sysctls?: SysctlsInput | readonly { readonly when?: When; readonly set: SysctlsInput }[];
  /** Name of a policy file, or what the node is configured with beyond addresses and routes. */
  readonly policy?: string | readonly PolicyItemInput[];
}

/** An interface; which keys it has is decided by its kind. */
export type InterfaceInput =
  /** An end of a link or a port of a segment. */
  | ({ readonly kind?: 'ethernet' } & AddressedInput)
  /** Made by something that runs in the node, and neither made nor addressed by the lab. */
  | { readonly kind: 'external'; readonly addresses?: readonly (string | AddressInput)[] }
  | ({ readonly kind: 'vlan'; readonly on: string; readonly id: number } & AddressedInput)
  | ({ readonly kind: 'bridge'; readonly ports?: readonly string[] } & AddressedInput)
  | ({ readonly kind: 'bond'; readonly ports: readonly string[]; readonly mode?: BondMode } & AddressedInput)
  | ({ readonly kind: 'vrf'; readonly ports: readonly string[]; readonly table: number } & AddressedInput)
  | ({ readonly kind: 'dummy' } & AddressedInput)
  | ({
      readonly kind: 'macvlan';
      readonly on: string;
      readonly mode?: 'bridge' | 'private' | 'vepa' | 'passthru';
    } & AddressedInput)
  | ({
      readonly kind: 'gre';
      readonly local: string;
      readonly remote: string;
      readonly key?: number;
      readonly ttl?: number;
    } & AddressedInput)
  | ({
      readonly kind: 'vxlan';
      readonly id: number;
      readonly local: string;
      readonly remote: string;
      readonly port?: number;
    } & AddressedInput);

export type BondMode =
  | 'balance-rr'
  | 'active-backup'
  | 'balance-xor'
  | 'broadcast'
  | '802.3ad'
  | 'balance-tlb'
  | 'balance-alb';

export interface AddressedInput {
  /** With prefix length, both families alike: `192.0.2.10/24`. */
  readonly addresses?: readonly (string | AddressInput)[];
  /** Largest packet in bytes. */
  readonly mtu?: number;
}

export interface AddressInput {
  /** With prefix length. */
  readonly address: string;
  /** The lab does not set it: something that runs in the node will. */
  readonly dynamic?: boolean;
  /** Address of the other end, where that is not in the same subnet. */
  readonly peer?: string;
  /** Name of an alias, such as `eth0:1`. */
  readonly label?: string;
}

/** A static route of the table main. */
export interface StaticRouteInput {
  readonly to: string;
  readonly via?: string;
  readonly dev?: string;
  readonly src?: string;
  readonly metric?: number;
  readonly family?: Family;
  readonly when?: When;
}

true satisfies Agree<TopologyInput, TopologyShape>;
true satisfies SameKeys<TopologyInput, TopologyShape>;
true satisfies SameKeys<NodeInput, Value<NonNullable<TopologyShape['nodes']>>>;
