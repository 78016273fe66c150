import type { NodeState, Route, RouteNexthop, Rule } from '../model/evidence.js';
import type { Family } from '../model/family.js';
import { readIpCommand, type SaidHop, type SaidRoute, type SaidRule } from '../net/ip-command.js';

/** A node as it would be if a command had not failed. */
export interface Intended {
  readonly state: NodeState;
  /** What the command was to add. */
  readonly added: Rule | Route;
}

/**
 * A command for ip(8) that was to add a rule or a route. Null where it is another one, or has words that are not known:
 * then nobody knows what it would have done.
 */
export function withCommand(state: NodeState, text: string): Intended | null {
  const command = readIpCommand(text);
  switch (command?.object) {
    case 'rule':
      return withRule(state, command.family, command.said);
    case 'route':
      return withRoute(state, command.family, command.said, command.verb);
    default:
      return null;
  }
}

function withRule(state: NodeState, family: Family, { words, ...said }: SaidRule): Intended {
  const preference = said.preference ?? defaultPreference(state.rules, family);
  const rule: Rule = { ...said, family, preference, text: `${preference}: ${words}` };
  return { state: { ...state, rules: placed(state.rules, rule) }, added: rule };
}

/** Right behind the first rule: fib_default_rule_pref in the kernel's net/core/fib_rules.c. */
function defaultPreference(rules: readonly Rule[], family: Family): number {
  const [, second] = rules.filter((each) => each.family === family);
  return Math.max((second?.preference ?? 0) - 1, 0);
}

function placed(rules: readonly Rule[], rule: Rule): readonly Rule[] {
  const at = rules.findIndex(
    ({ family, preference }) => family === rule.family && preference > rule.preference,
  );
  return rules.toSpliced(at < 0 ? rules.length : at, 0, rule);
}

/** Of a unicast route to IPv6 without a metric: IP6_RT_PRIO_USER in the kernel's include/net/ip6_fib.h. */
const METRIC_6 = 1024;

/** Null for one that leads nowhere, or does not say by which device. */
function withRoute(state: NodeState, family: Family, said: SaidRoute, verb: string): Intended | null {
  const nexthops = said.nexthops.flatMap(hopOf);
  if (nexthops.length === 0 || nexthops.length < said.nexthops.length) return null;
  const { words, ...rest } = said;
  const route: Route = {
    ...rest,
    ...{ family, nexthops, scope: 'global', protocol: 'boot' },
    metric: said.metric ?? (family === 6 ? METRIC_6 : 0),
    text: words,
  };
  const others = verb === 'replace' ? state.routes.filter((old) => !isInPlaceOf(route, old)) : state.routes;
  return { state: { ...state, routes: [...others, route] }, added: route };
}

function hopOf({ device, ...rest }: SaidHop): RouteNexthop[] {
  return device === null ? [] : [{ device, ...rest, flags: [] }];
}

/** `ip route replace` puts a route in the place of one with the same prefix and metric. */
function isInPlaceOf(route: Route, old: Route): boolean {
  return (['family', 'table', 'destination', 'metric'] as const).every((key) => route[key] === old[key]);
}
