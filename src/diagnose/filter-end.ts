import type { Passage } from '../model/evidence.js';
import { requestAt } from './choice.js';
import type { Facts } from './facts.js';
import { filteredPacket } from './filtered.js';
import { nexthopsOf } from './rpdb.js';
import { endsOf, type MetRule, rulesMet } from './rule-walk.js';
import { readRuleset } from './ruleset.js';
import { enteredAt, trackedOf } from './where.js';

/** A packet that may have ended in the ruleset of a node, and the rules where it may. */
export interface FilterEnds {
  readonly passage: Passage;
  /** In the order in which it meets them; the only one, or the first, is certain where any is. */
  readonly ends: readonly MetRule[];
}

/** The rules at which the packet may have ended where it was lost. */
export function dropsAt(facts: Facts): FilterEnds | null {
  const { stop } = facts;
  if (stop === null) return null;
  const entered = enteredAt(facts);
  const all = [
    ...(entered === null ? [] : [{ passage: entered, hooks: hooksFor(facts, entered) }]),
    ...(stop.end === 'missing' ? [{ passage: stop, hooks: OUTWARD }] : []),
  ];
  return firstEnds(facts, all, 'drop');
}

/** The rules by which a node may have refused the request. */
export function rejectsAt(facts: Facts): FilterEnds | null {
  const { by } = facts.result;
  const passage = by === null ? null : requestAt(by, facts.passages);
  if (passage === null) return null;
  const hooks = passage.in === null ? OUTWARD : hooksFor(facts, passage);
  return firstEnds(facts, [{ passage, hooks }], 'reject');
}

const OUTWARD = ['output', 'postrouting'];

/** What a packet passes that has entered a node, by where its routing would have it go. */
function hooksFor(facts: Facts, { node, end, ...passage }: Passage): readonly string[] {
  const first = ['ingress', 'prerouting'];
  if (end === 'delivered') return [...first, 'input'];
  const decision = facts.decisionFor({ node, end, ...passage });
  const isLocal = decision?.end.kind === 'route' && decision.end.route.type === 'local';
  return [...first, ...(isLocal ? ['input'] : ['forward', 'postrouting'])];
}

interface Hooked {
  readonly passage: Passage;
  readonly hooks: readonly string[];
}

function firstEnds(facts: Facts, all: readonly Hooked[], action: 'drop' | 'reject'): FilterEnds | null {
  for (const { passage, hooks } of all) {
    const state = facts.stateOf(passage.node);
    if (state === null || state.ruleset === '') continue;
    const chains = readRuleset(state.ruleset);
    const way = passage.out ?? outOf(facts, passage);
    const ends: MetRule[] = [];
    for (const hook of hooks) {
      const out = ['forward', 'output', 'postrouting'].includes(hook) ? way : null;
      const packet = filteredPacket(passage, out, trackedOf(facts));
      ends.push(...endsOf(rulesMet(chains, hook, packet)).filter(({ verdict }) => verdict === action));
      if (ends.some(({ isCertain }) => isCertain)) break;
    }
    if (ends.length > 0) return { passage, ends };
  }
  return null;
}

function outOf(facts: Facts, passage: Passage): string | null {
  const decision = facts.decisionFor(passage);
  return decision === null ? null : (nexthopsOf(decision)[0]?.device ?? null);
}
