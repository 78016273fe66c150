import type { Diagnosis, Repair } from '../model/diagnosis.js';
import type { Passage } from '../model/evidence.js';
import { borderOf } from './border.js';
import { requestAt } from './choice.js';
import { nexthopText } from './decision-text.js';
import type { CauseFinder, Facts } from './facts.js';
import { wayOut } from './gateway.js';
import { isUnderChange } from './meanwhile.js';
import { queryTo } from './query.js';
import { isOwn, natScript, shellDeed } from './repair.js';
import { decide, nexthopsOf } from './rpdb.js';
import { holderOf, replyAt, trackedAt } from './where.js';

/**
 * The reply to a request whose destination was translated is routed with the address of who answered, before that is
 * translated back: no rule for the address asked selects it. nf_nat in PREROUTING and POSTROUTING; nft(8), "nat".
 */
export const natReply: CauseFinder = (facts) => {
  const { choice } = facts;
  if (choice === null || choice.passage.leg !== 'reply' || choice.passage.in === null) return null;
  const { passage, wanted } = choice;
  const entry = trackedAt(passage.node, facts);
  if (entry === null || entry.original.destination === entry.reply.source) return null;
  const { node, packet } = passage;
  if (packet.source !== entry.reply.source) return null;
  const asked = entry.original.destination;
  return {
    code: 'nat-reply',
    text: `${node} routed the reply with the source ${packet.source}, before that was translated back to ${asked}: no rule can tell that it belongs to ${wanted}`,
    evidence: [
      `${node}: the connection has ${entry.mark ? `mark 0x${entry.mark.toString(16)}` : 'no mark'}`,
      ...outerDecision(facts, passage, asked),
    ],
    repair: markedReplies(facts, passage, wanted),
  } satisfies Diagnosis;
};

function outerDecision({ stateOf }: Facts, { node, packet, in: iif }: Passage, asked: string): string[] {
  const state = stateOf(node);
  if (state === null) return [];
  const { family, destination } = packet;
  const decision = decide(state, queryTo(family, destination, { source: asked, iif }));
  const devices = nexthopsOf(decision).map(({ device }) => device);
  return devices.length === 0
    ? []
    : [`${node}: with the source ${asked} it would have left by ${devices.join(' or ')}`];
}

/** Marks the connection by the interface by which it began, restores the mark on replies, and has a rule for it. */
function markedReplies(facts: Facts, { node, in: inner, packet }: Passage, wanted: string): Repair | null {
  const state = facts.stateOf(node);
  const nexthop = facts.choice?.nexthop ?? null;
  const way = state === null ? null : wayOut(facts, state, wanted, nexthop, packet.destination);
  if (way === null || inner === null) return null;
  const ip = packet.family === 4 ? 'ip' : 'ip -6';
  const script = [
    "nft -f - <<'END'",
    'table inet uplinks {',
    '  chain prerouting {',
    '    type filter hook prerouting priority mangle',
    `    iifname "${wanted}" ct state new ct mark set ${MARK}`,
    `    iifname "${inner}" ct mark ${MARK} meta mark set ct mark`,
    '  }',
    '}',
    'END',
    `${ip} route add default ${nexthopText(way)} table ${MARK}`,
    `${ip} rule add fwmark ${MARK} lookup ${MARK} preference ${PREFERENCE}`,
  ].join('\n');
  const text = `mark the connections that begin by ${wanted}, and route their replies by the mark`;
  return { text, deeds: [shellDeed(facts, node, script)], isAdvice: isOwn(facts, node) };
}

/** A mark and a table that nobody is likely to have, and a preference ahead of what people write. */
const [MARK, PREFERENCE] = [4711, 10];

/** The request was translated on its way, and the reply did not come back through the node that did it. */
export const natBypassed: CauseFinder = (facts) => {
  const { passages, result } = facts;
  if (result.verdict !== 'wrong-source' && result.verdict !== 'reply-lost') return null;
  const answer = passages.find(({ leg, in: entered }) => leg === 'reply' && entered === null);
  const translated = passages.find((each) => isDestinationTranslated(each, facts));
  if (answer === undefined || translated === undefined || answer.node === translated.node) return null;
  if (replyAt(translated.node, passages) !== null) return null;
  const { node } = translated;
  const entry = trackedAt(node, facts);
  return {
    code: 'nat-bypassed',
    text: `${answer.node} answered past ${node}, which had translated the request and alone could have translated the reply back: it comes from ${answer.packet.source}`,
    evidence:
      entry === null
        ? []
        : [
            `${node}: ${entry.original.source} → ${entry.original.destination} became ${entry.reply.destination} → ${entry.reply.source}`,
          ],
    repair: masqueraded(facts, translated),
  };
};

function isDestinationTranslated({ leg, node, in: entered }: Passage, facts: Facts): boolean {
  const entry = trackedAt(node, facts);
  if (leg !== 'request' || entered === null || entry === null) return false;
  return entry.original.destination !== entry.reply.source;
}

/** With the source translated too, the answer has to come back. */
function masqueraded(facts: Facts, { node, packet, out }: Passage): Repair | null {
  if (out === null || packet.source === null) return null;
  const ip = packet.family === 4 ? 'ip' : 'ip6';
  const rule = `oifname "${out}" ${ip} saddr ${packet.source} ${ip} daddr ${packet.destination} masquerade`;
  return {
    text: 'translate the source too, so that the reply comes back the same way',
    deeds: [shellDeed(facts, node, natScript(rule))],
    isAdvice: isOwn(facts, node),
  };
}

/** The source of a request was translated to an address of another interface than the one by which it left. */
export const natBinding: CauseFinder = (facts) => {
  const { result } = facts;
  if (result.verdict === 'symmetric' && result.status === 'passed') return null;
  for (const passage of facts.passages) {
    const state = facts.stateOf(passage.node);
    const entry = trackedAt(passage.node, facts);
    if (passage.leg !== 'request' || state === null || entry === null || passage.out === null) continue;
    const given = entry.reply.destination;
    if (given === entry.original.source) continue;
    const held = state.addresses.find(({ address }) => address === given);
    if (held === undefined || held.device === passage.out || held.device === 'lo') continue;
    return bound(facts, passage, given, held.device);
  }
  return null;
};

function bound(facts: Facts, { node, out, packet }: Passage, given: string, device: string): Diagnosis {
  const ip = packet.family === 4 ? 'ip' : 'ip6';
  const rule = `oifname "${out}" ${ip} saddr ${packet.source} masquerade`;
  const isKept = isBegunBefore(facts) || isUnderChange(facts);
  const begun = isKept ? ', as its connection had begun' : '';
  return {
    code: 'nat-binding',
    text: `${node} translated the source to ${given}, the address of ${device}${begun}, and sent the packet by ${out}`,
    evidence: [],
    repair: isKept
      ? anew(facts)
      : {
          text: `translate what leaves by ${out} to its own address`,
          deeds: [shellDeed(facts, node, natScript(rule))],
          isAdvice: isOwn(facts, node),
        },
  };
}

/** An entry keeps its translation as long as there are packets with its ports: nf_conntrack_in(). */
function anew({ flow }: Facts): Repair | null {
  if (flow.probe.sourcePort === null) return null;
  const text = 'begin a new connection, from another port';
  return { text, deeds: [], probe: { sourcePort: null }, isAdvice: false };
}

/** The source of a request left the network that knows it as it was, and it is an address that beyond has no way back to. */
export const natMissing: CauseFinder = (facts) => {
  const { result } = facts;
  if (
    result.verdict !== 'reply-lost' &&
    result.verdict !== 'request-lost' &&
    result.verdict !== 'no-reply' &&
    result.verdict !== 'refused'
  )
    return null;
  const at = borderOf(facts);
  if (at === null) return null;
  const { node, packet, out } = at;
  const entry = trackedAt(node, facts);
  if (entry !== null && entry.reply.destination !== entry.original.source) return null;
  const source = packet.source ?? '';
  if (!isPrivate(source) || isPrivate(packet.destination)) return null;
  const stop = facts.stop;
  const isBeyond = stop !== null && stop.node !== node && stop.node !== holderOf(facts, source);
  if (!isBeyond) return null;
  const ip = packet.family === 4 ? 'ip' : 'ip6';
  return {
    code: 'nat-missing',
    text: `${node} sent the packet on by ${out} with the private source ${source}, which was not translated and is known to nobody beyond`,
    evidence: [],
    repair: {
      text: `translate the source of what leaves by ${out}`,
      deeds: [shellDeed(facts, node, natScript(`oifname "${out}" ${ip} saddr ${source} masquerade`))],
      isAdvice: isOwn(facts, node),
    },
  };
};

/** RFC 1918. */
function isPrivate(address: string): boolean {
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address);
}

/** A node on the way that had not seen the request took the reply for something new, and gave it a source of its own. */
export const natElsewhere: CauseFinder = (facts) => {
  const { passages, result } = facts;
  if (result.verdict !== 'wrong-source' && result.verdict !== 'mixed') return null;
  const answer = passages.find(({ leg, in: entered }) => leg === 'reply' && entered === null);
  const given = result.reply.source;
  if (answer === undefined || given === null || answer.packet.source === given) return null;
  const path = result.reply.path;
  const changed = path.find(
    (hop) => hop.direction === 'out' && hop.address === given && hop.node !== answer.node,
  );
  if (changed === undefined || requestAt(changed.node, passages) !== null) return null;
  return {
    code: 'nat-elsewhere',
    text: `${changed.node} had not seen the request, took the reply for a new connection and gave it the source ${given}`,
    evidence: [],
    repair: untranslated(facts, changed.node, answer.packet.source ?? ''),
  };
};

/** What is not tracked is not translated either; nft(8), "notrack". */
function untranslated(facts: Facts, node: string, source: string): Repair {
  const ip = facts.flow.family === 4 ? 'ip' : 'ip6';
  const script = [
    'nft add table inet untracked',
    "nft add chain inet untracked prerouting '{ type filter hook prerouting priority raw; }'",
    `nft add rule inet untracked prerouting ${ip} saddr ${source} notrack`,
  ].join('\n');
  return {
    text: `have ${node} leave what comes from ${source} as it is`,
    deeds: [shellDeed(facts, node, script)],
    isAdvice: isOwn(facts, node),
  };
}

/**
 * What was masqueraded by another interface is dropped once, together with its entry, when its route has moved:
 * nf_nat_oif_changed in net/netfilter/nf_nat_core.c.
 */
export const natForgotten: CauseFinder = (facts) => {
  const { stop } = facts;
  if (stop === null || stop.end !== 'stopped' || stop.leg !== 'request') return null;
  if (!isBegunBefore(facts) && !isUnderChange(facts)) return null;
  const state = facts.stateOf(stop.node);
  const decision = facts.decisionFor(stop);
  if (state === null || decision?.end.kind !== 'route' || !/\bmasquerade\b/.test(state.ruleset)) return null;
  const out = nexthopsOf(decision)[0]?.device;
  return {
    code: 'nat-binding',
    text: `${stop.node} had masqueraded the connection by another interface than ${out}, by which its route is now: the kernel drops such a packet once, and forgets the connection with it`,
    evidence: [],
    repair: anew(facts),
  };
};

/** An earlier flow of the scenario had the same ports, so that this one goes on with its connection. */
function isBegunBefore({ plan, flow }: Facts): boolean {
  const { sourcePort, port } = flow.probe;
  const { steps } = plan.scenario;
  const now = steps.findIndex(({ flows }) => flows.includes(flow));
  const fresh = steps.findLastIndex((step, i) => step.fresh && i <= now);
  const before = steps.slice(Math.max(0, fresh), Math.max(0, now)).flatMap(({ flows }) => flows);
  return (
    sourcePort !== null &&
    before.some(
      ({ from, address, probe }) =>
        from === flow.from &&
        address === flow.address &&
        probe.sourcePort === sourcePort &&
        probe.port === port,
    )
  );
}
