import type { FlowInput as FlowShape } from '../format/flow.js';
import type { PolicyInput as PolicyFile } from '../format/policy.js';
import type { EventInput as EventShape, StepInput as StepShape } from '../format/scenario.js';
import type { TopologyInput as TopologyShape } from '../format/topology.js';
import type { Family } from '../model/family.js';
import type { ResponderBinding } from '../model/scenario.js';
import type { SpreadKey } from '../model/spread.js';
import type { ToolName } from '../model/tool.js';
import type { CauseCode, ConnectionFate, Direction, LossReason, VerdictName } from '../model/verdict.js';

/*
 * The objects that YAML files hold, as types to write them by. docs/scenario-format.md says what each key
 * means; the compiler compares them with the schemas below.
 */

/** Values that keys of the variant have to have for an entry to count: each key one value, or one of several. */
export type When = Readonly<Record<string, Scalar | readonly Scalar[]>>;

type Scalar = string | number | boolean;

/** Milliseconds as a number, or text with a unit: `'300ms'`, `'2s'`. */
export type Duration = number | string;

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

/** Sysctl keys below `net.` with their values. */
export type SysctlsInput = Readonly<Record<string, Scalar>>;

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

/** A policy: exactly one of these keys; several things in order are `items`. */
export interface PolicyInput {
  /** Name of a file in lab/policies, or a path that begins with `./` or `../`. */
  readonly policy?: string;
  /** A shell script, reported command by command. */
  readonly shell?: string;
  readonly ip?: IpInput;
  readonly sysctl?: SysctlsInput;
  /** A ruleset for `nft -f`. */
  readonly nft?: string;
  /** Input for iptables-restore. */
  readonly iptables?: string;
  /** Input for ip6tables-restore. */
  readonly ip6tables?: string;
  /** Files to write, by absolute path below /etc, /run, /var or /tmp of the node. */
  readonly files?: FilesInput;
  /** A configuration tool, run with its files. */
  readonly configure?: ConfigureInput;
  /** A program that goes on while flows run. */
  readonly process?: ProcessInput;
  /** Name of a process, or of a configuration tool, to end. */
  readonly stop?: string;
  /** Name of a process, or of a configuration tool, to end and start as before. */
  readonly restart?: string;
  /** Waits until all of these hold. */
  readonly await?: Omit<ReadyInput, 'output'> & { readonly timeout?: Duration };
  readonly items?: readonly PolicyItemInput[];
}

/** By absolute path: what is in the file, 0644 unless it says so. */
export type FilesInput = Readonly<
  Record<string, string | { readonly text: string; readonly mode?: FileMode }>
>;

/** A configuration tool with its files, as on a real system. */
export interface ConfigureInput {
  readonly tool: ToolName;
  /** For `stop` and `restart`; the tool's unless given. */
  readonly name?: string;
  /** What it is to bring up; all that its files say unless given. */
  readonly interfaces?: readonly string[];
  readonly files: FilesInput;
}

/** Permissions as chmod(1) takes them, as text: `'0755'`; of numbers only the digits count. */
export type FileMode =
  | string
  | (400 | 440 | 444 | 600 | 640 | 644 | 660 | 664 | 666 | 700 | 710 | 711 | 750 | 755 | 770 | 775 | 777);

/** A program that is started on a node and goes on. */
export interface ProcessInput {
  /** For `stop` and `restart`, and of its log. */
  readonly name: string;
  /** For `bash -c`; it has to stay in the foreground. */
  readonly command: string;
  /** When it is ready: once all of these hold. */
  readonly ready?: ReadyInput;
  /** The longest that it may take to be ready; 10 s unless given. */
  readonly timeout?: Duration;
  /** The signal that ends it; TERM unless given. */
  readonly stop?: 'TERM' | 'INT' | 'HUP' | 'QUIT' | 'USR1' | 'USR2' | 'KILL';
  /** Whether it may end by itself. */
  readonly mayEnd?: boolean;
}

export interface ReadyInput {
  /** A part of a line that it prints, or a regular expression between slashes. */
  readonly output?: string;
  /** A file that is there. */
  readonly file?: string;
  /** `tcp/PORT`, `udp/PORT`, or the path of a socket. */
  readonly socket?: string;
  /** An address, or `node:interface`, that answers a ping. */
  readonly reaches?: string;
  /** A command that succeeds. */
  readonly shell?: string;
}

export interface PolicyItemInput extends Omit<PolicyInput, 'items'> {
  readonly when?: When;
}

/** Typed routes and rules. An entry whose addresses do not tell one family is added in both. */
export interface IpInput {
  /** Names for route tables, as in rt_tables. */
  readonly tables?: Readonly<Record<string, number>>;
  readonly routes?: readonly IpRouteInput[];
  readonly rules?: readonly IpRuleInput[];
}

/** `ip route add`; ip-route(8). */
export interface IpRouteInput {
  readonly to: string;
  readonly type?: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw' | 'local';
  readonly table?: string | number;
  readonly via?: string;
  readonly dev?: string;
  readonly src?: string;
  readonly metric?: number;
  readonly scope?: string | number;
  readonly proto?: string | number;
  readonly tos?: string | number;
  readonly onlink?: boolean;
  readonly nexthops?: readonly { readonly via?: string; readonly dev?: string; readonly weight?: number }[];
  readonly family?: Family;
  readonly when?: When;
}

/** `ip rule add`; ip-rule(8). */
export interface IpRuleInput {
  readonly not?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly iif?: string;
  readonly oif?: string;
  readonly fwmark?: string | number;
  readonly tos?: string | number;
  readonly ipproto?: string | number;
  readonly sport?: string | number;
  readonly dport?: string | number;
  readonly uidrange?: string;
  readonly l3mdev?: true;
  readonly table?: string | number;
  readonly action?: 'blackhole' | 'unreachable' | 'prohibit';
  readonly goto?: number;
  readonly suppress_prefixlength?: number;
  readonly preference?: number;
  readonly family?: Family;
  readonly when?: When;
}

/** A policy for one node, with the failures that are expected of it. */
export interface ApplyInput extends PolicyInput {
  /** Commands that will fail. */
  readonly expect?: readonly ExpectedFailureInput[];
  /** The longest that one item may take; 30 s unless given. */
  readonly timeout?: Duration;
}

export interface ExpectedFailureInput {
  /** Line of the recipe, or of a configuration tool's file, from 1. */
  readonly line: number;
  /** Which of a configuration tool's files; any unless given. */
  readonly file?: string;
  /** Exit status; any but 0 unless given. */
  readonly exit?: number;
  /** A part of the message, or a regular expression between slashes. */
  readonly message?: string;
  readonly when?: When;
}

/** Something that happens: exactly one of these keys. */
export interface EventInput {
  /** `node:interface` to take down. */
  readonly down?: string;
  /** `node:interface` to bring up. */
  readonly up?: string;
  /** `node:interface` of which the link loses its carrier, at both ends; on a segment, just that port. */
  readonly unplug?: string;
  /** Undoes `unplug`. */
  readonly plug?: string;
  /** `node:interface` of which the link carries nothing any more, while both ends keep their carrier. */
  readonly silence?: string;
  /** Undoes `silence`. */
  readonly restore?: string;
  /** Addresses with prefix lengths that an interface loses and gets. */
  readonly address?: {
    readonly interface: string;
    readonly remove?: readonly string[];
    readonly add?: readonly string[];
  };
  /** `node:interface`, an end of a ppp link that is connected. */
  readonly connect?: string;
  /** Undoes `connect`. */
  readonly disconnect?: string;
  readonly shell?: { readonly node: string; readonly script: string; readonly timeout?: Duration };
  readonly when?: When;
}

/** One probe, and who asks whom. */
export interface ProbeInput {
  readonly title?: string;
  /** The node that asks. */
  readonly from: string;
  /** `node:interface`, one flow for each of its addresses, or a literal address. */
  readonly to: string;
  /** `'ping'`, `'tcp/PORT'`, `'udp/PORT'`, or with settings. */
  readonly probe: string | ProbeSettingsInput;
  /** The node judged; by default the node under test where it takes part. */
  readonly at?: string;
  /** The node that answers, where it is not the node of `to`, as with DNAT. */
  readonly answeredBy?: string;
  readonly family?: Family;
  readonly bind?: { readonly address?: string; readonly device?: string };
  readonly sourcePort?: number;
  /** Sends it from so many source ports, drawn by the seed (1 unless given), each a tuple of its own. */
  readonly tuples?: number | { readonly count: number; readonly seed?: number };
  readonly responder?: ResponderBinding;
  readonly when?: When;
}

export interface ProbeSettingsInput {
  readonly protocol: 'ping' | 'tcp' | 'udp';
  readonly port?: number;
  /** Requests to send; 1 unless given. */
  readonly count?: number;
  /** Instead of `count`: requests at an interval; for `tcp`, rounds of data in one connection. */
  readonly stream?: { readonly every: Duration; readonly for: Duration };
  /** Payload of each request in bytes; 56 unless given. */
  readonly size?: number;
  /** How long an answer is waited for; 1 s unless given. */
  readonly timeout?: Duration;
}

/** A probe with what is expected of it. */
export interface FlowInput extends ProbeInput {
  readonly expect: ExpectationInput;
}

/** A verdict, what is expected in detail, or a list of which the first that applies counts. */
export type ExpectationInput =
  | VerdictName
  | ExpectedFlowInput
  | readonly (VerdictName | (ExpectedFlowInput & { readonly when?: When }))[];

export interface ExpectedFlowInput {
  readonly verdict: VerdictName;
  readonly request?: ExpectedWayInput;
  readonly reply?: ExpectedWayInput & { readonly source?: string };
  readonly sameNexthop?: boolean;
  readonly by?: string;
  readonly errno?: string;
  readonly lost?: {
    readonly node?: string;
    readonly interface?: string;
    readonly direction?: Direction;
    readonly reason?: LossReason;
  };
  readonly cause?: CauseCode;
  readonly stream?: ExpectedStreamInput;
  /** How the tuples of a flow that has many are spread. */
  readonly spread?: ExpectedSpreadInput;
  /** Documents a deliberate asymmetry; never changes what passes. */
  readonly intended?: boolean;
}

/** What is expected of a stream of requests beyond its verdict. */
export interface ExpectedStreamInput {
  /** Requests without an answer in time: a number, `'<= 40'` or `'>= 10'`. */
  readonly lost?: number | string;
  /** The longest run of requests without an answer: 0, `'<= 800ms'`, `'>= 1s'`. */
  readonly blackout?: number | string;
  /** All ways that answered requests and their replies take, in order. */
  readonly ways?: readonly {
    readonly verdict?: VerdictName;
    readonly request?: StreamPassageInput;
    readonly reply?: StreamPassageInput;
  }[];
  readonly connection?: ConnectionFate;
}

export interface StreamPassageInput {
  readonly in?: string;
  readonly out?: string;
  readonly nexthop?: string;
}

export interface ExpectedSpreadInput {
  readonly by: SpreadKey;
  /** The weight of each value; `'one'`: all by one, whichever it is. */
  readonly share: Readonly<Record<string, number>> | 'one';
  /** 0.999999 unless given. */
  readonly confidence?: number;
  /** So many tuples may stray at most; 0 unless given. */
  readonly strayed?: number;
}

export interface ExpectedWayInput {
  readonly in?: string;
  readonly out?: string;
  /** `node:interface`; null where it is expected to stay unresolved. */
  readonly nexthop?: string | null;
  /** The VLAN tag of its frame on the wire of the judged node; null for none. */
  readonly vlan?: number | null;
}

/** Applies, then events, then flows. */
export interface StepInput {
  readonly title?: string;
  readonly apply?: NodeApplyInput | readonly NodeApplyInput[];
  readonly event?: EventInput | readonly EventInput[];
  readonly flows?: readonly FlowInput[];
  /** What happens while the flows run. */
  readonly during?: readonly DuringInput[];
}

/** What happens at a time after the flows began: exactly one of `event` and `apply`. */
export interface DuringInput {
  readonly at: Duration;
  readonly event?: EventInput | readonly EventInput[];
  readonly apply?: NodeApplyInput | readonly NodeApplyInput[];
  readonly when?: When;
}

export interface NodeApplyInput extends ApplyInput {
  readonly node: string;
  readonly when?: When;
}

/*
 * Fails to compile where these types and the schemas of src/format differ: each has to take what the other
 * does. A step has two keys more in a file: `when`, which nothing needs in a program, and `fresh`.
 */
type Plain<T> = T extends object ? { readonly [K in keyof T]: Plain<Exclude<T[K], undefined>> } : T;
type Agree<A, B> = [Plain<A>] extends [Plain<B>] ? ([Plain<B>] extends [Plain<A>] ? true : false) : false;
/** Assignability overlooks an optional key that one of the types lacks. */
type SameKeys<A, B> = [keyof A] extends [keyof B] ? ([keyof B] extends [keyof A] ? true : false) : false;
type Element<T> = T extends readonly (infer E)[] ? E : never;
type Value<T> = NonNullable<T extends Readonly<Record<string, infer V>> ? V : never>;

true satisfies Agree<TopologyInput, TopologyShape>;
true satisfies SameKeys<TopologyInput, TopologyShape>;
true satisfies SameKeys<NodeInput, Value<NonNullable<TopologyShape['nodes']>>>;
true satisfies Agree<PolicyInput, PolicyFile>;
true satisfies SameKeys<PolicyInput, PolicyFile>;
true satisfies SameKeys<IpInput, NonNullable<PolicyFile['ip']>>;
true satisfies SameKeys<IpRouteInput, Element<NonNullable<NonNullable<PolicyFile['ip']>['routes']>>>;
true satisfies SameKeys<IpRuleInput, Element<NonNullable<NonNullable<PolicyFile['ip']>['rules']>>>;
true satisfies Agree<FlowInput, FlowShape>;
true satisfies SameKeys<FlowInput, FlowShape>;
true satisfies Agree<EventInput, EventShape>;
true satisfies SameKeys<EventInput, EventShape>;
true satisfies Agree<StepInput, Omit<StepShape, 'fresh' | 'when'>>;
true satisfies SameKeys<StepInput, Omit<StepShape, 'fresh' | 'when'>>;
