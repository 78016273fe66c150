import type { Tcp } from '../model/packet.js';
import type { FlowPlan } from '../model/plan.js';
import { LOOPBACK } from './device.js';
import type { Sighting } from './sighting.js';
import { addTo, type FlowTraffic, isOnItsWay } from './traffic.js';

/** The handshake is the first exchange of a TCP flow, the first round of data the second. */
const HANDSHAKE = 1;
const FIRST_DATA = 2;

/** Bytes of TCP that a flow's packets may be apart from its initial sequence number, to each request. */
const BYTES_PER_ROUND = 65_536;

/**
 * Adds the packets of TCP that carry no data: SYN, SYN-ACK and reset, known by the initial sequence
 * number that `from` chose, whatever network address translation makes of addresses and ports.
 */
export function addConnections(flows: readonly FlowTraffic[], sightings: readonly Sighting[]): void {
  const connections = flows.filter((traffic) => traffic.observed.plan.flow.probe.protocol === 'tcp');
  if (connections.length === 0) return;
  const segments = sightings.filter((each) => each.ip.transport?.kind === 'tcp');
  const initials = initialSequences(connections, segments);
  for (const traffic of connections) {
    const initial = initials.get(traffic) ?? null;
    if (initial !== null) addHandshake(traffic, segments, initial);
    addResets(traffic, segments, initial);
  }
}

/**
 * The sequence number of each flow's SYN as it left `from`: by address and ports; else counted back from
 * the first data; else (the node translates its own packets) by the address or the source port alone,
 * among the SYNs that are no other flow's.
 */
function initialSequences(
  flows: readonly FlowTraffic[],
  segments: readonly Sighting[],
): ReadonlyMap<FlowTraffic, number> {
  const initials = new Map<FlowTraffic, number>();
  const taken = new Set<number>();
  const choose = (traffic: FlowTraffic, sequence: number | undefined) => {
    if (sequence === undefined) return;
    taken.add(sequence);
    initials.set(traffic, sequence);
  };
  const opening = (traffic: FlowTraffic, suits: (segment: Sighting, plan: FlowPlan) => boolean) => {
    const { plan } = traffic.observed;
    return segments.find(
      (each) =>
        isOpening(each, plan.flow.from) &&
        isOnItsWay(traffic.observed, each) &&
        !taken.has(tcpOf(each)?.sequence ?? -1) &&
        suits(each, plan),
    );
  };
  for (const traffic of flows) {
    choose(
      traffic,
      sequenceOf(opening(traffic, (each, plan) => goesTo(each, plan) && hasSourcePort(each, plan))),
    );
  }
  for (const traffic of flows.filter((each) => !initials.has(each))) {
    const data = sequenceOf(traffic.requests.get(FIRST_DATA)?.[0]);
    choose(traffic, data === undefined ? undefined : (data - 1) >>> 0);
  }
  for (const traffic of flows.filter((each) => !initials.has(each))) {
    choose(traffic, sequenceOf(opening(traffic, goesTo) ?? opening(traffic, hasSourcePort)));
  }
  return initials;
}

function sequenceOf(sighting: Sighting | undefined): number | undefined {
  return sighting === undefined ? undefined : tcpOf(sighting)?.sequence;
}

function isOpening(sighting: Sighting, from: string): boolean {
  const tcp = tcpOf(sighting);
  if (tcp === null || !tcp.flags.syn || tcp.flags.ack) return false;
  return sighting.node === from && sighting.direction === 'out';
}

function goesTo(sighting: Sighting, plan: FlowPlan): boolean {
  return (
    sighting.ip.destination === plan.flow.address && tcpOf(sighting)?.destinationPort === plan.destinationPort
  );
}

function hasSourcePort(sighting: Sighting, plan: FlowPlan): boolean {
  return plan.sourcePort === null || tcpOf(sighting)?.sourcePort === plan.sourcePort;
}

function addHandshake(traffic: FlowTraffic, segments: readonly Sighting[], initial: number): void {
  for (const sighting of segments) {
    const tcp = tcpOf(sighting);
    if (tcp === null || !tcp.flags.syn || !isOnItsWay(traffic.observed, sighting)) continue;
    if (!tcp.flags.ack && tcp.sequence === initial) addTo(traffic.requests, HANDSHAKE, sighting);
    if (tcp.flags.ack && distance(initial, tcp.acknowledgement) === 1)
      addTo(traffic.replies, HANDSHAKE, sighting);
  }
}

/** A reset acknowledges what it refuses, or stands where the answering side had got to (RFC 9293, 3.5.2). */
function addResets(traffic: FlowTraffic, segments: readonly Sighting[], initial: number | null): void {
  const { plan } = traffic.observed;
  const answer = traffic.replies.get(HANDSHAKE)?.[0];
  const answered = answer === undefined ? null : (tcpOf(answer)?.sequence ?? null);
  const span = (plan.flow.probe.count + 1) * BYTES_PER_ROUND;
  for (const sighting of segments) {
    const tcp = tcpOf(sighting);
    if (tcp === null || !tcp.flags.rst) continue;
    const start = tcp.flags.ack ? initial : answered;
    const position = tcp.flags.ack ? tcp.acknowledgement : tcp.sequence;
    const ours = start === null ? isLocalReset(sighting, plan) : inSpan(distance(start, position), span);
    if (ours) traffic.resets.push(sighting);
  }
}

function inSpan(length: number, span: number): boolean {
  return length >= 1 && length <= span;
}

/** A reset that the sender's own firewall gave it for a SYN that never left, which ports and addresses must tell. */
function isLocalReset(sighting: Sighting, plan: FlowPlan): boolean {
  const tcp = tcpOf(sighting);
  return (
    sighting.node === plan.flow.from &&
    sighting.interface === LOOPBACK &&
    sighting.ip.source === plan.flow.address &&
    tcp?.sourcePort === plan.destinationPort &&
    plan.sourcePort !== null &&
    tcp.destinationPort === plan.sourcePort
  );
}

/** How far `position` is ahead of `start`, modulo 2^32. */
function distance(start: number, position: number): number {
  return (position - start) >>> 0;
}

function tcpOf(sighting: Sighting): Tcp | null {
  const { transport } = sighting.ip;
  return transport?.kind === 'tcp' ? transport : null;
}
