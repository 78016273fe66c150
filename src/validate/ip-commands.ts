import type { IpInput, IpRouteInput, IpRuleInput } from '../format/ip.js';
import { markAt, type Tree } from '../load/tree.js';
import type { Family } from '../model/family.js';
import type { IpCommand, PolicyItem } from '../model/policy.js';
import { addressBits, makePrefix, networkText, parseAddress, parsePrefix } from '../net/address.js';
import type { Faults } from './faults.js';
import { type Network, parseEndpoint } from './network.js';

interface Context {
  readonly network: Network;
  readonly faults: Faults;
}

type Path = readonly PropertyKey[];

/** Texts of one value by family. A value that fits any family has both. */
type ByFamily = ReadonlyMap<Family, string>;

const FAMILIES: readonly Family[] = [4, 6];

/**
 * Typed routes and rules as commands for `ip -batch`; see ip-route(8), ip-rule(8). Every entry
 * becomes one command in each family that all its addresses have.
 */
export function ipItem(tree: Tree, path: Path, input: IpInput, context: Context): PolicyItem {
  const routes = (input.routes ?? []).flatMap((route, index) =>
    routeCommands(tree, [...path, 'routes', index], route, context),
  );
  const rules = (input.rules ?? []).flatMap((rule, index) =>
    ruleCommands(tree, [...path, 'rules', index], rule, context),
  );
  const tables = Object.entries(input.tables ?? {}).map(([name, number]) => ({ name, number }));
  return { kind: 'ip', tables, commands: [...routes, ...rules] };
}

function routeCommands(tree: Tree, path: Path, route: IpRouteInput, context: Context): IpCommand[] {
  const values = new Values(tree, path, context);
  const to = values.prefix(['to'], route.to);
  const via = values.address(['via'], route.via);
  const src = values.address(['src'], route.src);
  const hops = (route.nexthops ?? []).map((hop, index) => ({
    ...hop,
    via: values.address(['nexthops', index, 'via'], hop.via),
  }));
  return values.families(route.family).map((family) => ({
    family,
    text: words(
      'route add',
      route.type,
      to?.get(family),
      option('tos', route.tos),
      option('table', route.table),
      option('proto', route.proto),
      option('scope', route.scope),
      option('metric', route.metric),
      option('via', via?.get(family)),
      option('dev', route.dev),
      option('src', src?.get(family)),
      route.onlink === true ? 'onlink' : undefined,
      ...hops.map((hop) =>
        words(
          'nexthop',
          option('via', hop.via?.get(family)),
          option('dev', hop.dev),
          option('weight', hop.weight),
        ),
      ),
    ),
  }));
}

function ruleCommands(tree: Tree, path: Path, rule: IpRuleInput, context: Context): IpCommand[] {
  const values = new Values(tree, path, context);
  const from = values.prefix(['from'], rule.from);
  const to = values.prefix(['to'], rule.to);
  return values.families(rule.family).map((family) => ({
    family,
    text: words(
      'rule add',
      rule.not === true ? 'not' : undefined,
      option('from', from?.get(family)),
      option('to', to?.get(family)),
      option('iif', rule.iif),
      option('oif', rule.oif),
      option('fwmark', rule.fwmark),
      option('tos', rule.tos),
      option('ipproto', rule.ipproto),
      option('sport', rule.sport),
      option('dport', rule.dport),
      option('uidrange', rule.uidrange),
      rule.l3mdev === true ? 'l3mdev' : undefined,
      option('preference', rule.preference),
      option('table', rule.table),
      option('suppress_prefixlength', rule.suppress_prefixlength),
      rule.action,
      option('goto', rule.goto),
    ),
  }));
}

/** Reads the addresses of one entry and finds the families that all of them have. */
class Values {
  readonly #read: { families: ReadonlySet<Family>; literal: boolean }[] = [];
  #failed = false;

  constructor(
    readonly tree: Tree,
    readonly path: Path,
    readonly context: Context,
  ) {}

  /** An address: literal, or that of an endpoint. */
  address(key: Path, text: string | undefined): ByFamily | null {
    if (text === undefined) return null;
    const literal = parseAddress(text);
    if (literal !== null) return this.#take(new Map([[literal.family, literal.text]]), true);
    return this.#reference(key, text, false, 'an address or node:interface');
  }

  /** A prefix: default, literal, that of an endpoint's address alone, or with `/net` its network. */
  prefix(key: Path, text: string | undefined): ByFamily | null {
    if (text === undefined) return null;
    if (['default', 'all', 'any'].includes(text))
      return this.#take(
        new Map([
          [4, '0.0.0.0/0'],
          [6, '::/0'],
        ]),
        false,
      );
    const address = parseAddress(text);
    const prefix = address === null ? parsePrefix(text) : makePrefix(address, addressBits(address.family));
    if (prefix !== null) {
      return this.#take(new Map([[prefix.family, `${prefix.address.text}/${prefix.prefixLength}`]]), true);
    }
    return this.#reference(
      key,
      text,
      true,
      'default, a prefix, an address, node:interface or node:interface/net',
    );
  }

  /** The families of the entry: those of `only` that every address has; reported where there are none. */
  families(only: Family | undefined): Family[] {
    if (this.#failed) return [];
    const all = FAMILIES.filter((family) => this.#read.every(({ families }) => families.has(family)));
    const families = only === undefined ? all : all.filter((family) => family === only);
    if (families.length > 0) return families;
    const at = markAt(this.tree, this.path);
    const literals = this.#read.filter(({ literal }) => literal);
    const mixed =
      only !== undefined
        ? literals.length > 0
        : FAMILIES.every((family) => literals.some(({ families: one }) => one.has(family)));
    if (mixed) {
      this.context.faults.add(
        at,
        'mixed-families',
        'IPv4 and IPv6 stand in one entry',
        'Write one entry for each family.',
      );
    } else {
      const hint = 'Give the interfaces that this entry names an address of one family in common.';
      this.context.faults.add(
        at,
        'no-address-of-family',
        'the addresses of this entry have no family in common',
        hint,
      );
    }
    return [];
  }

  #reference(key: Path, text: string, asPrefix: boolean, expected: string): ByFamily | null {
    const { network, faults } = this.context;
    const at = markAt(this.tree, [...this.path, ...key]);
    const connected = asPrefix && text.endsWith('/net');
    const name = connected ? text.slice(0, -'/net'.length) : text;
    if (parseEndpoint(name) === null) {
      this.#failed = true;
      faults.add(
        at,
        'bad-address',
        `${text} is not ${expected}`,
        'Correct it; what only `ip` itself understands can stand in a shell policy.',
      );
      return null;
    }
    const endpoint = network.endpoint(name, at, faults);
    if (endpoint === null) {
      this.#failed = true;
      return null;
    }
    const texts = new Map<Family, string>();
    for (const family of FAMILIES) {
      const found = network.firstAddress(endpoint, family);
      if (found === null) continue;
      const prefix = parsePrefix(`${found.address}/${found.prefixLength}`);
      const host = asPrefix ? `${found.address}/${addressBits(family)}` : found.address;
      texts.set(family, connected && prefix !== null ? networkText(prefix) : host);
    }
    return this.#take(texts, false);
  }

  #take(texts: ByFamily, literal: boolean): ByFamily {
    this.#read.push({ families: new Set(texts.keys()), literal });
    return texts;
  }
}

function option(keyword: string, value: string | number | boolean | undefined): string | undefined {
  return value === undefined ? undefined : `${keyword} ${value}`;
}

function words(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(' ');
}
