import type { NodeState, Route, RouteNexthop, Rule } from '../model/evidence.js';
import { parseAddress } from '../net/address.js';
import type { Choice } from './choice.js';
import type { Facts } from './facts.js';
import { addressesAt } from './gateway.js';
import { type Decision, type DecisionEnd, lookUp } from './rpdb.js';
import { type Mismatch, mismatches } from './selector.js';

type Found = Extract<DecisionEnd, { readonly kind: 'route' }>;

/** A packet that the rules of a node sent by a route, and not where it was to go. */
export interface WrongWay {
  readonly choice: Choice;
  readonly state: NodeState;
  readonly decision: Decision;
  readonly end: Found;
  /** The route's next hop by which it went. */
  readonly taken: RouteNexthop;
}

/**
 * Null where no packet was misled, or the node's rules and routes do not say why it was: where it was to go by an interface
 * that is down, or where the next hop that they chose is right, and somebody else answered for it.
 */
export function wrongWayIn(facts: Facts): WrongWay | null {
  const { passage } = facts.choice ?? {};
  const { from, probe } = facts.flow;
  // No rule or route leads elsewhere what its socket is bound to send by that device.
  const isBound = passage?.leg === 'request' && passage.node === from && probe.bindDevice === passage.out;
  return isBound ? null : wayIn(facts);
}

/** The same, be it that the packet's socket is bound to the device. */
export function wayIn(facts: Facts): WrongWay | null {
  const { choice, stateOf, decisionFor } = facts;
  if (choice === null) return null;
  const state = stateOf(choice.passage.node);
  const decision = decisionFor(choice.passage);
  if (state === null || decision?.end.kind !== 'route' || isDown(state, choice.wanted)) return null;
  const by = decision.end.nexthops.filter(({ device }) => device === choice.taken);
  const [taken] = by;
  if (taken === undefined || by.every((each) => isWanted(facts, { choice }, each))) return null;
  return { choice, state, decision, end: decision.end, taken };
}

function isDown({ devices }: NodeState, name: string): boolean {
  return devices.some((device) => device.name === name && !device.flags.includes('UP'));
}

/** Whether a next hop is where the packet was to go. */
export function isWanted(
  facts: Facts,
  { choice }: Pick<WrongWay, 'choice'>,
  { device, gateway }: RouteNexthop,
): boolean {
  if (device !== choice.wanted) return false;
  if (choice.taken !== choice.wanted || choice.nexthop === null) return true;
  // Another next hop by the same interface: on a shared segment.
  const addresses = addressesAt(facts, choice.nexthop).map(({ text }) => text);
  return addresses.includes(parseAddress(gateway ?? choice.passage.packet.destination)?.text ?? '');
}

/** A rule that did not decide, and would have led where the packet was to go. */
export interface Alternative {
  readonly rule: Rule;
  readonly route: Route;
  readonly table: string;
  /** Whether it comes later than the rule that decided. */
  readonly isLater: boolean;
  /** What keeps the packet from it; empty where it would be taken. */
  readonly mismatches: readonly Mismatch[];
  /** Whether all next hops of its route are where the packet was to go; else a hash decides. */
  readonly isCertain: boolean;
}

/** In the order of the rules. */
export function alternativesTo(facts: Facts, way: WrongWay): readonly Alternative[] {
  const { state, decision, end } = way;
  const rules = state.rules.filter(({ family }) => family === decision.query.family);
  const position = rules.indexOf(end.rule);
  return rules.flatMap((rule, i) => {
    if (rule === end.rule || rule.action !== 'lookup') return [];
    const hit = lookUp(state, rule, decision.query).end;
    if (hit?.kind !== 'route' || !hit.nexthops.some((nexthop) => isWanted(facts, way, nexthop))) return [];
    const { route, table } = hit;
    const isCertain = hit.nexthops.every((nexthop) => isWanted(facts, way, nexthop));
    const failing = mismatches(rule, decision.query, state);
    return [{ rule, route, table, isLater: i > position, mismatches: failing, isCertain }];
  });
}

/** The three rules that a kernel begins with, or one like them; ip-rule(8). */
export function isOrdinary({ table, ...rule }: Rule): boolean {
  const selects = rule.from ?? rule.to ?? rule.iif ?? rule.oif ?? rule.mark ?? rule.protocol ?? rule.tos;
  const isUnconditional = selects === undefined && !rule.not && rule.uids === undefined && !rule.l3mdev;
  return isUnconditional && (table === 'main' || table === 'default' || table === 'local');
}
