import type { PolicyInput as PolicyFile } from '../../format/policy.js';
import type { Family } from '../../model/family.js';
import type { ToolName } from '../../model/tool.js';
import type { Agree, Element, SameKeys } from './agree.js';
import type { Duration, SysctlsInput, When } from './common.js';

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

true satisfies Agree<PolicyInput, PolicyFile>;
true satisfies SameKeys<PolicyInput, PolicyFile>;
true satisfies SameKeys<IpInput, NonNullable<PolicyFile['ip']>>;
true satisfies SameKeys<IpRouteInput, Element<NonNullable<NonNullable<PolicyFile['ip']>['routes']>>>;
true satisfies SameKeys<IpRuleInput, Element<NonNullable<NonNullable<PolicyFile['ip']>['rules']>>>;
