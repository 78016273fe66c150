import type { LookUp, Passage, RoutedPacket, Rule } from '../model/evidence.js';
import { parseAddress } from '../net/address.js';
import type { Choice } from './choice.js';
import { consideredText, decisionText, nexthopText, ruleBody } from './decision-text.js';
import type { Facts } from './facts.js';
import { type Decision, nexthopsOf } from './rpdb.js';
import { isOrdinary } from './wrong-way.js';

/** `the reply from 198.51.100.10 to 203.0.113.9`. */
export function packetText({ leg, packet }: Pick<Passage, 'leg' | 'packet'>): string {
  const what = packet.isRefusal ? 'error' : leg;
  const source = packet.source === null ? '' : ` from ${packet.source}`;
  return `the ${what}${source} to ${packet.destination}`;
}

/** What is known of how a node decided about a packet: the decision, the rules that might have, and what its kernel says when asked. */
export function decisionEvidence(facts: Facts, passage: Passage): readonly string[] {
  const decision = facts.decisionFor(passage);
  if (decision === null) return [];
  const others = decision.considered.filter(
    ({ rule, outcome }) => outcome.kind !== 'decided' && !isOrdinary(rule),
  );
  return [
    `${passage.node} decides about ${packetText(passage)}: ${decisionText(decision)}`,
    ...others.map(consideredText),
    ...kernelText(facts, passage, decision),
  ];
}

/** What `ip route get` says about the same, and whether that is what the rules and routes as listed come to. */
function kernelText(
  { evidence }: Facts,
  { node, leg, packet }: Passage,
  decision: Decision,
): readonly string[] {
  const asked = evidence.lookUps.find(
    (each) =>
      each.node === node &&
      each.leg === leg &&
      each.purpose === 'way' &&
      each.mark === decision.query.mark &&
      isAbout(each, packet),
  );
  if (asked === undefined) return [];
  const { command, answer } = asked;
  if (answer.kind === 'error') {
    const agrees = decision.end.kind !== 'route';
    return [`${command}: ${answer.message}${agrees ? '' : ', which its rules and routes do not say'}`];
  }
  const { device, gateway } = answer;
  const said = `${command}: ${device === null ? answer.type : nexthopText({ device, gateway })}, table ${answer.table}`;
  const agrees = nexthopsOf(decision).some(
    (nexthop) => nexthop.device === device && isSame(nexthop.gateway, gateway),
  );
  return [agrees ? said : `${said}, which its rules and routes as listed do not say`];
}

function isAbout({ command }: LookUp, { destination }: RoutedPacket): boolean {
  return command.split(' ').includes(destination);
}

function isSame(a: string | null, b: string | null): boolean {
  return a === b || (a !== null && b !== null && parseAddress(a)?.text === parseAddress(b)?.text);
}

/** Where the packet was to go, to close a sentence: `while the request came in by eth1`. */
export function aimText({ because, taken, wanted, nexthop }: Choice): string {
  const isSegment = taken === wanted && nexthop !== null;
  if (because === 'expectation') return `while ${isSegment ? nexthop : wanted} is expected`;
  if (because === 'source') return `while ${wanted} has that source`;
  return isSegment ? `while the request came from ${nexthop}` : `while the request came in by ${wanted}`;
}

/** `rule 101 (from 198.51.100.10 lookup rt2)`. */
export function ruleText({ preference, text }: Rule): string {
  return `rule ${preference} (${ruleBody(text)})`;
}
