import type { NodeState, Passage } from '../model/evidence.js';
import type { Family } from '../model/family.js';
import type { Flow } from '../model/scenario.js';

/** What a node's routing is asked: struct flowi in the kernel's include/net/flow.h. */
export interface Query {
  readonly family: Family;
  /** Null where the node is still to choose it. */
  readonly source: string | null;
  readonly destination: string;
  /** Protocol number; null where none is given. */
  readonly protocol: number | null;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  readonly mark: number;
  /** The interface by which the packet entered; null where the node made it, for which the rules have `iif lo`. */
  readonly iif: string | null;
  /** The device that its socket, or the kernel for it, asks to send by; null for none. */
  readonly oif: string | null;
  /** Whether no other device will do. In IPv4 an `oif` always binds; an IPv6 echo reply only prefers one. */
  readonly isBound: boolean;
}

/** The packet a node makes or gets, with nothing said but where it goes. */
export function queryTo(family: Family, destination: string, more: Partial<Query> = {}): Query {
  return {
    ...{ family, destination, source: null, protocol: null, sourcePort: null, destinationPort: null },
    ...{ mark: 0, iif: null, oif: null, isBound: false },
    ...more,
  };
}

/** The VRF that a device is, or is in; null for none. Documentation/networking/vrf.rst. */
export function vrfOf({ devices }: NodeState, name: string | null): string | null {
  const device = devices.find((each) => each.name === name);
  const master = device?.kind === 'vrf' ? device : devices.find((each) => each.name === device?.master);
  return master?.kind === 'vrf' ? master.name : null;
}

/**
 * How a node's routing was asked about a packet of a flow. Where the source was still to be chosen there are two
 * queries: one without it and, as connect(2) makes for TCP, one with it (ip_route_connect in include/net/route.h).
 */
export function queriesFor(
  { leg, node, in: iif, packet }: Passage,
  flow: Flow,
  passages: readonly Passage[],
  mark: number,
  vrf: (device: string | null) => string | null,
): readonly Query[] {
  const query = queryTo(packet.family, packet.destination, {
    ...{ source: packet.source, protocol: packet.protocol, mark, iif },
    ...{ sourcePort: packet.sourcePort, destinationPort: packet.destinationPort },
  });
  if (iif !== null) return [query];
  if (leg === 'request') {
    const { bindAddress, bindDevice } = flow.probe;
    const asked = { ...query, oif: bindDevice, isBound: bindDevice !== null };
    const open = { ...asked, source: null };
    return bindAddress === null ? [open, asked, ...sourceProbes(flow, open)] : [asked];
  }
  const entered = passages.find((each) => each.leg === 'request' && each.node === node)?.in ?? null;
  // icmpv6_echo_reply in net/ipv6/icmp.c asks for the device by which the request came; icmp_reply for its VRF.
  const isEchoReply = packet.protocol === 58 && !packet.isRefusal;
  const answer = { ...query, oif: vrf(entered) ?? (isEchoReply ? entered : null) };
  return isSourceOpen(flow) ? [{ ...answer, source: null }, answer] : [answer];
}

/** Of iputils' ping, which first asks for its source by a UDP socket that it connects to this port: ping/ping.c, ping6_common.c. */
const SOURCE_PROBE_PORT = 1025;

function sourceProbes({ probe }: Flow, open: Query): readonly Query[] {
  if (probe.protocol !== 'icmp') return [];
  return [{ ...open, protocol: 17, sourcePort: null, destinationPort: SOURCE_PROBE_PORT }];
}

/** Whether the answering program leaves the source of its answer to the kernel; ip(7), IP_PKTINFO. */
function isSourceOpen({ probe }: Flow): boolean {
  return probe.protocol === 'udp' && probe.responder === 'wildcard';
}
