import type { Diagnosis, Repair } from '../model/diagnosis.js';
import type { NodeState, Passage, Rule } from '../model/evidence.js';
import type { Choice } from './choice.js';
import { requestAt } from './choice.js';
import { ruleBody } from './decision-text.js';
import type { CauseFinder, Facts } from './facts.js';
import { type MarkRule, markBehind, markRulesOf, routedMark } from './mark-rules.js';
import { queriesFor, vrfOf } from './query.js';
import { deedAt, isOwn, shellDeed } from './repair.js';
import { decide, nexthopsOf } from './rpdb.js';
import { bareRule, chainText } from './ruleset.js';
import { trackedOf } from './where.js';

/** A packet that took a wrong way, and a mark by which a rule would have sent it the right one. */
interface MissingMark {
  readonly choice: Choice;
  readonly state: NodeState;
  readonly rule: Rule;
  readonly mark: number;
  /** The mark with which it was looked up. */
  readonly had: number;
  readonly rules: readonly MarkRule[];
}

/**
 * The mark was set where the packet's route had been chosen: after prerouting for what comes in, and at output outside of
 * chains of type `route`, after which alone it is chosen anew (nft(8), "route"; ip_route_me_harder in net/netfilter.c).
 */
export const markTooLate: CauseFinder = (facts) => {
  const missing = missingMark(facts);
  if (missing === null) return null;
  const { choice, mark, rules } = missing;
  const { passage } = choice;
  const late = rules.find((each) => isTooLate(facts, missing, each));
  if (late === undefined) return null;
  const { hook = '', type = '' } = late.chain.base ?? {};
  const kind =
    passage.in === null && hook === 'output' ? `type ${type} at output, which routes nothing anew` : hook;
  return {
    code: 'mark-too-late',
    text: `${passage.node} gave the ${passage.leg} its mark ${hex(mark)} in ${kind}, after its route had been chosen`,
    evidence: [`${passage.node}: \`${bareRule(late.rule)}\` in ${chainText(late.chain)}`, ruleLine(missing)],
    repair: inTime(facts, missing, late),
  };
};

/** The kernel answers by itself without the mark of what it answers, unless told to reflect it; fwmark_reflect in ip-sysctl.rst. */
export const errorWithoutMark: CauseFinder = (facts) => {
  const missing = missingMark(facts);
  if (missing === null) return null;
  const { choice, state, mark } = missing;
  const { passage } = choice;
  const { family, isRefusal } = passage.packet;
  const isByKernel = isRefusal || facts.flow.probe.protocol === 'icmp';
  if (!isByKernel || passage.in !== null || passage.leg !== 'reply') return null;
  const request = requestAt(passage.node, facts.passages);
  const tracked = trackedOf(facts);
  if (request === null || markBehind(state, 'prerouting', request, tracked) !== mark) return null;
  const key = `net.ipv${family}.fwmark_reflect`;
  if (state.sysctls.get(key) !== '0' || isKept(facts, missing)) return null;
  return {
    code: 'error-without-mark',
    text: `the request had the mark ${hex(mark)} at ${passage.node}, and what the kernel answers by itself does not take it along (fwmark_reflect=0)`,
    evidence: [ruleLine(missing)],
    repair: {
      text: 'have such answers take the mark along',
      deeds: [deedAt(facts, passage.node, { kind: 'sysctl', settings: [[key, '1']] })],
      isAdvice: isOwn(facts, passage.node),
    },
  };
};

/** A mark is saved with the connection, or put on the request alone, and the reply is looked up without it. */
export const markNotRestored: CauseFinder = (facts) => {
  const missing = missingMark(facts);
  if (missing === null) return null;
  const { choice, mark, had } = missing;
  const { passage } = choice;
  const { node } = passage;
  const isSaved = isKept(facts, missing);
  const enteredBy = requestAt(node, facts.passages)?.in ?? null;
  // What the node itself asks was never marked on its way in.
  if (!isSaved && enteredBy === null) return null;
  const what = isSaved
    ? `its connection has the mark ${hex(mark)}, which was never restored`
    : `the mark ${hex(mark)} of the request was never saved to its connection`;
  return {
    code: 'mark-not-restored',
    text: `${replyText(facts, passage)} was looked up at ${node} with ${had === 0 ? 'no mark' : `mark ${hex(had)}`}, so that rule ${missing.rule.preference} did not select it: ${what}`,
    evidence: [
      ruleLine(missing),
      ...missing.rules.map(({ rule, chain }) => `${node}: \`${bareRule(rule)}\` in ${chainText(chain)}`),
    ],
    repair: restored(facts, missing, isSaved ? null : enteredBy),
  } satisfies Diagnosis;
};

/** The first rule with a mark that would have led the packet where it was to go, where some rule gives that mark. */
function missingMark(facts: Facts): MissingMark | null {
  const { choice, flow, passages } = facts;
  const state = choice === null ? null : facts.stateOf(choice.passage.node);
  if (choice === null || state === null) return null;
  const { passage, wanted } = choice;
  const had = routedMark(state, passage, trackedOf(facts)) ?? 0;
  const rules = markRulesOf(state);
  const given = new Set([
    ...rules.flatMap(({ rule }) => valuesIn(rule)),
    ...trackedOf(facts).connections.flatMap(({ node, mark }) => (node === state.node ? (mark ?? []) : [])),
  ]);
  const vrf = (device: string | null) => vrfOf(state, device);
  for (const rule of state.rules) {
    if (rule.family !== flow.family || rule.mark === undefined || rule.mark === had || rule.not) continue;
    if (!given.has(rule.mark) || rule.mark === 0) continue;
    const leads = queriesFor(passage, flow, passages, rule.mark, vrf).some((query) => {
      const decision = decide(state, query);
      return (
        decision.end.kind === 'route' &&
        decision.end.rule === rule &&
        nexthopsOf(decision).some(({ device }) => device === wanted)
      );
    });
    if (leads) return { choice, state, rule, mark: rule.mark, had, rules };
  }
  return null;
}

/** The numbers that a rule may give as a mark. */
function valuesIn(rule: string): number[] {
  const [, value = ''] = /\bmark set (.+)$/.exec(rule) ?? [];
  return [...value.matchAll(/0x[0-9a-f]+|\b\d+\b/g)].map(([text]) => Number(text));
}

/** Whether the connection of the flow has the mark. */
function isKept(facts: Facts, { mark, state }: MissingMark): boolean {
  return trackedOf(facts).connections.some((each) => each.node === state.node && each.mark === mark);
}

/** Where a rule puts the mark on the packet behind the look-up that matters. */
function isTooLate(
  facts: Facts,
  { choice: { passage }, state, mark }: MissingMark,
  { chain, deed }: MarkRule,
): boolean {
  if ((deed !== 'set' && deed !== 'restore') || chain.base === null) return false;
  const { hook, type } = chain.base;
  const isLate =
    passage.in === null
      ? (hook === 'output' && type !== 'route') || hook === 'postrouting'
      : hook === 'forward' || hook === 'postrouting';
  if (!isLate) return false;
  const behind = markBehind(state, hook, passage, trackedOf(facts), [type]);
  return behind === mark || behind === null;
}

function replyText({ result }: Facts, { leg, in: entered }: Passage): string {
  if (leg === 'request') return 'the request';
  return entered !== null && result.role === 'forwarder'
    ? 'the reply, not translated back yet,'
    : 'the reply';
}

function ruleLine({ state, rule }: MissingMark): string {
  return `${state.node}: rule ${rule.preference}: ${ruleBody(rule.text)}`;
}

function hex(mark: number): string {
  return `0x${mark.toString(16)}`;
}

/** The same rule where the route is still to be chosen, ahead of the one that comes too late. */
function inTime(facts: Facts, { choice: { passage }, state }: MissingMark, { rule, deed }: MarkRule): Repair {
  const text = 'give the mark before the route is chosen';
  // What leaves by which interface is not known yet.
  const same = bareRule(rule).replace(/\boif(name)? (!= )?\S+ /g, '');
  return markChain(facts, passage, state.node, text, deed === 'restore' ? 'meta mark set ct mark' : same);
}

/** @param unsaved the interface by which the request entered, where its mark is not saved yet; else null */
function restored(
  facts: Facts,
  { choice: { passage }, mark, state }: MissingMark,
  unsaved: string | null,
): Repair {
  const restore = markChain(
    facts,
    passage,
    state.node,
    'restore the mark of the connection',
    'meta mark set ct mark',
  );
  if (unsaved === null) return restore;
  const save = nftScript(
    'marks_saved',
    'filter',
    'prerouting',
    `iifname "${unsaved}" ct state new ct mark set ${hex(mark)}`,
  );
  return {
    text: 'save the mark to the connection and restore it on replies',
    deeds: [shellDeed(facts, state.node, save), ...restore.deeds],
    isAdvice: restore.isAdvice,
  };
}

function markChain(
  facts: Facts,
  { in: entered }: Passage,
  node: string,
  text: string,
  statement: string,
): Repair {
  const isNamed = entered === null || /\biif(name)? /.test(statement);
  const rule = isNamed ? statement : `iifname "${entered}" ${statement}`;
  const script =
    entered === null
      ? nftScript('marks_restored', 'route', 'output', rule)
      : nftScript('marks_restored', 'filter', 'prerouting', rule);
  return { text, deeds: [shellDeed(facts, node, script)], isAdvice: isOwn(facts, node) };
}

/** Behind what saves marks in prerouting; ahead of what sets them at output, as only a change there has the route chosen anew. */
function nftScript(table: string, type: string, hook: string, rule: string): string {
  return [
    `nft add table inet ${table}`,
    `nft add chain inet ${table} ${hook} '{ type ${type} hook ${hook} priority ${hook === 'output' ? -160 : -140}; }'`,
    `nft add rule inet ${table} ${hook} ${rule}`,
  ].join('\n');
}
