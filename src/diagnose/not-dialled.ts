import type { Diagnosis } from '../model/diagnosis.js';
import { type DialEvent, eventsOf } from '../model/scenario.js';
import { type Endpoint, endpointText, type PppEnd, type Topology } from '../model/topology.js';
import type { Facts } from './facts.js';
import { isOwn } from './repair.js';
import { flagsOf } from './where.js';

/** An end of a ppp link that was never dialled, or was hung up: it is down and has no address. Null for any other. */
export function notDialled(facts: Facts, endpoint: Endpoint): Diagnosis | null {
  const ends = dialEnds(facts, endpoint);
  if (ends === null || !isIdle(facts, endpoint)) return null;
  const [named] = ends;
  const [name, flags] = [endpointText(endpoint), flagsOf(facts, endpoint) ?? []];
  const event: DialEvent = { kind: 'connect', endpoint: named, ends, place: facts.flow.place };
  return {
    code: 'link-down',
    text: `${name} ${wasDialled(facts, endpoint) ? 'was hung up' : 'was not dialled'}, so that it is down and has no address`,
    evidence: [`${name} is ${flags.join(', ') || 'down'}`],
    repair: { text: `dial ${endpointText(named)}`, deeds: [{ event }], isAdvice: isOwn(facts, named.node) },
  };
}

function isIdle(facts: Facts, { node, interface: name }: Endpoint): boolean {
  const state = facts.stateOf(node);
  if (state === null || flagsOf(facts, { node, interface: name })?.includes('UP')) return false;
  return state.addresses.every(({ device }) => device !== name);
}

/** An interface that is idle was up once only if its link was dialled. */
function wasDialled({ commands }: Facts, { node, interface: name }: Endpoint): boolean {
  return commands.some(
    (each) => each.node === node && each.exit === 0 && each.text.endsWith(`link set dev ${name} up`),
  );
}

/** The ends as the scenario has the link dialled, whose scripts then run; else from this one. Null where the link is no ppp. */
function dialEnds({ plan: { scenario } }: Facts, endpoint: Endpoint): DialEvent['ends'] | null {
  const own = endpointText(endpoint);
  const dials = scenario.steps
    .flatMap(eventsOf)
    .flatMap((event) => (event.kind === 'connect' || event.kind === 'disconnect' ? [event] : []));
  const dial = dials.find(({ ends }) => ends.some((end) => endpointText(end) === own));
  if (dial !== undefined) return dial.ends;
  const other = pppPeer(scenario.topology, own);
  return other === null ? null : [pppEnd(scenario.topology, endpoint), pppEnd(scenario.topology, other)];
}

function pppPeer({ links, segments }: Topology, own: string): Endpoint | null {
  const pairs = [
    ...links.filter(({ kind }) => kind === 'ppp').map(({ a, b }) => [a, b]),
    ...segments.filter(({ link }) => link === 'ppp').map(({ ports }) => ports),
  ];
  const pair = pairs.find((ends) => ends.some((end) => endpointText(end) === own));
  return pair?.find((end) => endpointText(end) !== own) ?? null;
}

function pppEnd({ nodes }: Topology, { node, interface: name }: Endpoint): PppEnd {
  const face = nodes.find((each) => each.name === node)?.interfaces.find((each) => each.name === name);
  return { node, interface: name, addresses: face?.addresses ?? [] };
}
