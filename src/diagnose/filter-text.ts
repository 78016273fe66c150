import type { Repair } from '../model/diagnosis.js';
import type { Facts } from './facts.js';
import type { FilterEnds } from './filter-end.js';
import { isOwn, shellDeed } from './repair.js';
import type { MetRule } from './rule-walk.js';
import { bareRule, type Chain, chainText } from './ruleset.js';

/** The rule that is blamed: the first certain one, else the only one; null where several may be it. */
export function blamedRule({ ends }: FilterEnds): MetRule | null {
  return ends.find(({ isCertain }) => isCertain) ?? (ends.length === 1 ? (ends[0] ?? null) : null);
}

/** ``rule `tcp dport 22 drop` in chain input of table inet filter``. */
export function filterText(found: FilterEnds): string {
  const blamed = blamedRule(found);
  const [first] = found.ends;
  if (blamed === null) return `a rule of ${first === undefined ? 'its ruleset' : chainText(first.chain)}`;
  if (blamed.rule === null)
    return `the policy of ${chainText(blamed.chain)}, whose rules accept no such packet`;
  return `rule \`${bareRule(blamed.rule)}\` in ${chainText(blamed.chain)}`;
}

/** The rules that it may have been, where that is not certain. */
export function filterEvidence({ ends, passage: { node } }: FilterEnds): string[] {
  return ends.flatMap(({ rule, chain, isCertain }) =>
    rule === null || isCertain ? [] : [`${node}: ${chainText(chain)} has \`${bareRule(rule)}\``],
  );
}

/** Takes the rule away, or has the chain accept the packet before its policy drops it. */
export function filterRepair(facts: Facts, found: FilterEnds): Repair | null {
  const blamed = blamedRule(found);
  if (blamed === null) return null;
  const { node, packet } = found.passage;
  const { family, table, name } = blamed.chain;
  const chain = `${family} ${table} ${name}`;
  const isAdvice = isOwn(facts, node);
  if (blamed.rule !== null) {
    const script = withoutRule(blamed.chain, blamed.rule);
    return { text: 'take the rule away', deeds: [shellDeed(facts, node, script)], isAdvice };
  }
  const ip = packet.family === 4 ? 'ip' : 'ip6';
  const from = packet.source === null ? '' : `${ip} saddr ${packet.source} `;
  const accept = `${from}${ip} daddr ${packet.destination} ${transportText(found)}accept`;
  const script = `nft add rule ${chain} ${accept}`;
  return { text: 'accept such packets', deeds: [shellDeed(facts, node, script)], isAdvice };
}

/** A command that takes a rule out of its chain; nft(8) asks for its handle. */
export function withoutRule({ family, table, name }: Chain, rule: string): string {
  const chain = `${family} ${table} ${name}`;
  const handle = `nft -a list chain ${chain} | sed -n 's/^\\s*${sedPattern(rule)} # handle //p' | head -n 1`;
  return `nft delete rule ${chain} handle "$(${handle})"`;
}

function transportText({ passage: { packet, leg } }: FilterEnds): string {
  const protocol = { 6: 'tcp', 17: 'udp' }[packet.protocol];
  if (protocol === undefined) return `meta l4proto ${packet.protocol} `;
  const [end, port] = leg === 'request' ? ['dport', packet.destinationPort] : ['sport', packet.sourcePort];
  return `${protocol} ${end} ${port} `;
}

/** A rule as a basic regular expression, whatever its counter has counted meanwhile. */
function sedPattern(rule: string): string {
  return rule
    .replace(/[[\]\\/.*^$]/g, '\\$&')
    .replace(/counter packets \d+ bytes \d+/, 'counter packets [0-9]* bytes [0-9]*')
    .replaceAll("'", "'\\''");
}
