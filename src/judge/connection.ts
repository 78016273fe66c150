import type { Tcp } from '../model/packet.js';
import type { FlowPlan } from '../model/plan.js';
import { LOOPBACK } from './device.js';
import type { Sighting } from './sighting.js';
import { addTo, type FlowTraffic, isOnItsWay } from './traffic.js';

/** The handshake is the first exchange of a TCP flow, the first round of data the second. */
export const HANDSHAKE = 1;
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
  const synchronising = sightings.filter((each) => tcpOf(each)?.flags.syn);
  const resetting = sightings.filter((each) => tcpOf(each)?.flags.rst);
  const initials = initialSequences(connections, synchronising);
  const byInitial = groupByInitial(synchronising);
  for (const traffic of connections) {
    const initial = initials.get(traffic) ?? null;
    if (initial !== null) addHandshake(traffic, byInitial.get(initial) ?? []);
    addResets(traffic, resetting, initial);
  }
}

/**
 * The sequence number of each flow's SYN as it left `from`: by address and ports; else counted back from
 * the first data; else (the node translates its own packets) by the address or the source port alone,
 * among the SYNs that are no other flow's.
 */
function initialSequences(
  flows: readonly FlowTraffic[],
  synchronising: readonly Sighting[],
): ReadonlyMap<FlowTraffic, number> {
  const openings = synchronising.filter((each) => !tcpOf(each)?.flags.ack && each.direction === 'out');
  const initials = new Map<FlowTraffic, number>();
  const taken = new Set<number>();
  const choose = (traffic: FlowTraffic, sequence: number | undefined) => {
    if (sequence === undefined) return;
    taken.add(sequence);
    initials.set(traffic, sequence);
  };
  const opening = (traffic: FlowTraffic, suits: (segment: Sighting, plan: FlowPlan) => boolean) => {
    const { plan } = traffic.observed;
    return openings.find(
      (each) =>
        each.node === plan.flow.from &&
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

function goesTo(sighting: Sighting, plan: FlowPlan): boolean {
  return (
    sighting.ip.destination === plan.flow.address && tcpOf(sighting)?.destinationPort === plan.destinationPort
  );
}

function hasSourcePort(sighting: Sighting, plan: FlowPlan): boolean {
  return plan.sourcePort === null || tcpOf(sighting)?.sourcePort === plan.sourcePort;
}

/** By the sequence number with which each SYN begins a connection, and which each SYN-ACK acknowledges. */
function groupByInitial(synchronising: readonly Sighting[]): ReadonlyMap<number, readonly Sighting[]> {
  const groups = new Map<number, Sighting[]>();
  for (const sighting of synchronising) {
    const tcp = tcpOf(sighting);
    if (tcp === null) continue;
    addTo(groups, tcp.flags.ack ? (tcp.acknowledgement - 1) >>> 0 : tcp.sequence, sighting);
  }
  return groups;
}

function addHandshake(traffic: FlowTraffic, handshake: readonly Sighting[]): void {
  for (const sighting of handshake) {
    if (!isOnItsWay(traffic.observed, sighting)) continue;
    addTo(tcpOf(sighting)?.flags.ack ? traffic.replies : traffic.requests, HANDSHAKE, sighting);
  }
}

/** A reset acknowledges what it refuses, or stands where the answering side had got to (RFC 9293, 3.5.2). */
function addResets(traffic: FlowTraffic, resetting: readonly Sighting[], initial: number | null): void {
  const { plan } = traffic.observed;
  const answer = traffic.replies.get(HANDSHAKE)?.[0];
  const answered = answer === undefined ? null : (tcpOf(answer)?.sequence ?? null);
  const span = (plan.flow.probe.count + 1) * BYTES_PER_ROUND;
  for (const sighting of resetting) {
    const tcp = tcpOf(sighting);
    if (tcp === null) continue;
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
