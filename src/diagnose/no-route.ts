import type { Diagnosis, Repair } from '../model/diagnosis.js';
import type { NodeState, Passage } from '../model/evidence.js';
import { holds, makePrefix, networkText, parseAddress } from '../net/address.js';
import { previousHop, requestAt } from './choice.js';
import { prefixText } from './decision-text.js';
import type { Facts } from './facts.js';
import { type WayOut, wayOut } from './gateway.js';
import { hopWords } from './hop-words.js';
import { isDown, putUp } from './link.js';
import { otherWay } from './other-way.js';
import { ipRepair, isOwn } from './repair.js';
import { withoutRefusal } from './route-refuses.js';
import type { Decision } from './rpdb.js';
import { decisionEvidence, packetText } from './telling.js';
import { vanishedText } from './vanished.js';

/** No rule led to a route. */
export function noRoute(facts: Facts): Diagnosis | null {
  const { stop, decisionFor, stateOf } = facts;
  if (stop === null) return null;
  const [decision, state] = [decisionFor(stop), stateOf(stop.node)];
  if (decision === null || state === null) return null;
  const { end } = decision;
  if (end.kind !== 'none' && end.kind !== 'assumed') return null;
  const own = routeFor(facts, stop, state, decision);
  const other = own === null && !isBoundTo(decision) ? otherWay(facts, stop, state, tableOf(decision)) : null;
  const assumed =
    end.kind === 'assumed' ? ` and, bound to ${end.device}, takes it for a neighbour there` : '';
  return {
    code: 'no-route',
    text: `${stop.node} has no route for ${packetText(stop)}${assumed}${emptyText(decision)}${lostWith(facts, stop)}${other?.blamed ?? ''}`,
    evidence: [...decisionEvidence(facts, stop), ...counted(facts, stop)],
    repair: own ?? other?.repair ?? null,
  };
}

/** `: there is none in rt2 (rule 101), default (rule 32767), and that of main (rule 32766) is of type throw`. */
function emptyText({ considered }: Decision): string {
  const inTables = (kind: 'no-route' | 'thrown' | 'suppressed') =>
    considered
      .filter(({ table, outcome }) => outcome.kind === kind && table !== 'local' && table !== null)
      .map(({ rule, table }) => `${table} (rule ${rule.preference})`)
      .join(', ');
  const [none, thrown, suppressed] = [inTables('no-route'), inTables('thrown'), inTables('suppressed')];
  const parts = [
    ...(none === '' ? [] : [`there is none in ${none}`]),
    ...(thrown === '' ? [] : [`that of ${thrown} is of type throw`]),
    ...(suppressed === '' ? [] : [`that of ${suppressed} is suppressed`]),
  ];
  return `: ${parts.length === 0 ? 'no rule matches it' : parts.join(', and ')}`;
}

function lostWith(facts: Facts, { node, out }: Passage): string {
  const names = facts.plan.scenario.topology.nodes.find(({ name }) => name === node)?.interfaces ?? [];
  const devices = out === null ? names.map(({ name }) => name) : [out];
  return devices.map((device) => vanishedText(facts, node, device)).find((text) => text !== '') ?? '';
}

function counted({ evidence }: Facts, { node }: Passage): readonly string[] {
  return Object.entries(evidence.counters.get(node) ?? {})
    .filter(([name]) => /^(Ip|Ip6|IpExt)(In|Out)NoRoutes$/.test(name))
    .map(([name, by]) => `${name} of ${node} rose by ${by} while the flows of the step ran`);
}

/** Back by where the request came from; else by a route that another table has, or that the node had when its lab was made. */
function routeFor(facts: Facts, stop: Passage, state: NodeState, decision: Decision): Repair | null {
  const { packet, leg, node } = stop;
  const request = leg === 'reply' ? requestAt(node, facts.passages) : null;
  const back = request === null ? null : routeBack(facts, request, state, decision);
  if (back !== null) return back;
  const { oif } = decision.query;
  const bound = oif === null ? null : routeBy(facts, state, decision, packet.destination, oif);
  if (bound !== null) return bound;
  if (isBoundTo(decision)) return null;
  const isUp = (device: string | null) => device === null || !isDown(facts, { node, interface: device });
  const known = state.routes.find(
    ({ type, family, destination, nexthops }) =>
      type === 'unicast' &&
      family === packet.family &&
      holds(destination, packet.destination) &&
      nexthops.every(({ device }) => isUp(device)),
  );
  const [hop] = known?.nexthops ?? [];
  if (known !== undefined && hop !== undefined)
    return added(facts, state, decision, packet.destination, hop, prefixText(known.destination));
  const planned = facts.plan.scenario.topology.nodes
    .find(({ name }) => name === node)
    ?.routes.find(({ family, to }) => family === packet.family && holds(to, packet.destination));
  if (planned === undefined) return null;
  const to = prefixText(planned.to);
  const device = planned.dev ?? deviceTo(facts, node, planned.via);
  const way = [
    ...(planned.via === null ? [] : [`via ${planned.via}`]),
    ...(device === null ? [] : [`dev ${device}`]),
  ];
  const repair = ipRepair(facts, `add a route to ${to}`, node, [`route add ${to} ${way.join(' ')}`]);
  if (isUp(device) || device === null) return repair;
  const deeds = [...putUp(facts, { node, interface: device }), ...repair.deeds];
  return { ...repair, text: `put ${device} up, and ${repair.text} by it`, deeds };
}

/** Whether no device will do but the one asked for. */
function isBoundTo({ query: { oif, isBound, family } }: Decision): boolean {
  return oif !== null && (isBound || family === 4);
}

/** The device that was made with a network in which a gateway is. */
function deviceTo({ plan }: Facts, node: string, gateway: string | null): string | null {
  const faces = plan.scenario.topology.nodes.find(({ name }) => name === node)?.interfaces ?? [];
  const near = faces.find(({ addresses }) =>
    addresses.some(({ address, prefixLength }) => {
      const parsed = parseAddress(address);
      const network = parsed === null ? null : makePrefix(parsed, prefixLength);
      return network !== null && gateway !== null && holds(networkText(network), gateway);
    }),
  );
  return near?.name ?? null;
}

/**
 * A route back to the source of a packet, by where that came from; null where that is not known.
 *
 * @param decision about the way back, which found none
 */
export function routeBack(
  facts: Facts,
  request: Passage,
  state: NodeState,
  decision: Decision,
): Repair | null {
  const { source } = request.packet;
  if (source === null || request.in === null) return null;
  const way = wayOut(facts, state, request.in, previousHop(request, facts.passages), source);
  if (way === null) return null;
  const isDefault = way.gateway !== null && isOwn(facts, state.node);
  return added(facts, state, decision, source, way, isDefault ? 'default' : source);
}

/** A route by a device, for what is to leave by that one; null where nothing tells of a way by it. */
export function routeBy(
  facts: Facts,
  state: NodeState,
  decision: Decision,
  address: string,
  device: string,
): Repair | null {
  const { end } = decision;
  if (end.kind === 'assumed' && end.refused?.route === null)
    return withoutRefusal(facts, state.node, end.refused);
  const way = wayOut(facts, state, device, null, address);
  return way === null ? null : added(facts, state, decision, address, way);
}

/** Of routes to the same prefix the last to be taken. */
const LAST_METRIC = 4096;

/** A route in the last table that was looked in; to the address alone where there is one to the prefix already. */
function added(
  facts: Facts,
  state: NodeState,
  decision: Decision,
  address: string,
  hop: WayOut,
  prefix = 'default',
): Repair {
  const { query, end } = decision;
  const table = tableOf(decision);
  const taken = state.routes.filter(
    (each) => each.family === query.family && each.table === table && prefixText(each.destination) === prefix,
  );
  const isTaken = taken.length > 0;
  // What is bound to a device passes over the routes by others; what is not would meet the one that is there, and
  // nothing passes over one of type throw.
  const isBound = query.oif !== null && taken.every(({ type }) => type !== 'throw');
  const isRefused = end.kind === 'assumed' && end.refused !== null;
  const to = isRefused || (isTaken && !isBound) ? address : prefix;
  const where = table === 'main' ? '' : ` table ${table}`;
  const metric = isTaken && isBound && !isRefused ? ` metric ${LAST_METRIC}` : '';
  return ipRepair(facts, `add a route to ${to}${metric}`, state.node, [
    `route add ${to} ${hopWords(state, query.family, hop, table)}${metric}${where}`,
  ]);
}

function tableOf({ considered }: Decision): string {
  const tables = considered.flatMap(({ table, outcome }) =>
    outcome.kind === 'no-match' || table === 'local' ? [] : (table ?? []),
  );
  return tables.includes('main') ? 'main' : (tables.at(-1) ?? 'main');
}
