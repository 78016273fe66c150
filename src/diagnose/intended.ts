import type { NodeState, Route, RouteNexthop, Rule } from '../model/evidence.js';
import type { Family } from '../model/family.js';
import { addressBits, makePrefix, networkText, parseAddress, parsePrefix } from '../net/address.js';

/** A node as it would be if a command had not failed. */
export interface Intended {
  readonly state: NodeState;
  /** What the command was to add. */
  readonly added: Rule | Route;
}

/**
 * A command for ip(8) that was to add a rule or a route; ip-rule(8), ip-route(8). Null where it is another one, says one
 * thing twice (`dev eth0 … dev eth1`), or has words that are not known here: then nobody knows what it would have done.
 */
export function withCommand(state: NodeState, text: string): Intended | null {
  const [, options = '', object = '', verb, rest = ''] =
    /^\s*ip ((?:-\S+ )*)(rule|route|ru|r|ro) (add|replace|append|a) (.+)$/.exec(text) ?? [];
  if (verb === undefined) return null;
  const words = rest.split(/\s+/).filter((word) => word !== '');
  const family = options.includes('-6') || (!options.includes('-4') && rest.includes(':')) ? 6 : 4;
  if (object.startsWith('ru')) {
    const rule = ruleOf(state, family, words);
    return rule === null ? null : { state: { ...state, rules: placed(state.rules, rule) }, added: rule };
  }
  const route = routeOf(family, words);
  if (route === null) return null;
  const others = verb === 'replace' ? state.routes.filter((old) => !isInPlaceOf(route, old)) : state.routes;
  return { state: { ...state, routes: [...others, route] }, added: route };
}

const PREFERENCES = ['preference', 'pref', 'priority', 'prio', 'order'];
const TABLES = ['table', 'lookup'];
const SELECTORS = ['from', 'to', 'iif', 'dev', 'oif', 'fwmark', 'ipproto', 'sport', 'dport'];
const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58 };

/** Null for rules that look in no table, too, as they lead nowhere. */
function ruleOf({ rules }: NodeState, family: Family, words: readonly string[]): Rule | null {
  const not = words[0] === 'not';
  const said = pairsOf(not ? words.slice(1) : words, [...SELECTORS, ...PREFERENCES, ...TABLES]);
  const table = said === null ? undefined : firstOf(said, TABLES);
  if (said === null || table === undefined) return null;
  const preference = Number(firstOf(said, PREFERENCES) ?? defaultPreference(rules, family));
  const [mark, mask] = said.get('fwmark')?.split('/').map(Number) ?? [];
  const protocol = said.get('ipproto');
  const [from, to] = [prefixOf(said.get('from'), family), prefixOf(said.get('to'), family)];
  const [iif, oif] = [firstOf(said, ['iif', 'dev']), said.get('oif')];
  const [sourcePorts, destinationPorts] = [rangeOf(said.get('sport')), rangeOf(said.get('dport'))];
  return {
    ...{ family, preference, not, l3mdev: false, action: 'lookup', table },
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(iif === undefined ? {} : { iif }),
    ...(oif === undefined ? {} : { oif }),
    ...(mark === undefined ? {} : { mark }),
    ...(mask === undefined ? {} : { mask }),
    ...(protocol === undefined ? {} : { protocol: PROTOCOLS[protocol] ?? Number(protocol) }),
    ...(sourcePorts === undefined ? {} : { sourcePorts }),
    ...(destinationPorts === undefined ? {} : { destinationPorts }),
    text: `${preference}: ${words.join(' ')}`,
  };
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

const HOP = ['via', 'dev', 'weight'];
const OF_ROUTE = ['table', 'metric', 'preference', 'src', 'proto', 'scope'];
/** Of a unicast route to IPv6 without a metric: IP6_RT_PRIO_USER in the kernel's include/net/ip6_fib.h. */
const METRIC_6 = 1024;

function routeOf(family: Family, words: readonly string[]): Route | null {
  const bare = words.filter((word) => word !== 'unicast' && word !== 'to' && word !== 'onlink');
  const [to = '', ...rest] = bare;
  const destination = prefixOf(to, family) ?? (to === 'default' ? everything(family) : undefined);
  const [own = [], ...hops] = splitAt(rest, 'nexthop');
  const said = pairsOf(own, [...HOP, ...OF_ROUTE]);
  const nexthops = (hops.length > 0 ? hops : [own]).map((each) => hopOf(each));
  const known = nexthops.flatMap((each) => each ?? []);
  if (destination === undefined || said === null || known.length < nexthops.length) return null;
  const metric = Number(firstOf(said, ['metric', 'preference']) ?? (family === 6 ? METRIC_6 : 0));
  return {
    ...{ family, destination, metric, type: 'unicast', scope: 'global', protocol: 'boot' },
    table: said.get('table') ?? 'main',
    preferredSource: said.get('src') ?? null,
    nexthops: known,
    text: words.join(' '),
  };
}

function hopOf(words: readonly string[]): RouteNexthop | null {
  const said = pairsOf(words, [...HOP, ...OF_ROUTE]);
  const device = said?.get('dev');
  if (said === null || device === undefined) return null;
  return {
    device,
    gateway: said.get('via') ?? null,
    weight: Number(said.get('weight') ?? 1),
    flags: [],
  };
}

/** `ip route replace` puts a route in the place of one with the same prefix and metric. */
function isInPlaceOf(route: Route, old: Route): boolean {
  return (['family', 'table', 'destination', 'metric'] as const).every((key) => route[key] === old[key]);
}

/** `NAME VALUE NAME VALUE …`; null where a name is not known or comes twice. */
function pairsOf(words: readonly string[], names: readonly string[]): ReadonlyMap<string, string> | null {
  const said = new Map<string, string>();
  for (let i = 0; i < words.length; i += 2) {
    const [name = '', value] = words.slice(i, i + 2);
    if (value === undefined || said.has(name) || !names.includes(name)) return null;
    said.set(name, value);
  }
  return said;
}

function firstOf(said: ReadonlyMap<string, string>, names: readonly string[]): string | undefined {
  return names.flatMap((name) => said.get(name) ?? [])[0];
}

function splitAt(words: readonly string[], word: string): readonly (readonly string[])[] {
  const parts: string[][] = [[]];
  for (const each of words) {
    if (each === word) parts.push([]);
    else parts.at(-1)?.push(each);
  }
  return parts;
}

/** As ip(8) lists it; undefined for what is no prefix or address, and for `all`. */
function prefixOf(text: string | undefined, family: Family): string | undefined {
  const address = parseAddress(text ?? '');
  const prefix = address === null ? parsePrefix(text ?? '') : makePrefix(address, addressBits(family));
  return prefix === null ? undefined : networkText(prefix);
}

function everything(family: Family): string {
  return family === 4 ? '0.0.0.0/0' : '::/0';
}

function rangeOf(text: string | undefined): readonly [first: number, last: number] | undefined {
  const [first, last = first] = text?.split('-').map(Number) ?? [];
  return first === undefined || last === undefined ? undefined : [first, last];
}
