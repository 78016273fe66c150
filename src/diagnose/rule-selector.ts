import type { Diagnosis, Repair } from '../model/diagnosis.js';
import { contains, parseAddress, parsePrefix } from '../net/address.js';
import { decisionText, mismatchText } from './decision-text.js';
import type { Facts } from './facts.js';
import { heldAddress } from './gateway.js';
import { ipRepair } from './repair.js';
import type { Selector } from './selector.js';
import { aimText, decisionEvidence, packetText, ruleText } from './telling.js';
import { type Alternative, alternativesTo, isOrdinary, type WrongWay, wrongWayIn } from './wrong-way.js';

/** A rule leads where the packet was to go and does not match it, or one that matches was not meant for it. */
export function ruleSelector(facts: Facts): Diagnosis | null {
  const way = wrongWayIn(facts);
  return way === null ? null : (notMatching(facts, way) ?? tooBroad(facts, way));
}

function notMatching(facts: Facts, way: WrongWay): Diagnosis | null {
  const { choice, decision } = way;
  const { node } = choice.passage;
  const [meant] = alternativesTo(facts, way)
    .filter(({ rule, mismatches }) => mismatches.length > 0 && !rule.l3mdev)
    .filter((alternative) => isMeant(way, alternative))
    .sort((a, b) => a.mismatches.length - b.mismatches.length);
  if (meant === undefined) return null;
  return {
    code: 'rule-selector',
    text: `${node} has ${ruleText(meant.rule)} to lead by ${choice.wanted}, which does not match ${packetText(choice.passage)}: ${meant.mismatches.map(mismatchText).join('; ')}; so ${decisionText(decision)} decided, ${aimText(choice)}`,
    evidence: decisionEvidence(facts, choice.passage),
    repair: matching(facts, way, meant),
  };
}

/**
 * A rule for another source was not meant for this one, unless the source is one of the interface that it leads by; one
 * for another destination only where it names what is the packet's source.
 */
function isMeant({ state, choice }: WrongWay, { rule, mismatches }: Alternative): boolean {
  const { source } = choice.passage.packet;
  const fails = (name: Selector) => mismatches.some(({ selector }) => selector === name);
  if (fails('to') && !holds(rule.to, source)) return false;
  return !fails('from') || heldAddress(state, source)?.device === choice.wanted;
}

function holds(text: string | undefined, address: string | null): boolean {
  const [prefix, held] = [parsePrefix(text ?? ''), parseAddress(address ?? '')];
  return prefix !== null && held !== null && contains(prefix, held);
}

/** A rule of that preference that selects the packet by its source. */
function matching(facts: Facts, { choice, state, end }: WrongWay, meant: Alternative): Repair | null {
  const { source } = choice.passage.packet;
  if (source === null) return null;
  // Beside the one that is there the kernel may take it for the same: fib_rules.c leaves `not` out where it compares.
  const { preference } = meant.isLater ? end.rule : meant.rule;
  const place = Math.max(preference - 1, 1);
  return ipRepair(facts, `have a rule for ${source} lead to table ${meant.table}`, state.node, [
    `rule add preference ${place} from ${source} table ${meant.table}`,
  ]);
}

/** A rule of the user's takes what main would have sent where it was to go. */
function tooBroad(facts: Facts, way: WrongWay): Diagnosis | null {
  const { choice, decision, end, state } = way;
  if (isOrdinary(end.rule)) return null;
  const main = alternativesTo(facts, way).find(
    ({ isLater, rule, mismatches }) => isLater && mismatches.length === 0 && isOrdinary(rule),
  );
  if (main === undefined) return null;
  const { packet, node } = choice.passage;
  const from = packet.source === null ? '' : `from ${packet.source} `;
  return {
    code: 'rule-selector',
    text: `${node} has ${ruleText(end.rule)} take ${packetText(choice.passage)}, which ${main.table} would send by ${choice.wanted}, so ${decisionText(decision)} decided, ${aimText(choice)}`,
    evidence: decisionEvidence(facts, choice.passage),
    repair: ipRepair(
      facts,
      `keep ${packetText(choice.passage)} from rule ${end.rule.preference}`,
      state.node,
      [
        `rule add preference ${Math.max(end.rule.preference - 1, 1)} ${from}to ${packet.destination} table ${main.table}`,
      ],
    ),
  };
}
