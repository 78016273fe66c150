import type { Repair } from '../model/diagnosis.js';
import type { NodeState, Passage, RouteNexthop } from '../model/evidence.js';
import type { CommandReport } from '../model/result.js';
import { contains, isLinkLocal, networkText, parseAddress, parsePrefix } from '../net/address.js';
import { readIpCommand } from '../net/ip-command.js';
import type { Choice } from './choice.js';
import type { CauseFinder, Facts } from './facts.js';
import { linkOf } from './gateway.js';
import { withCommand } from './intended.js';
import { isDown, lostAddresses, putUp } from './link.js';
import { routedMark } from './mark-rules.js';
import { isOwn, shellDeed } from './repair.js';
import { decide } from './rpdb.js';
import { lastDown } from './vanished.js';
import { trackedOf } from './where.js';
import { isWanted } from './wrong-way.js';

/** A packet that a command was to lead. */
interface Misled {
  readonly passage: Passage;
  /** What misled it; null where it found no way. */
  readonly choice: Choice | null;
}

/** A command failed that was to add a rule or a route, and that would have led the packet where it was to go. */
export const recipeFailed: CauseFinder = (facts) => {
  const misled = misledIn(facts);
  const failed = misled === null ? null : decidingAmong(facts, misled);
  if (misled === null || failed === null) return null;
  const down = downFor(facts, failed);
  return {
    code: 'recipe-failed',
    text: `line ${failed.line} of ${failed.node}'s recipe failed, and what it was to add is missing: ${failed.text}`,
    evidence: [failureText(failed), ...down.map((device) => `${failed.node}:${device} is down`)],
    repair: corrected(facts, failed, misled, down),
  };
};

/** Commands that failed where a packet went astray, and had to do with it: for evidence. */
export function failuresFor(facts: Facts): readonly string[] {
  const misled = misledIn(facts);
  if (misled === null) return [];
  return failedAt(facts, misled.passage.node)
    .filter(({ text }) => isAbout(text, misled))
    .map((each) => `line ${each.line} of ${each.node}'s recipe failed: ${each.text}: ${failureText(each)}`);
}

function failureText({ exit, message }: CommandReport): string {
  const [first = ''] = message.split('\n');
  return `exit status ${exit}${first === '' ? '' : `: ${first}`}`;
}

/** Where a way was chosen wrong, or none was found. */
function misledIn({ choice, stop, decisionFor }: Facts): Misled | null {
  if (choice !== null) return { passage: choice.passage, choice };
  if (stop === null || decisionFor(stop)?.end.kind !== 'none') return null;
  return { passage: stop, choice };
}

/** The first command without which the packet went astray: with all that failed carried out, what it adds decides and leads right. */
function decidingAmong(facts: Facts, misled: Misled): CommandReport | null {
  const { passage } = misled;
  const [state, now] = [facts.stateOf(passage.node), facts.decisionFor(passage)];
  if (state === null || now === null) return null;
  const added = new Map<unknown, CommandReport>();
  let amended = state;
  for (const failed of failedAt(facts, passage.node)) {
    if (wouldBeGone(facts, failed)) continue;
    const intended = withCommand(amended, correction(facts, failed, misled) ?? failed.text);
    if (intended === null) continue;
    amended = intended.state;
    added.set(intended.added, failed);
  }
  if (added.size === 0) return null;
  const mark = routedMark(state, passage, trackedOf(facts)) ?? now.query.mark;
  for (const query of [now.query, { ...now.query, mark }]) {
    const { end } = decide(amended, query);
    if (end.kind !== 'route' || !end.nexthops.every((each) => leads(facts, state, misled, each))) continue;
    const deciding = [...added].find(([what]) => what === end.rule || what === end.route);
    if (deciding !== undefined) return deciding[1];
  }
  return null;
}

/** Whether the route would not be there now had it been added: all its interfaces were taken down later. */
function wouldBeGone(facts: Facts, failed: CommandReport): boolean {
  const { node } = failed;
  const devices = devicesOf(failed);
  const at = facts.commands.indexOf(failed);
  const isGone = (device: string) =>
    isDown(facts, { node, interface: device }) && lastDown(facts, node, device) > at;
  return devices.length > 0 && devices.every(isGone);
}

/** Whether a next hop is one that the packet was to go to, and that can be reached. */
function leads(facts: Facts, state: NodeState, { passage, choice }: Misled, hop: RouteNexthop): boolean {
  if (choice !== null && !isWanted(facts, { choice }, hop)) return false;
  const next = parseAddress(hop.gateway ?? passage.packet.destination);
  const held = state.addresses.filter(({ device }) => device === hop.device);
  const endpoint = { node: state.node, interface: hop.device };
  // An interface that is down gets them back with being put up.
  const lost = isDown(facts, endpoint) ? lostAddresses(facts, endpoint) : [];
  const links = [...held, ...lost].flatMap((each) => linkOf(each) ?? []);
  return next !== null && (isLinkLocal(next) || links.some((link) => contains(link, next)));
}

/** Those that failed and were not made good later. */
function failedAt(facts: Facts, node: string): readonly CommandReport[] {
  return facts.commands.filter((each) => each.node === node && each.exit !== 0 && !isDoneLater(facts, each));
}

/** The same command, or what has the same effect, succeeded afterwards. */
function isDoneLater({ commands }: Facts, failed: CommandReport): boolean {
  const later = commands.slice(commands.indexOf(failed) + 1);
  return later.some(({ node, text, exit }) => node === failed.node && text === failed.text && exit === 0);
}

/** Whether what the command was to add had to do with the packet: `ip rule add …`, `ip route add …`; ip-rule(8), ip-route(8). */
function isAbout(text: string, misled: Misled): boolean {
  const [, verb, rest = ''] =
    /^\s*ip (?:-\S+ )*(rule|route|ru|r|ro) (?:add|replace|append|a) (.+)$/.exec(text) ?? [];
  if (verb === undefined) return false;
  return verb.startsWith('ru') ? isRuleFor(rest, misled) : isRouteFor(rest, misled);
}

function isRuleFor(words: string, { passage: { packet, in: iif } }: Misled): boolean {
  const selects = (name: string, has: string | null) => {
    const wanted = argument(words, name);
    return wanted === null || isWithin(wanted, has);
  };
  const device = argument(words, 'iif');
  return (
    selects('from', packet.source) &&
    selects('to', packet.destination) &&
    (device === null || device === (iif ?? 'lo'))
  );
}

function isRouteFor(words: string, { passage: { packet } }: Misled): boolean {
  const [first = ''] = words.split(' ').filter((word) => !['unicast', 'to'].includes(word));
  return isWithin(first, packet.destination);
}

function argument(words: string, name: string): string | null {
  return new RegExp(`(?:^| )${name} (\\S+)`).exec(words)?.[1] ?? null;
}

function isWithin(wanted: string, has: string | null): boolean {
  if (wanted === 'all' || wanted === 'default' || wanted === 'any') return true;
  const address = has === null ? null : parseAddress(has);
  const prefix = parsePrefix(wanted);
  if (address === null) return false;
  return prefix === null ? parseAddress(wanted)?.text === address.text : contains(prefix, address);
}

/** Those by which it was to add a route. */
function devicesOf({ text }: CommandReport): readonly string[] {
  const command = readIpCommand(text);
  const hops = command?.object === 'route' ? command.said.nexthops : [];
  return [...new Set(hops.flatMap(({ device }) => device ?? []))];
}

/**
 * Of these interfaces those that are down, by which none can be added: fib_check_nh in net/ipv4/fib_semantics.c,
 * fib6_nh_init in net/ipv6/route.c.
 */
function downFor(facts: Facts, failed: CommandReport): readonly string[] {
  return devicesOf(failed).filter((device) => isDown(facts, { node: failed.node, interface: device }));
}

/** The command as it should be, where that is certain, once the interfaces are up that it needs. */
function corrected(
  facts: Facts,
  failed: CommandReport,
  misled: Misled,
  down: readonly string[],
): Repair | null {
  const right = correction(facts, failed, misled);
  if (right === null && down.length === 0) return null;
  const { node } = failed;
  const again = right === null ? 'run it again' : `run it as ${right}`;
  return {
    text: down.length === 0 ? again : `put ${down.join(' and ')} up, and ${again}`,
    deeds: [
      ...down.flatMap((device) => putUp(facts, { node, interface: device })),
      shellDeed(facts, node, right ?? failed.text),
    ],
    isAdvice: isOwn(facts, node),
  };
}

function correction(
  facts: Facts,
  { text, message }: CommandReport,
  { passage, choice }: Misled,
): string | null {
  const wanted = choice?.wanted ?? null;
  if (/"vi" is a garbage/.test(message)) return text.replace(/ vi /, ' via ');
  const [head = '', ...hops] = text.split(' nexthop ');
  // IPv6 takes each next hop for a route of its own, and the second of two alike for one that is there.
  if (/File exists/.test(message) && new Set(hops).size < hops.length)
    return [head, ...new Set(hops)].join(' nexthop ');
  if (/File exists/.test(message) && / route add /.test(text))
    return text.replace(' route add ', ' route replace ');
  const [, name] =
    /"(\S+)" is wrong: "(?:table|rtable)" value is invalid|argument "(\S+)" is wrong: invalid table/
      .exec(message)
      ?.filter(Boolean) ?? [];
  if (name !== undefined) {
    const tables = tablesBy(facts, passage, wanted);
    const [table] = tables;
    return table === undefined || tables.length > 1
      ? null
      : text.replace(new RegExp(`(table|lookup) ${name}\\b`), `$1 ${table}`);
  }
  const prefix = /Invalid prefix/.test(message) ? parsePrefix(/(\S+\/\d+)/.exec(text)?.[1] ?? '') : null;
  return prefix === null ? null : text.replace(/\S+\/\d+/, networkText(prefix));
}

/** The tables of its own making that lead by the interface wanted. */
function tablesBy({ stateOf }: Facts, { node, packet }: Passage, wanted: string | null): string[] {
  const routes = stateOf(node)?.routes ?? [];
  const found = routes.filter(
    ({ family, table, destination, nexthops }) =>
      family === packet.family &&
      !['main', 'local', 'default'].includes(table) &&
      isWithin(destination, packet.destination) &&
      nexthops.some(({ device }) => wanted === null || device === wanted),
  );
  return [...new Set(found.map(({ table }) => table))];
}
