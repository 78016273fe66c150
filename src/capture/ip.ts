import type { Ip, Transport } from '../model/packet.js';
import { u8 } from './bytes.js';
import { decodeIcmp } from './icmp.js';
import type { IpHeader } from './ip-header.js';
import { decodeIpv4Header } from './ipv4.js';
import { decodeIpv6Header } from './ipv6.js';
import { decodeQuotedTcp, decodeTcp } from './tcp.js';
import { decodeUdp } from './udp.js';

const PROTOCOL_ICMP = 1;
const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const PROTOCOL_ICMP6 = 58;

/** An IP packet of either family; `wireLength` is its length before the capture cut it. */
export function decodeIp(bytes: Uint8Array, wireLength: number): Ip | null {
  return decode(bytes, wireLength, decodeTcp, decodeQuoted);
}

/** The packet in an ICMP error; no error is sent about an error (RFC 1122 3.2.2), so that no quote holds another. */
function decodeQuoted(bytes: Uint8Array): Ip | null {
  return decode(bytes, bytes.length, decodeQuotedTcp, () => null);
}

function decode(
  bytes: Uint8Array,
  wireLength: number,
  tcp: typeof decodeTcp,
  quoted: (bytes: Uint8Array) => Ip | null,
): Ip | null {
  const decodeHeader = u8(bytes, 0) >> 4 === 4 ? decodeIpv4Header : decodeIpv6Header;
  const header = decodeHeader(bytes, wireLength);
  if (header === null) return null;
  const { payload, payloadLength, ...fields } = header;
  return { kind: 'ip', ...fields, transport: decodeTransport(header, tcp, quoted) };
}

function decodeTransport(
  header: IpHeader,
  tcp: typeof decodeTcp,
  quoted: (bytes: Uint8Array) => Ip | null,
): Transport | null {
  const { payload, payloadLength, protocol, family } = header;
  if (payload === null || header.fragmentOffset > 0) return null;
  if (protocol === PROTOCOL_UDP) return decodeUdp(payload);
  if (protocol === PROTOCOL_TCP) return tcp(payload, payloadLength);
  if (protocol === (family === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMP6))
    return decodeIcmp(payload, family, quoted);
  return null;
}
