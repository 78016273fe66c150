import type { NodeState } from '../model/evidence.js';
import type { CauseFinder } from './facts.js';
import { isOwn, shellDeed } from './repair.js';

/** A node on the way makes the handshake in the place of the one asked, and carries the rest only once it has made its own; nft(8), "SYNPROXY STATEMENT". */
export const synProxy: CauseFinder = (facts) => {
  const { result, flow, evidence } = facts;
  if (result.verdict !== 'mixed' || flow.probe.protocol !== 'tcp') return null;
  for (const { node, ruleset } of evidence.states.values()) {
    const table = node === flow.answeredBy ? null : proxyingTable(ruleset);
    if (table === null) continue;
    return {
      code: 'answered-elsewhere',
      text: `${node} makes the handshake in the place of ${flow.answeredBy ?? flow.address}, by the synproxy of its table ${table}`,
      evidence: [],
      repair: {
        text: `have ${node} leave the handshake to whom it is for`,
        deeds: [shellDeed(facts, node, `nft delete table ${table}`)],
        isAdvice: isOwn(facts, node),
      },
    };
  }
  return null;
};

/** Family and name of the table that has such a rule, as `nft list ruleset` prints it; null where none has. */
function proxyingTable(ruleset: NodeState['ruleset']): string | null {
  const tables = ruleset.split(/^(?=table )/m);
  const found = tables.find((each) => /\bsynproxy\b/i.test(each));
  return /^table (\S+ \S+) /.exec(found ?? '')?.[1] ?? null;
}
