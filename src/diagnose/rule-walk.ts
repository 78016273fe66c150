import { type FilteredPacket, matchOf } from './rule-match.js';
import { type Chain, chainsAt } from './ruleset.js';

export type RuleVerdict = 'accept' | 'drop' | 'reject' | 'return';

/** A rule that takes a packet, or may. */
export interface MetRule {
  readonly hook: string;
  /** The chain that it is in. */
  readonly chain: Chain;
  /** The base chain by which the packet came there. */
  readonly base: Chain;
  /** Null for the chain's policy. */
  readonly rule: string | null;
  /** What becomes of the packet; null where it goes on. */
  readonly verdict: RuleVerdict | null;
  /** Whether it is certain that the packet comes to this place, and is taken there. */
  readonly isCertain: boolean;
}

/** How deep chains may jump; the kernel's own limit (NFT_JUMP_STACK_SIZE in net/netfilter/nf_tables_core.c). */
const DEEPEST = 16;

/**
 * The rules that a packet meets in the base chains of a hook, in their order, up to the place where it certainly ends.
 * nft(8), "chains" and "verdict statement".
 */
export function rulesMet(chains: readonly Chain[], hook: string, packet: FilteredPacket): MetRule[] {
  const met: MetRule[] = [];
  let isSure = true;
  for (const base of chainsAt(chains, hook, packet.arp === undefined ? packet.family : 'arp')) {
    const walk: Walk = { chains, packet, hook, base, met, isSure };
    const left = through(walk, base, 0);
    if (left === 'ended') break;
    if (left === 'through' && base.base?.policy === 'drop') {
      met.push({ hook, chain: base, base, rule: null, verdict: 'drop', isCertain: walk.isSure });
      if (walk.isSure) break;
    }
    // What may have been accepted here still comes to the next base chain; what may have been dropped may not.
    isSure = !met.some(({ verdict }) => verdict === 'drop' || verdict === 'reject');
  }
  return met;
}

/** Of these, those at which the packet may end. */
export function endsOf(met: readonly MetRule[]): MetRule[] {
  return met.filter(({ verdict }) => verdict === 'drop' || verdict === 'reject');
}

interface Walk {
  readonly chains: readonly Chain[];
  readonly packet: FilteredPacket;
  readonly hook: string;
  readonly base: Chain;
  readonly met: MetRule[];
  /** Whether nothing that was met until here may have ended the packet, or let it pass. */
  isSure: boolean;
}

/** Where a walk through a chain leaves off: behind it, at an `accept`, or nowhere, as the packet has ended. */
type Left = 'through' | 'accepted' | 'ended';

function through(walk: Walk, chain: Chain, depth: number): Left {
  for (const rule of chain.rules) {
    const match = matchOf(rule, walk.packet, chain.sets);
    if (match === 'no') continue;
    const isCertain = match === 'yes' && walk.isSure;
    const verdict = verdictOf(rule);
    const { hook, base } = walk;
    walk.met.push({ hook, chain, base, rule, verdict, isCertain });
    const left = verdict === null ? onward(walk, chain, rule, depth) : LEFT[verdict];
    if (isCertain && left === 'returned') return 'through';
    if (isCertain && left !== 'through' && left !== 'returned') return left;
    if (left !== 'through') walk.isSure = false;
  }
  return 'through';
}

const LEFT = { accept: 'accepted', drop: 'ended', reject: 'ended', return: 'returned' } as const;

/** By `jump`, `goto`, or a verdict map: of several chains it is not known which. */
function onward(walk: Walk, chain: Chain, rule: string, depth: number): Left {
  const names = [...rule.matchAll(/\b(?:jump|goto) ([^\s,}]+)/g)].flatMap(([, name]) => name ?? []);
  const isMap = / vmap /.test(rule);
  if (isMap) {
    if (/: drop\b/.test(rule)) {
      const { hook, base } = walk;
      walk.met.push({ hook, chain, base, rule, verdict: 'drop', isCertain: false });
    }
    walk.isSure = false;
  }
  const targets = walk.chains.filter(
    (each) => names.includes(each.name) && each.table === chain.table && each.family === chain.family,
  );
  if (depth >= DEEPEST) return 'through';
  const lefts = targets.map((target) => through(walk, target, depth + 1));
  return isMap ? 'through' : (lefts[0] ?? 'through');
}

/** The verdict that a rule ends with; null where it has none, or goes on in another chain. */
function verdictOf(rule: string): RuleVerdict | null {
  const bare = rule.replace(/"[^"]*"/g, '""').replace(/ comment ""$/, '');
  if (/\breject( with .*)?$/.test(bare)) return 'reject';
  const [, verdict] = /(?:^| )(accept|drop|return)$/.exec(bare) ?? [];
  return verdict === 'accept' || verdict === 'drop' || verdict === 'return' ? verdict : null;
}
