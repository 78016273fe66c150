import { requestAt } from './choice.js';
import type { CauseFinder } from './facts.js';
import { dropsAt } from './filter-end.js';
import { blamedRule, filterRepair, filterText } from './filter-text.js';
import { packetText } from './telling.js';
import { trackedAt } from './where.js';

/** A packet filter dropped what its connection tracking does not know: it has not seen, or not tracked, what began it. */
export const statefulFilter: CauseFinder = (facts) => {
  const found = facts.result.verdict === 'refused' ? null : dropsAt(facts);
  const blamed = found === null ? null : blamedRule(found);
  if (found === null || found.passage.leg !== 'reply' || !/\bct state\b/.test(blamed?.rule ?? ''))
    return null;
  const { node } = found.passage;
  if (trackedAt(node, facts) !== null) return null;
  const request = requestAt(node, facts.passages);
  const reason = request === null ? 'it never saw the request' : 'it saw the request without tracking it';
  return {
    code: 'stateful-filter',
    text: `${node} dropped ${packetText(found.passage)} as part of no connection: ${reason}`,
    evidence: [`${node}: ${filterText(found)}`],
    repair: filterRepair(facts, found),
  };
};
