import type { Rule } from '../model/evidence.js';
import type { Family } from '../model/family.js';
import { addressBits, makePrefix, networkText, parseAddress, parsePrefix } from './address.js';

/** What a command for ip(8) is to add, as far as it says it. */
export type IpCommand = { readonly family: Family; readonly verb: string } & (
  | { readonly object: 'rule'; readonly said: SaidRule }
  | { readonly object: 'route'; readonly said: SaidRoute }
  | { readonly object: 'address'; readonly said: SaidAddress }
);

/** The preference is null where the kernel is to choose it. */
export interface SaidRule extends Omit<Rule, 'family' | 'preference' | 'text'> {
  readonly preference: number | null;
  readonly words: string;
}

export interface SaidRoute {
  readonly type: string;
  readonly table: string;
  /** `203.0.113.0/24`; the default is `0.0.0.0/0` or `::/0`. */
  readonly destination: string;
  /** Null where the kernel is to choose it. */
  readonly metric: number | null;
  readonly preferredSource: string | null;
  /** None for a route of type `unreachable`, …, and where the command says neither a device nor a gateway. */
  readonly nexthops: readonly SaidHop[];
  readonly words: string;
}

export interface SaidHop {
  /** Null where the kernel is to find it by the gateway. */
  readonly device: string | null;
  readonly gateway: string | null;
  readonly weight: number;
}

export interface SaidAddress {
  readonly address: string;
  readonly prefixLength: number;
  readonly device: string;
}

const OBJECTS = { ru: 'rule', r: 'route', a: 'address' } as const;

/**
 * A command that adds a rule, a route or an address; ip-rule(8), ip-route(8), ip-address(8). Null where it is another
 * one, says one thing twice (`dev eth0 … dev eth1`), or has words that are not known here: then nobody knows what it
 * would do.
 */
export function readIpCommand(text: string): IpCommand | null {
  const [, options = '', object = '', verb, rest = ''] =
    /^\s*(?:\/(?:usr\/)?s?bin\/)?ip ((?:-\S+ )*)(rule|route|ru|r|ro|address|addr|a) (add|replace|append|a) (.+)$/.exec(
      text.replaceAll(/[ \t]+/g, ' '),
    ) ?? [];
  if (verb === undefined) return null;
  const words = rest.split(' ').filter((word) => word !== '');
  const family = options.includes('-6') || (!options.includes('-4') && rest.includes(':')) ? 6 : 4;
  const kind = object.startsWith('ru') ? OBJECTS.ru : object.startsWith('a') ? OBJECTS.a : OBJECTS.r;
  switch (kind) {
    case 'rule': {
      const said = ruleOf(family, words);
      return said === null ? null : { family, verb, object: kind, said };
    }
    case 'route': {
      const said = routeOf(family, words);
      return said === null ? null : { family, verb, object: kind, said };
    }
    case 'address': {
      const said = addressOf(words);
      return said === null ? null : { family: said.address.includes(':') ? 6 : 4, verb, object: kind, said };
    }
  }
}

const PREFERENCES = ['preference', 'pref', 'priority', 'prio', 'order'];
const TABLES = ['table', 'lookup'];
const SELECTORS = ['from', 'to', 'iif', 'dev', 'oif', 'fwmark', 'ipproto', 'sport', 'dport'];
const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58 };

/** Null for rules that look in no table, too, as they lead nowhere. */
function ruleOf(family: Family, words: readonly string[]): SaidRule | null {
  const not = words[0] === 'not';
  const said = pairsOf(not ? words.slice(1) : words, [...SELECTORS, ...PREFERENCES, ...TABLES]);
  const table = said === null ? undefined : firstOf(said, TABLES);
  if (said === null || table === undefined) return null;
  const preference = firstOf(said, PREFERENCES);
  const [mark, mask] = said.get('fwmark')?.split('/').map(Number) ?? [];
  const protocol = said.get('ipproto');
  const [from, to] = [prefixOf(said.get('from'), family), prefixOf(said.get('to'), family)];
  if ([said.get('from'), said.get('to')].some((text) => text !== undefined && isNoSelector(text, family)))
    return null;
  const [iif, oif] = [firstOf(said, ['iif', 'dev']), said.get('oif')];
  const [sourcePorts, destinationPorts] = [rangeOf(said.get('sport')), rangeOf(said.get('dport'))];
  return {
    preference: preference === undefined ? null : Number(preference),
    ...{ not, l3mdev: false, action: 'lookup', table },
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(iif === undefined ? {} : { iif }),
    ...(oif === undefined ? {} : { oif }),
    ...(mark === undefined ? {} : { mark }),
    ...(mask === undefined ? {} : { mask }),
    ...(protocol === undefined ? {} : { protocol: PROTOCOLS[protocol] ?? Number(protocol) }),
    ...(sourcePorts === undefined ? {} : { sourcePorts }),
    ...(destinationPorts === undefined ? {} : { destinationPorts }),
    words: words.join(' '),
  };
}

/** Neither a prefix nor a word for everything. */
function isNoSelector(text: string, family: Family): boolean {
  return prefixOf(text, family) === undefined && !['all', 'any', 'default'].includes(text);
}

const HOP = ['via', 'dev', 'weight'];
const OF_ROUTE = ['table', 'metric', 'preference', 'src', 'proto', 'scope'];
/** Types that lead nowhere, and have no next hop; ip-route(8). */
const DEAD_ENDS = ['unreachable', 'prohibit', 'blackhole', 'throw'];

function routeOf(family: Family, words: readonly string[]): SaidRoute | null {
  const [first = ''] = words;
  const isDeadEnd = DEAD_ENDS.includes(first);
  const typed = isDeadEnd ? words.slice(1) : words;
  const bare = typed.filter((word) => word !== 'unicast' && word !== 'to' && word !== 'onlink');
  const [to = '', ...rest] = bare;
  const destination = prefixOf(to, family) ?? (to === 'default' ? everything(family) : undefined);
  const [own = [], ...hops] = splitAt(rest, 'nexthop');
  const said = pairsOf(own, [...HOP, ...OF_ROUTE]);
  const isOwn = said !== null && (said.has('dev') || said.has('via'));
  const wordsOfHops = hops.length > 0 ? hops : isOwn ? [own] : [];
  const nexthops = isDeadEnd ? [] : wordsOfHops.map((each) => hopOf(each));
  const known = nexthops.flatMap((each) => each ?? []);
  if (destination === undefined || said === null || known.length < nexthops.length) return null;
  const metric = firstOf(said, ['metric', 'preference']);
  return {
    destination,
    metric: metric === undefined ? null : Number(metric),
    type: isDeadEnd ? first : 'unicast',
    table: said.get('table') ?? 'main',
    preferredSource: said.get('src') ?? null,
    nexthops: known,
    words: words.join(' '),
  };
}

function hopOf(words: readonly string[]): SaidHop | null {
  const said = pairsOf(words, [...HOP, ...OF_ROUTE]);
  if (said === null) return null;
  const device = said.get('dev') ?? null;
  const gateway = said.get('via') ?? null;
  return device === null && gateway === null
    ? null
    : { device, gateway, weight: Number(said.get('weight') ?? 1) };
}

const OF_ADDRESS = ['dev', 'label', 'broadcast', 'brd', 'scope', 'peer', 'metric'];

/** An address without a length is one of the whole; a netmask in place of the length is taken, too. */
function addressOf([text = '', ...rest]: readonly string[]): SaidAddress | null {
  const said = pairsOf(
    rest.filter((word) => word !== 'nodad'),
    OF_ADDRESS,
  );
  const [host = '', length] = text.split('/');
  const address = parseAddress(host);
  const device = said?.get('dev');
  if (address === null || device === undefined) return null;
  const prefixLength = length === undefined ? addressBits(address.family) : lengthOf(length);
  return prefixLength === null ? null : { address: address.text, prefixLength, device };
}

/** Of `24` as of `255.255.255.0`; null where it is neither. */
export function lengthOf(text: string): number | null {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  const mask = parseAddress(text);
  if (mask === null || mask.family === 6) return null;
  const bits = mask.text.split('.').map((part) => Number(part).toString(2).padStart(8, '0'));
  const ones = /^(1*)0*$/.exec(bits.join(''))?.[1];
  return ones === undefined ? null : ones.length;
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
