import type { Connection } from '../model/connection.js';
import type { Passage, RoutedPacket } from '../model/evidence.js';
import type { Probe } from '../model/scenario.js';
import type { FilteredPacket } from './rule-match.js';

/** What of a flow decides how connection tracking sees its packets. */
export interface Tracked {
  readonly passages: readonly Passage[];
  readonly connections: readonly Connection[];
  readonly probe: Pick<Probe, 'protocol'>;
}

/** A packet as the rules of a node meet it. @param out by which it is to leave; null where that is open, or it does not. */
export function filteredPacket(passage: Passage, out: string | null, tracked: Tracked): FilteredPacket {
  const { packet } = passage;
  return {
    ...{ family: packet.family, protocol: packet.protocol },
    ...{ source: packet.source, destination: packet.destination },
    ...{ sourcePort: packet.sourcePort, destinationPort: packet.destinationPort },
    ...{ in: passage.in, out },
    state: stateOf(passage, tracked),
    icmpType: icmpTypeOf(passage, tracked.probe),
    connectionMark: tracked.connections.find(({ node }) => node === passage.node)?.mark ?? 0,
  };
}

/**
 * What connection tracking calls a packet: an answer to what it has not seen is invalid, where it can tell one
 * (nf_conntrack_proto_icmp.c, nf_conntrack_proto_tcp.c); a datagram always begins something.
 */
function stateOf({ leg, node, packet }: Passage, { passages, connections }: Tracked): string | null {
  const isKnown = connections.some((each) => each.node === node);
  if (leg === 'request') return 'new';
  const passed = passages.some((each) => each.leg === 'request' && each.node === node);
  if (packet.isRefusal) return isKnown ? 'related' : passed ? null : 'invalid';
  if (isKnown) return 'established';
  if (passed && connections.length === 0) return null;
  return packet.protocol === UDP ? 'new' : 'invalid';
}

const UDP = 17;

function icmpTypeOf(
  { leg, packet }: { readonly leg: Passage['leg']; readonly packet: RoutedPacket },
  { protocol }: Tracked['probe'],
): string | null {
  if (packet.isRefusal || protocol !== 'icmp') return null;
  return leg === 'request' ? 'echo-request' : 'echo-reply';
}
