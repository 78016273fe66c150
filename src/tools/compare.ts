import type { HeldAddress, NodeState, Route, Rule } from '../model/evidence.js';
import { isLinkLocal, parseAddress, parsePrefix } from '../net/address.js';
import type { SaidAddress, SaidHop, SaidRoute, SaidRule } from '../net/ip-command.js';
import type { Asked } from './asked.js';

/** What a node has that a tool can configure. */
export type Held = Pick<NodeState, 'rules' | 'routes' | 'addresses'>;

export interface Comparison {
  readonly asked: number;
  readonly ignored: readonly string[];
  readonly added: readonly string[];
}

/** Of a route to IPv6 without a metric: IP6_RT_PRIO_USER in the kernel's include/net/ip6_fib.h; of IPv4 it is 0. */
const UNASKED_METRICS = new Set([0, 1024]);

/**
 * What was asked for and is not there, and what is there that was neither asked for nor there before. The table local,
 * which the kernel keeps, and link-local addresses are left out.
 *
 * @param names of route tables by their numbers: files may have either, ip(8) prints the name.
 */
export function compare(
  asked: readonly Asked[],
  before: Held,
  after: Held,
  names: ReadonlyMap<string, string>,
): Comparison {
  const [known, held] = [new Set(itemsOf(before).map(({ text }) => text)), itemsOf(after)];
  // What is new first: where there are two of a kind, the one that was there before is not this one's.
  const open = [
    ...held.filter(({ text }) => !known.has(text)),
    ...held.filter(({ text }) => known.has(text)),
  ];
  const ignored: string[] = [];
  const added: string[] = [];
  for (const one of asked) {
    const found = open.findIndex((item) => isWhatWasAsked(item, one, names));
    const [item] = found < 0 ? [] : open.splice(found, 1);
    if (item === undefined) ignored.push(`${one.file}:${one.line}: ${one.text}`);
    else if (!known.has(item.text))
      added.push(
        ...beyond(
          item,
          one,
          held.filter(({ text }) => known.has(text)),
          names,
        ),
      );
  }
  return {
    asked: asked.length,
    ignored,
    added: [...added, ...open.filter(({ text }) => !known.has(text)).map(addedText)],
  };
}

/** What came with something that was asked for: what a tool put into a route, and a rule that was there already. */
function beyond(
  item: Item,
  asked: Asked,
  before: readonly Item[],
  names: ReadonlyMap<string, string>,
): readonly string[] {
  const { command } = asked;
  if (item.kind === 'route' && command.object === 'route') return additionsTo(item.route, command.said);
  const isSecond = item.kind === 'rule' && before.some((old) => isWhatWasAsked(old, asked, names));
  return isSecond ? [`${item.text} (once more)`] : [];
}

type Item = { readonly text: string } & (
  | { readonly kind: 'address'; readonly address: HeldAddress }
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'rule'; readonly rule: Rule }
);

function itemsOf({ addresses, routes, rules }: Held): readonly Item[] {
  return [
    ...addresses
      .filter(({ scope }) => scope !== 'link' && scope !== 'host')
      .map((address) => ({ kind: 'address', text: addressText(address), address }) as const),
    ...routes
      .filter(({ table, destination }) => table !== 'local' && !isOfTheLink(destination))
      .map((route) => ({ kind: 'route', text: familyText(route), route }) as const),
    ...rules.map((rule) => ({ kind: 'rule', text: familyText(rule), rule }) as const),
  ];
}

function isOfTheLink(destination: string): boolean {
  const prefix = parsePrefix(destination);
  return prefix !== null && isLinkLocal(prefix.address);
}

function addressText({ address, prefixLength, device }: HeldAddress): string {
  return `address ${address}/${prefixLength} dev ${device}`;
}

/** As ip(8) would list it where both families could stand. */
function familyText({ family, text }: Route | Rule): string {
  return family === 6 && !text.includes('::') ? `${text} (IPv6)` : text;
}

function addedText(item: Item): string {
  const isKernels = item.kind === 'route' && item.route.protocol === 'kernel' && item.route.table === 'main';
  return isKernels ? `${item.text} (the kernel's own)` : item.text;
}

function isWhatWasAsked(item: Item, { command }: Asked, names: ReadonlyMap<string, string>): boolean {
  const nameOf = (table: string) => names.get(table) ?? table;
  switch (command.object) {
    case 'address':
      return item.kind === 'address' && isAddress(item.address, command.said);
    case 'route':
      return (
        item.kind === 'route' &&
        item.route.family === command.family &&
        item.route.table === nameOf(command.said.table) &&
        isRoute(item.route, command.said)
      );
    case 'rule':
      return (
        item.kind === 'rule' &&
        item.rule.family === command.family &&
        item.rule.table === nameOf(command.said.table ?? '') &&
        isRule(item.rule, command.said)
      );
  }
}

function isAddress(held: HeldAddress, said: SaidAddress): boolean {
  return (['address', 'prefixLength', 'device'] as const).every((key) => held[key] === said[key]);
}

/** What was not said may be anything. */
function isRoute(route: Route, said: SaidRoute): boolean {
  return (
    route.type === said.type &&
    route.destination === said.destination &&
    (said.metric === null || route.metric === said.metric) &&
    (said.preferredSource === null || sameAddress(said.preferredSource, route.preferredSource)) &&
    (said.nexthops.length === 0 || route.nexthops.length === said.nexthops.length) &&
    said.nexthops.every((hop) => route.nexthops.some((has) => isHop(has, hop)))
  );
}

function isHop(has: Route['nexthops'][number], { device, gateway, weight }: SaidHop): boolean {
  const byGateway = gateway === null ? has.gateway === null : sameAddress(gateway, has.gateway);
  return byGateway && has.weight === weight && (device === null || device === has.device);
}

function sameAddress(a: string, b: string | null): boolean {
  return b !== null && (parseAddress(a)?.text ?? a) === b;
}

const SELECTORS = ['from', 'to', 'iif', 'oif', 'mark', 'mask', 'protocol', 'not'] as const;

function isRule(rule: Rule, said: SaidRule): boolean {
  return (
    (said.preference === null || rule.preference === said.preference) &&
    SELECTORS.every((key) => rule[key] === said[key]) &&
    String(rule.sourcePorts) === String(said.sourcePorts) &&
    String(rule.destinationPorts) === String(said.destinationPorts)
  );
}

/** What a tool put into a route beyond what its file says of it. */
function additionsTo(route: Route, said: SaidRoute): readonly string[] {
  const additions = [
    ...(said.metric === null && !UNASKED_METRICS.has(route.metric) ? [`metric ${route.metric}`] : []),
    ...(!said.words.includes('onlink') && route.nexthops.some(({ flags }) => flags.includes('onlink'))
      ? ['onlink']
      : []),
  ];
  return additions.length === 0 ? [] : [`${additions.join(' and ')} to: ${route.text}`];
}
