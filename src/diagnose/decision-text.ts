import type { Route, RouteNexthop } from '../model/evidence.js';
import type { ConsideredRule, Decision, RefusedEnd } from './rpdb.js';
import type { Mismatch } from './selector.js';

/** `rule 32766 → main → default via 192.0.2.1 dev eth0`. */
export function decisionText({ end }: Decision): string {
  if (end.kind === 'none') return 'no rule led to a route';
  if (end.kind === 'assumed') {
    const why = end.refused === null ? 'no rule led to a route' : refusalText(end.refused);
    return `${why}, and so to a neighbour on ${end.device}`;
  }
  if (end.kind === 'refused') return refusalText(end);
  return `rule ${end.rule.preference} → ${end.table} → ${routeText(end.route)}`;
}

function refusalText({ rule, route, by }: RefusedEnd): string {
  return `rule ${rule.preference} → ${route === null ? by : `${route.table} → ${routeText(route)}`}`;
}

/** `default via 192.0.2.1 dev eth0`: what a route says of where packets go. */
export function routeText({ type, destination, source, nexthops }: Route): string {
  const kind = type === 'unicast' ? '' : `${type} `;
  const from = source === undefined ? '' : ` from ${source}`;
  const ways = nexthops.map(nexthopText).join(' or ');
  return `${kind}${prefixText(destination)}${from}${ways === '' ? '' : ` ${ways}`}`;
}

export function nexthopText({ gateway, device }: Pick<RouteNexthop, 'gateway' | 'device'>): string {
  return gateway === null ? `dev ${device}` : `via ${gateway} dev ${device}`;
}

/** As ip(8) writes a prefix: `default`, and a single address without its length. */
export function prefixText(prefix: string): string {
  if (prefix === '0.0.0.0/0' || prefix === '::/0') return 'default';
  return prefix.replace(/^([0-9.]+)\/32$|^([0-9a-f:.]+)\/128$/, '$1$2');
}

/** Why one rule did or did not decide: `rule 100 (from 192.0.2.0/24 lookup t1): from is 192.0.2.0/24, …`. */
export function consideredText({ rule, table, outcome }: ConsideredRule): string {
  return `rule ${rule.preference} (${ruleBody(rule.text)}) ${outcomeText(outcome, table)}`;
}

function outcomeText(outcome: ConsideredRule['outcome'], table: string | null): string {
  switch (outcome.kind) {
    case 'no-match':
      return `does not match: ${outcome.mismatches.map(mismatchText).join('; ')}`;
    case 'no-route':
      return `matches, and table ${table} has no route`;
    case 'thrown':
      return `matches, and ${routeText(outcome.route)} of table ${table} sends it on to the next rule`;
    case 'suppressed':
      return `matches, and ${routeText(outcome.route)} of table ${table} is suppressed`;
    case 'passed':
      return 'matches and goes on';
    case 'decided':
      return 'decides';
  }
}

/** A rule as ip(8) takes it, without its preference: `from 198.51.100.10 lookup rt2`. */
export function ruleBody(text: string): string {
  return text.replace(/^\d+:\s*/, '').trim();
}

/** The same as ip-rule(8) takes it: what it prints of the rule for VRFs it does not. */
export function ruleWords(text: string): string {
  return ruleBody(text).replace('lookup [l3mdev-table]', 'l3mdev');
}

/** `to is 198.51.100.10, and the packet has 203.0.113.9`. */
export function mismatchText({ selector, wanted, has }: Mismatch): string {
  return `${selector} is ${prefixText(wanted)}, and the packet has ${has}`;
}
