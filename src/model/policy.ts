import type { Family } from './family.js';

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
  | { readonly kind: 'iptables'; readonly family: Family; readonly ruleset: string };

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
  /** Line of the recipe, from 1. */
  readonly line: number;
  /** Exit status; null where any but 0 will do. */
  readonly exit: number | null;
  /** A part of the tool's message, or a regular expression for it; null where any will do. */
  readonly message: string | RegExp | null;
}
