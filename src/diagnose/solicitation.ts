import type { Endpoint } from '../model/topology.js';
import { decisionText } from './decision-text.js';
import type { Facts } from './facts.js';
import { withoutRule } from './filter-text.js';
import { markDeedOf } from './mark-rules.js';
import { queryTo } from './query.js';
import { isOwn, shellDeed } from './repair.js';
import { decide, nexthopsOf } from './rpdb.js';
import type { FilteredPacket } from './rule-match.js';
import { endsOf, type MetRule, rulesMet } from './rule-walk.js';
import { bareRule, chainText, readRuleset } from './ruleset.js';
import type { Asked, Silence } from './silence.js';

/** Why a neighbour solicitation got no answer; null where nothing that is known tells. Both are ICMPv6; RFC 4861. */
export function unansweredSolicitation(facts: Facts, asked: Asked, holder: Endpoint): Silence | null {
  return filtered(facts, asked, holder) ?? routedAnew(facts, asked, holder);
}

/** A packet filter took the question or the answer for what it drops. */
function filtered(facts: Facts, asked: Asked, holder: Endpoint): Silence | null {
  const { asker } = asked;
  const question = { icmpType: 'nd-neighbor-solicit', source: null, destination: asked.target };
  const answer = { icmpType: 'nd-neighbor-advert', source: asked.target, destination: asked.target };
  const places = [
    { ...question, at: holder, hooks: ['prerouting', 'input'], what: 'the question' },
    { ...answer, at: holder, hooks: ['output', 'postrouting'], what: 'its answer' },
    { ...answer, at: asker, hooks: ['prerouting', 'input'], what: 'the answer' },
  ];
  for (const { at, hooks, what, ...packet } of places) {
    const ends = endsOf([...metAt(facts, at, hooks, packet)]);
    const dropped = ends.find(({ isCertain }) => isCertain) ?? ends[0];
    if (dropped?.rule == null) continue;
    const rule = `rule \`${bareRule(dropped.rule)}\` in ${chainText(dropped.chain)}`;
    return {
      why: `${at.node} dropped ${what}: ${rule}`,
      repair: {
        text: 'take the rule away',
        deeds: [shellDeed(facts, at.node, withoutRule(dropped.chain, dropped.rule))],
        isAdvice: isOwn(facts, at.node),
      },
    };
  }
  return null;
}

/** The rules of a node that a solicitation or an advertisement meets. */
function metAt(
  facts: Facts,
  { node, interface: device }: Endpoint,
  hooks: readonly string[],
  packet: { readonly icmpType: string; readonly source: string | null; readonly destination: string },
): readonly MetRule[] {
  const chains = readRuleset(facts.stateOf(node)?.ruleset ?? '');
  const isOut = hooks.includes('output');
  const met: FilteredPacket = {
    ...packet,
    family: 6,
    protocol: 58,
    sourcePort: null,
    destinationPort: null,
    in: isOut ? null : device,
    out: isOut ? device : null,
    state: 'untracked',
    connectionMark: 0,
  };
  return hooks.flatMap((hook) => rulesMet(chains, hook, met));
}

/**
 * A chain of type `route` marked the answer, which was then routed anew, and not to who had asked; ip6_route_me_harder in
 * the kernel's net/ipv6/netfilter.c.
 */
function routedAnew(facts: Facts, { asker, source, target }: Asked, holder: Endpoint): Silence | null {
  const [state, asking] = [facts.stateOf(holder.node), facts.stateOf(asker.node)?.addresses ?? []];
  // With the packet's source where that is the asker's own, else with its link-local address; ndisc_solicit in net/ipv6/ndisc.c.
  const own = asking.find(({ address }) => address === source);
  const local = asking.find(
    ({ device, family, scope }) => device === asker.interface && family === 6 && scope === 'link',
  );
  const destination = (own ?? local)?.address;
  if (state === null || destination === undefined) return null;
  const answer = { icmpType: 'nd-neighbor-advert', source: target, destination };
  const met = metAt(facts, holder, ['output'], answer).find(
    ({ rule, base }) => rule !== null && base.base?.type === 'route' && markDeedOf(rule) === 'set',
  );
  const [, value] = /\bmark set (0x[0-9a-f]+|\d+)$/.exec(met?.rule ?? '') ?? [];
  if (met?.rule == null || value === undefined) return null;
  // Only a link-local destination keeps the device.
  const bound = own === undefined ? { oif: holder.interface, isBound: true } : {};
  const decision = decide(
    state,
    queryTo(6, destination, { source: target, mark: Number(value), protocol: 58, ...bound }),
  );
  // A router on its way would have it lose the hop limit of 255 that RFC 4861, 7.1.2, asks for.
  const isNear = nexthopsOf(decision).some(
    ({ device, gateway }) => device === holder.interface && gateway === null,
  );
  if (isNear) return null;
  const { family, table, name } = met.chain;
  return {
    why: `${holder.node} gave its answer the mark ${value} at output (\`${bareRule(met.rule)}\` in ${chainText(met.chain)}), so that it was routed anew: ${decisionText(decision)}`,
    repair: {
      text: 'keep neighbour discovery from that mark',
      deeds: [
        shellDeed(
          facts,
          holder.node,
          `nft insert rule ${family} ${table} ${name} icmpv6 type '{ nd-neighbor-solicit, nd-neighbor-advert }' accept`,
        ),
      ],
      isAdvice: isOwn(facts, holder.node),
    },
  };
}
