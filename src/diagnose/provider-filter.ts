import type { Diagnosis, Repair } from '../model/diagnosis.js';
import type { NodeState, Passage } from '../model/evidence.js';
import { decisionText } from './decision-text.js';
import type { CauseFinder, Facts } from './facts.js';
import { dropsAt } from './filter-end.js';
import { blamedRule, filterEvidence, filterRepair, filterText } from './filter-text.js';
import { queryTo } from './query.js';
import { deedAt, ipRepair, isOwn } from './repair.js';
import { reversePathDrop } from './reverse-path.js';
import { type Decision, decide } from './rpdb.js';
import { enteredAt, interfaceKey } from './where.js';

/**
 * A node on the way, and not the user's own, drops the packet for its source (BCP 38): by rules, by a packet filter
 * that names it, or by a reverse-path filter (RFC 3704).
 */
export const providerFilter: CauseFinder = (facts) => {
  const passage = enteredAt(facts);
  if (passage === null || isOwn(facts, passage.node) || passage.end !== 'stopped') return null;
  return byRules(facts, passage) ?? byReversePath(facts) ?? byPacketFilter(facts);
};

function byRules(facts: Facts, passage: Passage): Diagnosis | null {
  const state = facts.stateOf(passage.node);
  const decision = facts.decisionFor(passage);
  if (state === null || decision?.end.kind !== 'refused' || !isForItsSource(state, passage, decision))
    return null;
  const { node, packet } = passage;
  const { preference } = decision.end.rule;
  const pass = `rule add iif ${passage.in} from ${packet.source} lookup main preference ${preference - 1}`;
  return found(
    passage,
    [`${node}: ${decisionText(decision)}`],
    preference < 2 ? null : ipRepair(facts, 'let the source pass', node, [pass]),
  );
}

/** Whether the node would carry the same packet with a source that one of its rules asks for, or with any other. */
function isForItsSource(
  state: NodeState,
  { packet, in: iif }: Passage,
  { considered, end }: Decision,
): boolean {
  if (end.kind === 'refused' && end.rule.from !== undefined && end.route === null) return true;
  const passing = considered.flatMap(({ rule }) => rule.from?.split('/')[0] ?? []);
  const { family, destination, ...rest } = packet;
  return passing.some((source) => {
    const query = queryTo(family, destination, { ...rest, source, iif });
    return decide(state, query).end.kind === 'route';
  });
}

function byReversePath(facts: Facts): Diagnosis | null {
  const drop = reversePathDrop(facts);
  if (drop === null) return null;
  const { passage, device, decision } = drop;
  const { node } = passage;
  const settings = [
    [interfaceKey(4, 'all', 'rp_filter'), '0'],
    [interfaceKey(4, device, 'rp_filter'), '0'],
  ] as const;
  return found(
    passage,
    [`${node}: ${drop.mode} reverse-path filter on ${device}, and the way back is ${decisionText(decision)}`],
    {
      text: 'switch the reverse-path filter off',
      deeds: [deedAt(facts, node, { kind: 'sysctl', settings })],
      isAdvice: false,
    },
  );
}

function byPacketFilter(facts: Facts): Diagnosis | null {
  const ends = dropsAt(facts);
  const blamed = ends === null ? null : blamedRule(ends);
  if (ends === null || !/\bip6? saddr\b|\bfib saddr\b/.test(blamed?.rule ?? '')) return null;
  return found(
    ends.passage,
    [`${ends.passage.node}: ${filterText(ends)}`, ...filterEvidence(ends)],
    filterRepair(facts, ends),
  );
}

function found({ node, packet }: Passage, evidence: readonly string[], repair: Repair | null): Diagnosis {
  return { code: 'provider-filter', text: `${node} filters source ${packet.source}`, evidence, repair };
}
