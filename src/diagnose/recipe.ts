import type { Repair } from '../model/diagnosis.js';
import type { Passage } from '../model/evidence.js';
import type { CommandReport } from '../model/result.js';
import { contains, networkText, parseAddress, parsePrefix } from '../net/address.js';
import type { CauseFinder, Facts } from './facts.js';
import { isOwn, shellDeed } from './repair.js';

/** A packet that a command was to lead. */
interface Misled {
  readonly passage: Passage;
  /** The interface by which it was to leave; null where that is not known. */
  readonly wanted: string | null;
}

/** A command failed that was to add a rule or a route for the packet, and the packet went as if it were not there. */
export const recipeFailed: CauseFinder = (facts) => {
  const misled = misledIn(facts);
  if (misled === null) return null;
  const { node } = misled.passage;
  const decision = facts.decisionFor(misled.passage);
  const tables = new Set(decision?.considered.flatMap(({ table }) => table ?? []));
  const failed = facts.commands.find(
    (command) =>
      command.node === node &&
      command.exit !== 0 &&
      isFor(command.text, misled, tables) &&
      !isDoneLater(facts, command),
  );
  if (failed === undefined) return null;
  const [message = ''] = failed.message.split('\n');
  return {
    code: 'recipe-failed',
    text: `line ${failed.line} of ${node}'s recipe failed, and what it was to add is missing: ${failed.text}`,
    evidence: [`exit status ${failed.exit}${message === '' ? '' : `: ${message}`}`],
    repair: corrected(facts, failed, misled),
  };
};

/** Where a way was chosen wrong, or none was found. */
function misledIn({ choice, stop, decisionFor }: Facts): Misled | null {
  if (choice !== null) return { passage: choice.passage, wanted: choice.wanted };
  if (stop === null || decisionFor(stop)?.end.kind !== 'none') return null;
  return { passage: stop, wanted: null };
}

/** The same command, or what has the same effect, succeeded afterwards. */
function isDoneLater({ commands }: Facts, failed: CommandReport): boolean {
  const later = commands.slice(commands.indexOf(failed) + 1);
  return later.some(({ node, text, exit }) => node === failed.node && text === failed.text && exit === 0);
}

/** Whether what the command was to add would take the packet: `ip rule add …`, `ip route add …`; ip-rule(8), ip-route(8). */
function isFor(text: string, misled: Misled, tables: ReadonlySet<string>): boolean {
  const [, verb, rest = ''] =
    /^\s*ip (?:-\S+ )*(rule|route|ru|r|ro) (?:add|replace|append|a) (.+)$/.exec(text) ?? [];
  if (verb === undefined) return false;
  return verb.startsWith('ru') ? isRuleFor(rest, misled) : isRouteFor(rest, misled, tables);
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

function isRouteFor(
  words: string,
  { passage: { packet }, wanted }: Misled,
  tables: ReadonlySet<string>,
): boolean {
  // What no rule had looked in would not have been found there.
  if (!tables.has(argument(words, 'table') ?? 'main')) return false;
  const device = argument(words, 'dev');
  if (wanted !== null && device !== null && device !== wanted) return false;
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

/** The command as it should be, where that is certain. */
function corrected(facts: Facts, { node, text, message }: CommandReport, misled: Misled): Repair | null {
  const right = correction(facts, text, message, misled);
  if (right === null) return null;
  return { text: `run it as ${right}`, deeds: [shellDeed(facts, node, right)], isAdvice: isOwn(facts, node) };
}

function correction(facts: Facts, text: string, message: string, { passage, wanted }: Misled): string | null {
  if (/"vi" is a garbage/.test(message)) return text.replace(/ vi /, ' via ');
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
