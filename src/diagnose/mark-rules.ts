import type { Connection } from '../model/connection.js';
import type { NodeState, Passage } from '../model/evidence.js';
import { filteredPacket, type Tracked } from './filtered.js';
import { type MetRule, rulesMet } from './rule-walk.js';
import { type Chain, readRuleset } from './ruleset.js';

/** What a rule does with marks: puts one on the packet, or on its connection, saves the one as the other, or restores it. */
export type MarkDeed = 'set' | 'set-connection' | 'save' | 'restore';

export interface MarkRule {
  readonly chain: Chain;
  readonly rule: string;
  readonly deed: MarkDeed;
}

/** The rules of a node that have to do with marks. */
export function markRulesOf({ ruleset }: NodeState): MarkRule[] {
  return readRuleset(ruleset).flatMap((chain) =>
    chain.rules.flatMap((rule) => {
      const deed = markDeedOf(rule);
      return deed === null ? [] : [{ chain, rule, deed }];
    }),
  );
}

/** nft(8): `meta mark set`, `ct mark set`; what iptables has as MARK and CONNMARK is printed so too, `meta` left out. */
export function markDeedOf(rule: string): MarkDeed | null {
  const [, target, value = ''] = /\b(meta|ct) mark set (.+)$/.exec(rule) ?? [];
  if (target === undefined) return null;
  if (target === 'meta') return /^ct mark\b/.test(value) ? 'restore' : 'set';
  return /^(meta )?mark\b/.test(value) ? 'save' : 'set-connection';
}

/** The marks of a packet and of its connection; null where that is not known. */
interface Marks {
  readonly packet: number | null;
  readonly connection: number | null;
}

/** The mark of a packet behind a hook at which it came without one; null where that cannot be told from the ruleset. */
export function markBehind(
  state: NodeState,
  hook: string,
  passage: Passage,
  tracked: Tracked,
  types: readonly string[] = ['filter', 'route', 'nat'],
): number | null {
  if (!/\bmark\b/.test(state.ruleset)) return 0;
  const met = rulesMet(readRuleset(state.ruleset), hook, filteredPacket(passage, passage.out, tracked));
  const begin: Marks = { packet: 0, connection: connectionMark(passage, tracked) };
  return met
    .filter(({ base }) => types.includes(base.base?.type ?? ''))
    .reduce((marks, each) => marksAfter(marks, each, passage), begin).packet;
}

/**
 * The mark with which a node's routing looks a packet up. Of what the node makes that is the mark that a chain of type
 * `route` leaves it with; nft(8), "route". What is set elsewhere at output comes too late.
 */
export function routedMark(state: NodeState, passage: Passage, tracked: Tracked): number | null {
  if (passage.in !== null) return markBehind(state, 'prerouting', passage, tracked);
  const marked = markBehind(state, 'output', passage, tracked, ['route']);
  return marked === 0 ? reflectedMark(state, passage, tracked) : marked;
}

/** The mark that what the kernel answers by itself takes from what it answers: fwmark_reflect in ip-sysctl.rst. */
function reflectedMark(state: NodeState, passage: Passage, tracked: Tracked): number | null {
  const { family, isRefusal } = passage.packet;
  const request = tracked.passages.find((each) => each.leg === 'request' && each.node === passage.node);
  const isByKernel = isRefusal || tracked.probe.protocol === 'icmp';
  const isReflected = state.sysctls.get(`net.ipv${family}.fwmark_reflect`) === '1';
  if (passage.leg !== 'reply' || !isByKernel || !isReflected || request === undefined) return 0;
  return request.in === null ? 0 : markBehind(state, 'prerouting', request, tracked);
}

/** Of a request it is what its own rules make it; of a reply what the entry has kept. */
function connectionMark({ leg, node }: Passage, { connections }: Tracked): number | null {
  if (leg === 'request') return 0;
  return connections.find((each: Connection) => each.node === node)?.mark ?? 0;
}

function marksAfter(marks: Marks, { rule, isCertain }: MetRule, passage: Passage): Marks {
  const deed = rule === null ? null : markDeedOf(rule);
  if (rule === null || deed === null) return marks;
  const target = deed === 'set' || deed === 'restore' ? 'packet' : 'connection';
  const value = isCertain ? markValue(rule, marks, passage) : null;
  return { ...marks, [target]: value };
}

/** `0x2`; `ct mark`, `mark`, `meta mark`, each with a mask or without; `mark and 0xffffff00 xor 0x2`; a map by interface. */
function markValue(rule: string, marks: Marks, { in: entered }: Passage): number | null {
  const [, text = ''] = /\b(?:meta|ct) mark set (.+?)(?: comment .*)?$/.exec(rule) ?? [];
  const [, entries] = /^iifname map \{(.*)\}$/.exec(text) ?? [];
  if (entries !== undefined) {
    const entry = entries.split(',').find((each) => each.includes(`"${entered}"`));
    return entry === undefined ? null : numberOf(entry.split(':').at(-1) ?? '');
  }
  const [, base, mask, operator, operand] =
    /^(ct mark|meta mark|mark|0x[0-9a-f]+|\d+)(?: (?:&|and) (0x[0-9a-f]+))?(?: (\||or|\^|xor) (0x[0-9a-f]+))?$/.exec(
      text,
    ) ?? [];
  if (base === undefined) return null;
  const from = base === 'ct mark' ? marks.connection : base.endsWith('mark') ? marks.packet : numberOf(base);
  if (from === null) return null;
  const kept = mask === undefined ? from : from & Number(mask);
  if (operator === undefined) return kept >>> 0;
  const second = Number(operand);
  return (operator === '|' || operator === 'or' ? kept | second : kept ^ second) >>> 0;
}

function numberOf(text: string): number | null {
  const value = Number(text.trim());
  return Number.isNaN(value) ? null : value;
}
