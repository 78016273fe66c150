import type { NodeState, Route, RouteNexthop, Rule } from '../model/evidence.js';
import { type Query, vrfOf } from './query.js';
import { type Mismatch, mismatches } from './selector.js';
import { lengthOf, lookUpTable, REFUSING, type TableHit } from './table.js';
import { vrfTable } from './vrf-table.js';

/** How a node's routing policy database decides about a packet. */
export interface Decision {
  readonly query: Query;
  /** Every rule that it came by, in order, the one that decided last. */
  readonly considered: readonly ConsideredRule[];
  readonly end: DecisionEnd;
}

export interface ConsideredRule {
  readonly rule: Rule;
  /** The table in which it had the packet looked up; null where it did not. */
  readonly table: string | null;
  readonly outcome: RuleOutcome;
}

export type RuleOutcome =
  /** It does not take the packet, for these selectors. */
  | { readonly kind: 'no-match'; readonly mismatches: readonly Mismatch[] }
  /** It takes the packet, and there is no route for it in its table. */
  | { readonly kind: 'no-route' }
  /** It takes the packet, and the best route of its table is of type `throw`. */
  | { readonly kind: 'thrown'; readonly route: Route }
  /** It takes the packet, and leaves out the route found because its prefix is too short; `suppress_prefixlength`. */
  | { readonly kind: 'suppressed'; readonly route: Route }
  /** `goto` and `nop`, which decide nothing. */
  | { readonly kind: 'passed' }
  | { readonly kind: 'decided' };

export type DecisionEnd =
  | ({ readonly kind: 'route'; readonly rule: Rule; readonly table: string } & TableHit)
  /** The rule refuses the packet, or the route that it leads to does. */
  | RefusedEnd
  /**
   * No rule led to a route, or one refused: of what is bound to a device, IPv4 then takes the destination for a
   * neighbour on its link; ip_route_output_key_hash_rcu in the kernel's net/ipv4/route.c.
   */
  | {
      readonly kind: 'assumed';
      readonly device: string;
      /** Null where there was no route. */
      readonly refused: RefusedEnd | null;
    }
  /** No rule led to a route. */
  | { readonly kind: 'none' };

export interface RefusedEnd {
  readonly kind: 'refused';
  readonly by: 'unreachable' | 'prohibit' | 'blackhole';
  readonly rule: Rule;
  /** Null where the rule itself does. */
  readonly route: Route | null;
}

/**
 * The decision about a packet: rules in the order of their preferences, each with its table, until one decides.
 * ip-rule(8); fib_rules_lookup in the kernel's net/core/fib_rules.c.
 */
export function decide(state: NodeState, query: Query): Decision {
  const decision = walk(state, query);
  const isAssumed = query.family === 4 && query.iif === null && vrfOf(state, query.oif) === null;
  if (decision.end.kind === 'route' || query.oif === null || !isAssumed) return decision;
  const refused = decision.end.kind === 'refused' ? decision.end : null;
  return { ...decision, end: { kind: 'assumed', device: query.oif, refused } };
}

function walk(state: NodeState, query: Query): Decision {
  const rules = state.rules.filter(({ family }) => family === query.family);
  const considered: ConsideredRule[] = [];
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i];
    if (rule === undefined) break;
    const step = consider(state, rule, query);
    considered.push(step.considered);
    if (step.end !== null) return { query, considered, end: step.end };
    if (step.considered.outcome.kind === 'passed' && rule.action === 'goto') {
      // A target that is not there is passed over; ip(8) marks such a rule `unresolved`.
      const target = rules.findIndex(({ preference }) => preference === rule.goto);
      if (target > i) i = target - 1;
    }
  }
  return { query, considered, end: { kind: 'none' } };
}

/** What one rule comes to. */
export interface RuleStep {
  readonly considered: ConsideredRule;
  readonly end: DecisionEnd | null;
}

function consider(state: NodeState, rule: Rule, query: Query): RuleStep {
  const failing = mismatches(rule, query, state);
  if (failing.length > 0) return passing(rule, null, { kind: 'no-match', mismatches: failing });
  if (rule.action === 'goto' || rule.action === 'nop') return passing(rule, null, { kind: 'passed' });
  if (rule.action !== 'lookup')
    return deciding(rule, null, { kind: 'refused', by: rule.action, rule, route: null });
  return lookUp(state, rule, query);
}

/** What a rule comes to that takes the packet and has it looked up. */
export function lookUp(state: NodeState, rule: Rule, query: Query): RuleStep {
  const vrf = vrfOf(state, query.oif) ?? vrfOf(state, query.iif);
  const table = rule.l3mdev ? vrfTable(state, vrf) : (rule.table ?? null);
  // A VRF asked for leads to its table and is then forgotten: l3mdev_update_flow in net/l3mdev/l3mdev.c.
  const asked = query.oif !== null && query.oif === vrf ? { ...query, oif: null, isBound: false } : query;
  const hit = table === null ? null : lookUpTable(state, table, asked);
  if (table === null || hit === null) return passing(rule, table, { kind: 'no-route' });
  const { route } = hit;
  if (route.type === 'throw') return passing(rule, table, { kind: 'thrown', route });
  if (isRefusing(route.type)) return deciding(rule, table, { kind: 'refused', by: route.type, rule, route });
  if (lengthOf(route.destination) <= (rule.suppressPrefixLength ?? -1)) {
    return passing(rule, table, { kind: 'suppressed', route });
  }
  return deciding(rule, table, { kind: 'route', rule, table, ...hit });
}

function isRefusing(type: string): type is 'unreachable' | 'prohibit' | 'blackhole' {
  return REFUSING.includes(type);
}

function passing(rule: Rule, table: string | null, outcome: RuleOutcome): RuleStep {
  return { considered: { rule, table, outcome }, end: null };
}

function deciding(rule: Rule, table: string | null, end: DecisionEnd): RuleStep {
  return { considered: { rule, table, outcome: { kind: 'decided' } }, end };
}

/** The next hops that a decision leaves to choose from; none where it leads nowhere. */
export function nexthopsOf({ end }: Decision): readonly RouteNexthop[] {
  return end.kind === 'route' ? end.nexthops : [];
}
