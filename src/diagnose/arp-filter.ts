import type { Endpoint } from '../model/topology.js';
import type { Facts } from './facts.js';
import { withoutRule } from './filter-text.js';
import { isOwn, shellDeed } from './repair.js';
import type { FilteredPacket } from './rule-match.js';
import { endsOf, type MetRule, rulesMet } from './rule-walk.js';
import { bareRule, chainText, readRuleset } from './ruleset.js';
import type { Asked, Silence } from './silence.js';

/** One ARP message at one node. */
interface Place {
  readonly at: Endpoint;
  readonly hook: 'input' | 'output';
  readonly arp: 'request' | 'reply';
  readonly what: string;
}

/** A rule of a table of ARP took the question or the answer, at either end; nft(8), "Address families". */
export function filteredArp(
  facts: Facts,
  { asker, target }: Asked,
  holder: Endpoint,
  sender: string | null,
): Silence | null {
  const places: readonly Place[] = [
    { at: asker, hook: 'output', arp: 'request', what: 'its question' },
    { at: holder, hook: 'input', arp: 'request', what: 'the question' },
    { at: holder, hook: 'output', arp: 'reply', what: 'its answer' },
    { at: asker, hook: 'input', arp: 'reply', what: 'the answer' },
  ];
  for (const place of places) {
    const ends = endsOf(metAt(facts, place, target, sender));
    const dropped = ends.find(({ isCertain }) => isCertain) ?? ends[0];
    if (dropped?.rule == null) continue;
    const { node } = place.at;
    return {
      why: `${node} dropped ${place.what}: rule \`${bareRule(dropped.rule)}\` in ${chainText(dropped.chain)}`,
      repair: {
        text: 'take the rule away',
        deeds: [shellDeed(facts, node, withoutRule(dropped.chain, dropped.rule))],
        isAdvice: isOwn(facts, node),
      },
    };
  }
  return null;
}

function metAt(
  facts: Facts,
  { at: { node, interface: device }, hook, arp }: Place,
  target: string,
  sender: string | null,
): readonly MetRule[] {
  const chains = readRuleset(facts.stateOf(node)?.ruleset ?? '');
  const ends =
    arp === 'request'
      ? { source: sender, destination: target }
      : { source: target, destination: sender ?? '' };
  const message: FilteredPacket = {
    ...{ arp, ...ends, family: 4, protocol: 0, sourcePort: null, destinationPort: null },
    in: hook === 'input' ? device : null,
    out: hook === 'output' ? device : null,
    ...{ state: null, icmpType: null, connectionMark: null },
  };
  return rulesMet(chains, hook, message);
}
