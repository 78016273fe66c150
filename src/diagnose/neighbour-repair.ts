import type { Repair } from '../model/diagnosis.js';
import type { NodeDevice, NodeState } from '../model/evidence.js';
import type { Endpoint } from '../model/topology.js';
import { contains, parseAddress } from '../net/address.js';
import { isSame, neighbourBy } from './asked.js';
import { prefixText } from './decision-text.js';
import type { Facts } from './facts.js';
import { linkOf, routersOn, type WayOut } from './gateway.js';
import { hopWords } from './hop-words.js';
import { knownRouter } from './known-router.js';
import { routeBy } from './no-route.js';
import type { Question } from './question.js';
import { ipRepair } from './repair.js';
import { type DecisionEnd, nexthopsOf } from './rpdb.js';

/** A gateway that is on the link: of the route that decided, or of a new one where none did. */
export function gatewayRepair(facts: Facts, question: Question): Repair | null {
  const { node, device, target, decision } = question;
  const state = facts.stateOf(node);
  if (decision === null || state === null) return null;
  const { end, query } = decision;
  if (end.kind === 'assumed') return routeBy(facts, state, decision, query.destination, end.device);
  if (end.kind !== 'route') return null;
  const routers = routersOn(facts, state, device).filter((each) => each !== target);
  const known = knownRouter(facts, state, device, query.destination);
  const gateway = routers.find((each) => each === known) ?? routers[0] ?? known;
  if (gateway === null || gateway === target) return null;
  const commands = exchanged(state, question, end, { device, gateway });
  const repair = ipRepair(facts, `make ${gateway} the gateway`, node, commands);
  return { ...repair, isAdvice: repair.isAdvice && (routers.length === 1 || gateway === known) };
}

/** The device of the node in whose network the address is, or a gateway that is on the link where it was asked for. */
export function otherLinkRepair(facts: Facts, question: Question): Repair | null {
  const device = deviceFor(facts, question);
  const repair = device === null ? null : byDevice(facts, question, device);
  return isGateway(question)
    ? (gatewayRepair(facts, question) ?? repair)
    : (repair ?? gatewayRepair(facts, question));
}

/** The route by another device: of a gateway the route that decided, else one to the address alone. */
export function byDevice(facts: Facts, question: Question, device: string): Repair | null {
  const { node, target, decision } = question;
  const state = facts.stateOf(node);
  if (decision === null || state === null || decision.end.kind !== 'route') return null;
  const { end } = decision;
  if (isGateway(question)) {
    const commands = exchanged(state, question, end, { device, gateway: target });
    return ipRepair(facts, `have its routes go by ${device}`, node, commands);
  }
  const isThere = prefixText(end.route.destination) === target;
  const verb = isThere ? 'replace' : 'add';
  return ipRepair(facts, `add a route to ${target} by ${device}`, node, [
    `route ${verb} ${target} dev ${device} table ${end.table}`,
  ]);
}

/** The bridge or bond of which the device is a port; null where it is none. */
export function deviceAbove({ stateOf }: Facts, { node, device }: Question): NodeDevice | null {
  const devices = stateOf(node)?.devices ?? [];
  const master = devices.find(({ name }) => name === device)?.master ?? null;
  const above = devices.find(({ name }) => name === master);
  return above !== undefined && ABOVE.includes(above.kind) ? above : null;
}

/** What takes all that comes in by its ports; a VRF leaves its devices their addresses. */
const ABOVE = ['bridge', 'bond', 'team'];

/** Another device of the node, that is up, in whose network the address is. */
function deviceFor({ stateOf }: Facts, { node, device, target }: Question): string | null {
  const state = stateOf(node);
  const address = parseAddress(target);
  const isUp = (name: string) =>
    state?.devices.some((each) => each.name === name && each.flags.includes('UP')) ?? false;
  const held = state?.addresses.find((each) => {
    const link = linkOf(each);
    return (
      each.device !== device &&
      isUp(each.device) &&
      link !== null &&
      address !== null &&
      contains(link, address)
    );
  });
  return held?.device ?? null;
}

function isGateway({ decision, target }: Question): boolean {
  return decision !== null && nexthopsOf(decision).some(({ gateway }) => gateway === target);
}

/** The route that decided with another next hop in the place of that which was asked for; the others of several stay as they are. */
function exchanged(
  state: NodeState,
  { device, family, target, decision }: Question,
  { route, table }: Extract<DecisionEnd, { readonly kind: 'route' }>,
  instead: WayOut,
): readonly string[] {
  const metric = route.metric > 0 ? ` metric ${route.metric}` : '';
  const to = route.destination;
  const hops = route.nexthops.map((hop) => {
    const asked = decision === null ? target : neighbourBy(state, hop.gateway, decision.query.destination);
    const isAsked = hop.device === device && isSame(asked, target);
    return hopWords(state, family, isAsked ? instead : hop, table);
  });
  const ways = hops.length > 1 ? hops.map((hop) => `nexthop ${hop}`) : hops;
  return [
    ...(family === 6 ? [`route del ${to} table ${table}${metric}`] : []),
    `route ${family === 6 ? 'add' : 'replace'} ${to} table ${table}${metric} ${ways.join(' ')}`,
  ];
}

/** The address given back to the interface that had it. */
export function givenBack(
  facts: Facts,
  { target, family }: Question,
  { node, interface: device }: Endpoint,
): Repair | null {
  const face = facts.plan.scenario.topology.nodes
    .find(({ name }) => name === node)
    ?.interfaces.find(({ name }) => name === device);
  const length = face?.addresses.find(({ address }) => address === target)?.prefixLength;
  if (length === undefined) return null;
  const nodad = family === 6 ? ' nodad' : '';
  const isUp = facts
    .stateOf(node)
    ?.devices.some(({ name, flags }) => name === device && flags.includes('UP'));
  return ipRepair(facts, `give ${target} back to ${node}`, node, [
    ...(isUp === false ? [`link set dev ${device} up`] : []),
    `address add ${target}/${length} dev ${device}${nodad}`,
  ]);
}
