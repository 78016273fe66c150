import type { Connection, ConnectionTuple } from '../model/connection.js';
import type { Ip } from '../model/packet.js';
import type { Sighting } from './sighting.js';
import type { FlowTraffic } from './traffic.js';

/** The entries of connection tracking that belong to a flow, in the order in which its requests met them. */
export type Tracking = (traffic: FlowTraffic) => readonly Connection[];

/**
 * An entry belongs to a flow where a request of it was sighted at the entry's node as the node got it (the original
 * tuple), or as it sent it on (the reply tuple turned round).
 */
export function trackingFinder(connections: readonly Connection[]): Tracking {
  const entries = new Map<string, Connection>();
  for (const connection of connections) {
    const { node, protocol, id, original, reply } = connection;
    entries.set(keyOf(node, protocol, id, turned(reply)), connection);
    entries.set(keyOf(node, protocol, id, original), connection);
  }
  return ({ requests }) => {
    if (entries.size === 0) return [];
    const sightings = [...requests.values()].flat().sort(byTime);
    return [...new Set(sightings.flatMap((sighting) => entries.get(sightedKey(sighting)) ?? []))];
  };
}

function byTime(a: Sighting, b: Sighting): number {
  return a.frame.time < b.frame.time ? -1 : 1;
}

function turned({ source, destination, sourcePort, destinationPort }: ConnectionTuple): ConnectionTuple {
  return {
    source: destination,
    destination: source,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
  };
}

function sightedKey({ node, ip }: Sighting): string {
  const { source, destination, transport } = ip;
  const isEcho = transport?.kind === 'icmp';
  const ports =
    transport === null || isEcho
      ? { sourcePort: null, destinationPort: null }
      : { sourcePort: transport.sourcePort, destinationPort: transport.destinationPort };
  const id = isEcho ? (transport.echo?.id ?? null) : null;
  return keyOf(node, protocolOf(ip), id, { source, destination, ...ports });
}

function protocolOf({ transport, family }: Ip): string {
  return transport?.kind === 'icmp' && family === 6 ? 'icmpv6' : (transport?.kind ?? '');
}

function keyOf(node: string, protocol: string, id: number | null, tuple: ConnectionTuple): string {
  const { source, destination, sourcePort, destinationPort } = tuple;
  return [node, protocol, id, source, sourcePort, destination, destinationPort].join(' ');
}
