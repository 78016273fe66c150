import type { Ip } from '../model/packet.js';
import type { FlowPlan } from '../model/plan.js';
import { LOOPBACK } from './device.js';
import type { Sighting } from './sighting.js';
import type { Recognised, TokenReader } from './token.js';
import { addTo, type FlowTraffic } from './traffic.js';

type Request = Pick<Recognised, 'traffic' | 'number'>;

/**
 * Adds the ICMP errors about requests. The quoted packet is known by its token; where the quote ends
 * before it, by addresses, ports and sequence as the request was sighted somewhere (translated or
 * not); and for a request that never left its node, by what the plan says of it.
 */
export function addErrors(
  flows: readonly FlowTraffic[],
  sightings: readonly Sighting[],
  readToken: TokenReader,
): void {
  const sighted = sightedRequests(flows);
  for (const sighting of sightings) {
    const { transport } = sighting.ip;
    if (transport?.kind !== 'icmp' || transport.quoted === null) continue;
    const { quoted } = transport;
    const request =
      tokenRequest(quoted, readToken) ??
      sighted.get(wireIdentity(quoted) ?? '') ??
      unsent(flows, sighting, quoted);
    if (request !== null && isHop(sighting, request.traffic)) {
      addTo(request.traffic.errors, request.number, sighting);
    }
  }
}

/** Loopback is no hop, save for what `from` tells itself of its own request. */
function isHop(sighting: Sighting, { observed }: FlowTraffic): boolean {
  return sighting.interface !== LOOPBACK || sighting.node === observed.plan.flow.from;
}

function tokenRequest(quoted: Ip, readToken: TokenReader): Request | null {
  const found = readToken(quoted.transport);
  return found?.kind === 'request' ? found : null;
}

function sightedRequests(flows: readonly FlowTraffic[]): Map<string, Request> {
  const requests = new Map<string, Request>();
  for (const traffic of flows) {
    for (const [number, sightings] of traffic.requests) {
      for (const { ip } of sightings) {
        const identity = wireIdentity(ip);
        if (identity !== null && !requests.has(identity)) requests.set(identity, { traffic, number });
      }
    }
  }
  return requests;
}

/** What every quote has of a packet: addresses and the first 8 bytes of the transport header. */
function wireIdentity({ source, destination, transport }: Ip): string | null {
  if (transport === null) return null;
  const ends = `${source} ${destination}`;
  if (transport.kind === 'icmp') {
    return transport.echo === null ? null : `icmp ${ends} ${transport.echo.id} ${transport.echo.sequence}`;
  }
  const ports = `${transport.sourcePort} ${transport.destinationPort}`;
  return transport.kind === 'udp' ? `udp ${ends} ${ports}` : `tcp ${ends} ${ports} ${transport.sequence}`;
}

function unsent(flows: readonly FlowTraffic[], sighting: Sighting, quoted: Ip): Request | null {
  if (sighting.interface !== LOOPBACK) return null;
  const traffic = flows.find(
    ({ observed }) => observed.plan.flow.from === sighting.node && isPlanned(observed.plan, quoted),
  );
  return traffic === undefined ? null : { traffic, number: 1 };
}

function isPlanned({ flow, sourcePort, destinationPort }: FlowPlan, { destination, transport }: Ip): boolean {
  if (transport === null || transport.kind === 'icmp' || transport.kind !== flow.probe.protocol) return false;
  return (
    destination === flow.address &&
    transport.destinationPort === destinationPort &&
    (sourcePort === null || transport.sourcePort === sourcePort)
  );
}
