import type { Leg, Passage, RoutedPacket } from '../model/evidence.js';
import type { Ip } from '../model/packet.js';
import type { FlowPlan } from '../model/plan.js';
import type { Chain } from './chain.js';
import type { Exchange } from './exchange.js';
import type { Stop } from './loss.js';
import type { Sighting } from './sighting.js';

/** Protocol numbers of what probes send; /etc/protocols. */
const PROTOCOLS = { icmp: { 4: 1, 6: 58 }, tcp: { 4: 6, 6: 6 }, udp: { 4: 17, 6: 17 } } as const;

/** Each node that a request and what came of it came through, in order; with those that should have sent one and did not. */
export function passagesOf(exchange: Exchange, stop: Stop | null, plan: FlowPlan): Passage[] {
  const { answeredBy, from } = plan.flow;
  const isRefusal = exchange.refusal !== null;
  const request = passagesOn('request', exchange.request, answeredBy, false);
  const reply = passagesOn('reply', exchange.reply, from, isRefusal);
  if (request.length === 0) request.push(unsent(from, firstPacket(plan)));
  const arrival = request.at(-1);
  const isDue = stop?.leg === 'reply' && reply.length === 0 && arrival?.end === 'delivered';
  if (isDue) reply.push({ ...unsent(arrival.node, turned(arrival.packet)), leg: 'reply' });
  if (stop?.loss.reason === 'not-taken') return [...request, ...withoutArrival(reply)];
  return [...request, ...reply];
}

/** The same, where the last node did not take what entered it. */
function withoutArrival(reply: readonly Passage[]): Passage[] {
  return reply.map((each, index) => (index === reply.length - 1 ? { ...each, end: 'stopped' } : each));
}

function passagesOn(leg: Leg, path: Chain, terminal: string | null, isRefusal: boolean): Passage[] {
  const passages: Passage[] = [];
  for (let i = 0; i < path.length; i++) {
    const [first, second] = [path[i], path[i + 1]];
    if (first === undefined) break;
    const base = { leg, node: first.node };
    if (first.direction === 'out') {
      const nexthop = endpointOf(second);
      const packet = routed(first.ip, first.ip, isRefusal);
      passages.push({ ...base, in: null, out: first.interface, end: 'sent', packet, nexthop });
      continue;
    }
    if (second?.node === first.node && second.direction === 'out') {
      const packet = routed(first.ip, second.ip, isRefusal);
      const nexthop = endpointOf(path[i + 2]);
      passages.push({
        ...base,
        in: first.interface,
        out: second.interface,
        end: 'forwarded',
        packet,
        nexthop,
      });
      i++;
      continue;
    }
    const isLast = second === undefined;
    // Where it goes on, it does so unseen, in a tunnel.
    const end = first.node === terminal ? 'delivered' : isLast ? 'stopped' : 'forwarded';
    const packet = routed(first.ip, first.ip, isRefusal);
    passages.push({ ...base, in: first.interface, out: null, end, packet, nexthop: null });
  }
  return passages;
}

function endpointOf(sighting: Sighting | undefined): string | null {
  return sighting === undefined ? null : `${sighting.node}:${sighting.interface}`;
}

/** As a node's routing sees it: the source as it came, the destination as it went. */
function routed(came: Ip, went: Ip, isRefusal: boolean): RoutedPacket {
  const [cameBy, wentBy] = [portsOf(came), portsOf(went)];
  return {
    family: came.family,
    source: came.source,
    destination: went.destination,
    protocol: came.protocol,
    sourcePort: cameBy.source,
    destinationPort: wentBy.destination,
    isRefusal,
  };
}

function portsOf({ transport }: Ip): { readonly source: number | null; readonly destination: number | null } {
  if (transport === null || transport.kind === 'icmp') return { source: null, destination: null };
  return { source: transport.sourcePort, destination: transport.destinationPort };
}

function firstPacket({ flow, sourcePort, destinationPort }: FlowPlan): RoutedPacket {
  const { family, address, probe } = flow;
  return {
    family,
    source: probe.bindAddress,
    destination: address,
    protocol: PROTOCOLS[probe.protocol][family],
    sourcePort,
    destinationPort,
    isRefusal: false,
  };
}

function unsent(node: string, packet: RoutedPacket): Passage {
  return { leg: 'request', node, in: null, out: null, end: 'missing', packet, nexthop: null };
}

/** The answer to a packet, as its receiver would send it. */
function turned({
  family,
  source,
  destination,
  protocol,
  sourcePort,
  destinationPort,
}: RoutedPacket): RoutedPacket {
  return {
    family,
    source: destination,
    destination: source ?? destination,
    protocol,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
    isRefusal: false,
  };
}
