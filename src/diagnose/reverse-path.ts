import type { Diagnosis, Repair } from '../model/diagnosis.js';
import type { LookUp, NodeState, Passage, Rule } from '../model/evidence.js';
import { decisionText } from './decision-text.js';
import type { CauseFinder, Facts } from './facts.js';
import { markBehind } from './mark-rules.js';
import { routeBack } from './no-route.js';
import { queryTo } from './query.js';
import { deedAt, isOwn } from './repair.js';
import { withoutRefusal } from './route-refuses.js';
import { type Decision, decide, nexthopsOf } from './rpdb.js';
import { packetText } from './telling.js';
import { countOf, enteredAt, interfaceKey, settingOf, sysctlOf, trackedOf } from './where.js';

/** How a node checks the way back to the source of a packet. */
export interface ReversePath {
  readonly passage: Passage;
  readonly device: string;
  readonly mode: 'strict' | 'loose';
  readonly decision: Decision;
  /** The mark with which the look-up would have found the interface, where it does not count; else null. */
  readonly ignoredMark: number | null;
}

/**
 * A reverse-path filter at the node where the packet ended: strict, it drops what comes by an interface that the way back
 * does not use; loose, what there is no way back to. The greater setting of `all` and the interface counts, and the mark only
 * with src_valid_mark. Documentation/networking/ip-sysctl.rst; __fib_validate_source in net/ipv4/fib_frontend.c.
 */
export const reversePathFilter: CauseFinder = (facts) => {
  const found = reversePathDrop(facts);
  if (found === null || !isOwn(facts, found.passage.node)) return null;
  const { passage, device, mode, decision, ignoredMark } = found;
  const { node } = passage;
  const all = sysctlOf(facts, node, interfaceKey(4, 'all', 'rp_filter'));
  const own = sysctlOf(facts, node, interfaceKey(4, device, 'rp_filter'));
  const setting = all >= own ? `all=${all}` : `${device}=${own}`;
  const mark =
    ignoredMark === null ? '' : `; its mark 0x${ignoredMark.toString(16)} does not count (src_valid_mark=0)`;
  const filter = `reverse-path filter (${mode}, ${setting}) on ${device}`;
  if (decision.end.kind === 'refused' && ignoredMark === null) {
    // Without the filter it would be the reply that is refused.
    return {
      code: 'route-refuses',
      text: `${node} refuses what is for ${passage.packet.source}: ${decisionText(decision)}; so ${packetText(passage)} was dropped by its ${filter}, as there is no way back`,
      evidence: evidenceOf(facts, found),
      repair: withoutRefusal(facts, node, decision.end),
    };
  }
  return {
    code: 'reverse-path-filter',
    text: `${node} dropped it: ${filter}, because ${wayBackText(found, decision)}${mark}`,
    evidence: evidenceOf(facts, found),
    repair: repairOf(facts, found),
  } satisfies Diagnosis;
};

/** The reverse-path filter that dropped a packet; null where none did. */
export function reversePathDrop(facts: Facts): ReversePath | null {
  const passage = enteredAt(facts);
  const state = passage === null ? null : facts.stateOf(passage.node);
  if (passage === null || state === null || passage.in === null || passage.packet.family !== 4) return null;
  const found = checkedAt(facts, passage, state, passage.in);
  if (found === null) return null;
  return isDenied(facts, passage) ? null : found;
}

function checkedAt(facts: Facts, passage: Passage, state: NodeState, device: string): ReversePath | null {
  const { node, packet } = passage;
  const filter = settingOf(facts, node, device, 'rp_filter');
  if (filter === 0 || packet.source === null) return null;
  const mark = markBehind(state, 'prerouting', passage, trackedOf(facts));
  const isMarked = settingOf(facts, node, device, 'src_valid_mark') > 0;
  const back = (used: number) => backTo(facts, passage, state, used);
  const decision = back(isMarked ? (mark ?? 0) : 0);
  if (decision.end.kind === 'route' && decision.end.route.type !== 'unicast') return null;
  const leads = (each: Decision) => nexthopsOf(each).some((nexthop) => nexthop.device === device);
  const passes = filter === 1 ? leads(decision) : decision.end.kind === 'route';
  if (passes) return null;
  const ignoredMark = !isMarked && mark !== null && mark !== 0 && leads(back(mark)) ? mark : null;
  return { passage, device, mode: filter === 1 ? 'strict' : 'loose', decision, ignoredMark };
}

/** The look-up of the way back: what is forwarded is asked for as if it came in by the interface by which it would leave. */
function backTo(facts: Facts, passage: Passage, state: NodeState, mark: number): Decision {
  const { packet, in: iif } = passage;
  const source = translatedTo(facts, state) ?? packet.destination;
  const way =
    source === packet.destination
      ? facts.decisionFor(passage)
      : decide(state, queryTo(4, source, { source: packet.source, mark, iif }));
  const isLocal = way?.end.kind === 'route' && way.end.route.type !== 'unicast';
  const out = way === null || isLocal ? null : (nexthopsOf(way)[0]?.device ?? null);
  // Ports as they are in the packet: only its addresses are turned round.
  const { protocol, sourcePort, destinationPort } = packet;
  const dissected = state.rules.some(isDissecting) ? { protocol, sourcePort, destinationPort } : {};
  return decide(state, queryTo(4, packet.source ?? '', { ...dissected, source, mark, iif: out }));
}

/**
 * Whether a rule makes the kernel look at protocol and ports of what comes in, for the way back too:
 * fib_rule_requires_fldissect in include/net/fib_rules.h, __fib_validate_source in net/ipv4/fib_frontend.c.
 */
function isDissecting({ family, iif, protocol, sourcePorts, destinationPorts }: Rule): boolean {
  const asks = protocol !== undefined || sourcePorts !== undefined || destinationPorts !== undefined;
  return family === 4 && iif !== 'lo' && asks;
}

/**
 * The address to which a node translates what is for another one before it looks up the way: the packet never left, so that
 * only the rules tell. Null where it does not. nf_nat in PREROUTING; nft(8), "dnat".
 */
function translatedTo({ flow, plan }: Facts, { node, ruleset }: NodeState): string | null {
  if (flow.answeredBy === null || flow.answeredBy === node) return null;
  const answering = plan.scenario.topology.nodes.find(({ name }) => name === flow.answeredBy);
  const own = answering?.interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address));
  const targets = [...ruleset.matchAll(/\bdnat (?:ip )?to ([\d.]+)/g)].map(([, target = '']) => target);
  return targets.find((target) => own?.includes(target)) ?? null;
}

/** What the kernel says against it: it counts what it filters, and of the flows of this step it filtered none. */
function isDenied(facts: Facts, { node, leg }: Passage): boolean {
  if (refusalOf(facts, node, leg) !== null) return false;
  return countOf(facts, node, COUNTER) === 0;
}

const COUNTER = 'TcpExtIPReversePathFilter';

/** "Invalid cross-device link", EXDEV: what the kernel answers for what a reverse-path filter drops. */
function refusalOf({ evidence }: Facts, node: string, leg: Passage['leg']): LookUp | null {
  const isRefused = ({ answer }: LookUp) => answer.kind === 'error' && /cross-device/i.test(answer.message);
  const asked = evidence.lookUps.filter((each) => each.node === node && each.leg === leg);
  return asked.find((each) => each.purpose === 'way' && isRefused(each)) ?? null;
}

function wayBackText({ passage: { packet } }: ReversePath, decision: Decision): string {
  const { end } = decision;
  if (end.kind !== 'route') return `there is no way back to ${packet.source}: ${decisionText(decision)}`;
  const devices = [...new Set(nexthopsOf(decision).map(({ device }) => device))].join(' or ');
  return `the way back to ${packet.source} is ${devices} (${decisionText(decision)})`;
}

function evidenceOf(facts: Facts, { passage: { node, leg } }: ReversePath): string[] {
  const refused = refusalOf(facts, node, leg);
  const counted = countOf(facts, node, COUNTER);
  const traced = facts.evidence.repeat?.drops.find(({ reason }) => reason === 'IP_RPFILTER');
  return [
    ...(refused?.answer.kind === 'error' ? [`${node}: ${refused.command}: ${refused.answer.message}`] : []),
    ...(counted === null ? [] : [`${node}: the counter IPReversePathFilter rose by ${counted}`]),
    ...(traced === undefined
      ? []
      : [
          `the kernel freed the packet with the reason ${traced.reason}, ${traced.afterUs} µs after it was seen`,
        ]),
  ];
}

function repairOf(facts: Facts, { passage, device, mode, decision, ignoredMark }: ReversePath): Repair {
  const { node } = passage;
  const set = (text: string, settings: readonly (readonly [string, string])[]): Repair => ({
    text,
    deeds: [deedAt(facts, node, { kind: 'sysctl', settings })],
    isAdvice: isOwn(facts, node),
  });
  if (ignoredMark !== null) {
    return set('let the mark count in the look-up of the way back', [
      [interfaceKey(4, device, 'src_valid_mark'), '1'],
    ]);
  }
  const state = decision.end.kind === 'route' ? null : facts.stateOf(node);
  const back = state === null ? null : routeBack(facts, passage, state, decision);
  if (back !== null) return back;
  if (mode === 'strict') {
    return set(`make the reverse-path filter of ${device} a loose one`, [
      [interfaceKey(4, device, 'rp_filter'), '2'],
    ]);
  }
  return set('switch the reverse-path filter off', [
    [interfaceKey(4, 'all', 'rp_filter'), '0'],
    [interfaceKey(4, device, 'rp_filter'), '0'],
  ]);
}
