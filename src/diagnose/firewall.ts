import type { CauseFinder, Facts } from './facts.js';
import { dropsAt, type FilterEnds, rejectsAt } from './filter-end.js';
import { filterEvidence, filterRepair, filterText } from './filter-text.js';
import { packetText } from './telling.js';

/** A rule of a packet filter, or the policy of a chain, dropped the packet; nft(8), iptables(8). */
export const firewall: CauseFinder = (facts) => {
  const dropped = facts.result.verdict === 'refused' ? null : dropsAt(facts);
  if (dropped !== null) return told(facts, dropped, 'dropped');
  const rejected = rejectsAt(facts);
  return rejected === null || isAnsweredSo(facts) ? null : told(facts, rejected, 'rejected');
};

/** A port without a program, a hop too many and a packet too big are refused by the kernel, whatever rules there are. */
function isAnsweredSo({ result: { refusal } }: Facts): boolean {
  if (refusal === null || refusal.kind === 'tcp-reset') return false;
  const { kind, type, code } = refusal;
  if (kind === 'icmp6') return type === 2 || type === 3;
  return type === 11 || (type === 3 && code === 4);
}

function told(facts: Facts, found: FilterEnds, deed: 'dropped' | 'rejected') {
  const { node } = found.passage;
  return {
    code: 'firewall',
    text: `${node} ${deed} ${packetText(found.passage)}: ${filterText(found)}`,
    evidence: filterEvidence(found),
    repair: filterRepair(facts, found),
  } as const;
}
