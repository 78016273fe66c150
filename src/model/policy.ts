import type { Family } from './family.js';
import type { ToolName } from './tool.js';
import type { PppEnd } from './topology.js';

/**
 * One item of a policy, to be applied in order. A typed item holds literal values only; endpoint
 * references and families have been resolved.
 */
export type PolicyItem =
  | { readonly kind: 'shell'; readonly script: string }
  | {
      readonly kind: 'ip';
      readonly commands: readonly IpCommand[];
      readonly tables: readonly RouteTableName[];
    }
  | { readonly kind: 'sysctl'; readonly settings: readonly (readonly [key: string, value: string])[] }
  | { readonly kind: 'nft'; readonly ruleset: string }
  | { readonly kind: 'iptables'; readonly family: Family; readonly ruleset: string }
  | { readonly kind: 'files'; readonly files: readonly FileToWrite[] }
  | ConfigureItem
  | ProcessItem
  /** Ends the process of that name and waits until it has, or takes back what the tool of that name configured. */
  | { readonly kind: 'stop'; readonly name: string }
  /** The same, and then starts it as it was started before. */
  | { readonly kind: 'restart'; readonly name: string }
  | AwaitItem;

/** What a configuration tool is given; `stop` and `restart` know it by its name. */
export interface ConfigureItem {
  readonly kind: 'configure';
  readonly tool: ToolName;
  /** Unique among those of its node. */
  readonly name: string;
  /** What it is to bring up, where the tool needs to be told. */
  readonly interfaces: readonly string[];
  readonly files: readonly FileToWrite[];
  /** Of ppp-hooks: both ends of each interface's link, its own first. */
  readonly links?: readonly (readonly [own: PppEnd, other: PppEnd])[];
}

/** Waits until all conditions hold. */
export interface AwaitItem {
  readonly kind: 'await';
  readonly conditions: readonly ReadyCondition[];
  /** The longest that it may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** Whether it may change links or addresses, which takes effect a little later than it is done. */
export function changesLinks({ kind }: PolicyItem): boolean {
  return kind === 'sysctl' || kind === 'stop' || kind === 'await' || makesInterfaces({ kind });
}

/** Whether it may make interfaces that no topology names. */
export function makesInterfaces({ kind }: Pick<PolicyItem, 'kind'>): boolean {
  return kind === 'shell' || kind === 'process' || kind === 'restart' || kind === 'configure';
}

export interface FileToWrite {
  /** Absolute, below /etc, /run, /var or /tmp of the node. */
  readonly path: string;
  readonly text: string;
  /** Permissions as chmod(1) takes them: `0644`. */
  readonly mode: string;
}

/** A program that goes on while flows run. */
export interface ProcessItem {
  readonly kind: 'process';
  /** Unique among those of its node that run. */
  readonly name: string;
  /** For `bash -c`. */
  readonly command: string;
  /** What all holds once it is ready; nothing where it is as soon as it is started. */
  readonly ready: readonly ReadyCondition[];
  /** The longest that it may take to be ready, in milliseconds. */
  readonly timeoutMs: number;
  /** Name of the signal that ends it, without SIG. */
  readonly stopSignal: StopSignal;
  /** Whether it may end by itself while the scenario goes on. */
  readonly mayEnd: boolean;
}

/** Signals by which a program can be asked to end, with what makes them so. */
export const STOP_SIGNALS = {
  TERM: 'what kill(1) sends',
  INT: 'as by Ctrl-C',
  HUP: 'as when its terminal goes',
  QUIT: 'as by Ctrl-\\, which some servers take for an orderly end',
  USR1: 'what the program takes it for',
  USR2: 'what the program takes it for',
  KILL: 'at once, with nothing put in order',
} as const;

export type StopSignal = keyof typeof STOP_SIGNALS;

export type ReadyCondition =
  /** A line of what it prints has the text in it, or matches. */
  | { readonly kind: 'output'; readonly pattern: string | RegExp }
  | { readonly kind: 'file'; readonly path: string }
  /** A TCP socket listens on the port, or a UDP socket is bound to it. */
  | { readonly kind: 'port'; readonly protocol: 'tcp' | 'udp'; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  /** A ping from the node is answered: a packet passes. */
  | { readonly kind: 'reaches'; readonly address: string }
  /** The command succeeds. */
  | { readonly kind: 'shell'; readonly command: string };

/** One command for `ip -batch`, without the leading `ip`. */
export interface IpCommand {
  readonly family: Family;
  readonly text: string;
}

/** A line of /etc/iproute2/rt_tables. */
export interface RouteTableName {
  readonly name: string;
  readonly number: number;
}

/** A failure of a recipe that the scenario says will happen. */
export interface ExpectedFailure {
  /** Line of the recipe, or of a tool's file, from 1. */
  readonly line: number;
  /** Which of a configuration tool's files the line is of; absent where any will do. */
  readonly file?: string;
  /** Exit status; null where any but 0 will do. */
  readonly exit: number | null;
  /** A part of the tool's message, or a regular expression for it; null where any will do. */
  readonly message: string | RegExp | null;
}
