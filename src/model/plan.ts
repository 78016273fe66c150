import type { IpCommand, PolicyItem } from './policy.js';
import type { Flow, LabEvent, Scenario } from './scenario.js';
import type { Endpoint } from './topology.js';

/**
 * A lab laid out to the last number: which interface number and layer-2 address every interface
 * gets, and the commands that make it. Nothing in it depends on the machine.
 */
export interface LabPlan {
  readonly scenario: Scenario;
  readonly nodes: readonly NodePlan[];
  /** Commands for `ip -batch` in the sandbox itself; `@NODE@` stands for the node's network namespace. */
  readonly linkCommands: readonly string[];
  /** Commands for `bridge -batch` in the sandbox after those: the VLANs of switches. */
  readonly switchCommands: readonly string[];
  /** Commands for `tc -batch` in the sandbox: links that delay packets or are slow. */
  readonly trafficCommands: readonly string[];
  /** For `nft -f` in the sandbox: links that lose packets; null where none does. */
  readonly lossRuleset: string | null;
  /** By endpoint, `node:interface`: where in the sandbox the link or segment of an interface can be cut. */
  readonly ports: ReadonlyMap<string, Port>;
  /** What each event of the scenario is done by; not those on which a script has a part. */
  readonly events: ReadonlyMap<LabEvent, EventCommands>;
  /** What nodes do when a ppp link is connected or disconnected. */
  readonly dials: ReadonlyMap<LabEvent, readonly NodeDeed[]>;
  /** Every end of a link and every port of a segment, by its number, which is unique in the lab. */
  readonly interfaces: ReadonlyMap<number, InterfacePlan>;
}

export interface NodePlan {
  readonly name: string;
  /** Whether the node has /etc, /run and /var of its own: something in it reads or writes files. */
  readonly privateFiles: boolean;
  /** Sysctls written before any interface exists, so that interfaces inherit them. */
  readonly earlySysctls: readonly (readonly [key: string, value: string])[];
  /** Commands for `ip -batch` in the node that make what it has by itself: VLANs, bridges, tunnels. */
  readonly deviceCommands: readonly string[];
  /** Sysctls written after the interfaces exist. */
  readonly lateSysctls: readonly (readonly [key: string, value: string])[];
  /** Commands for `ip -batch` in the node: interfaces up, addresses, routes. */
  readonly commands: readonly string[];
}

/** The commands for ip(8) that an event comes to, without the leading `ip`. */
export interface EventCommands {
  /** The node in which they are carried out; null for the sandbox, where ports and bridges are. */
  readonly node: string | null;
  readonly commands: readonly IpCommand[];
}

/** What a node does for an event. */
export interface NodeDeed {
  readonly node: string;
  readonly items: readonly PolicyItem[];
}

/** The end in the sandbox of a node's interface, in a bridge. */
export interface Port {
  readonly name: string;
  readonly bridge: string;
}

export interface InterfacePlan {
  readonly index: number;
  readonly endpoint: Endpoint;
  /** Null for loopback. */
  readonly mac: string | null;
  readonly addresses: readonly string[];
  /** The endpoints in the same link or segment; empty for loopback. */
  readonly neighbours: readonly Endpoint[];
  /** True on a veth whose other end is a node's interface: what leaves one end enters the other. */
  readonly pointToPoint: boolean;
}

/** A flow with what makes its packets recognisable. */
export interface FlowPlan {
  readonly flow: Flow;
  /** Eight bytes in hexadecimal, carried in the payload of every packet with data. */
  readonly token: string;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
}
