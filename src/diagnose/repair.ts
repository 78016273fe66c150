import type { Repair } from '../model/diagnosis.js';
import type { Family } from '../model/family.js';
import type { PolicyItem } from '../model/policy.js';
import type { Deed } from '../model/scenario.js';
import type { Facts } from './facts.js';

/** Longer than such commands take, even on a machine that is busy with other things. */
const TIMEOUT_MS = 5_000;

/** Commands for ip(8) at a node, without the leading `ip`. */
export function ipDeed(facts: Facts, node: string, family: Family, commands: readonly string[]): Deed {
  return deedAt(facts, node, {
    kind: 'ip',
    commands: commands.map((text) => ({ family, text })),
    tables: [],
  });
}

export function shellDeed(facts: Facts, node: string, script: string): Deed {
  return deedAt(facts, node, { kind: 'shell', script });
}

export function deedAt({ flow: { place } }: Facts, node: string, item: PolicyItem): Deed {
  return { apply: { node, items: [item], expectedFailures: [], timeoutMs: TIMEOUT_MS, place } };
}

/** Whether a node is the user's own: the one judged or the one under test. */
export function isOwn({ result, plan }: Facts, node: string): boolean {
  return node === result.at || node === plan.scenario.topology.nodeUnderTest;
}

/** A repair by commands for ip(8) at one node. */
export function ipRepair(facts: Facts, text: string, node: string, commands: readonly string[]): Repair {
  const { family } = facts.flow;
  return { text, deeds: [ipDeed(facts, node, family, commands)], isAdvice: isOwn(facts, node) };
}

/** Ahead of what there may be already: the first translation of a connection counts. */
export function natScript(rule: string): string {
  return [
    'nft add table inet translated',
    "nft add chain inet translated postrouting '{ type nat hook postrouting priority 90; }'",
    `nft add rule inet translated postrouting ${rule}`,
  ].join('\n');
}
