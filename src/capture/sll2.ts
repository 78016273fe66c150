import type { PacketType } from '../model/packet.js';
import { linkText } from './address.js';
import { u8, u16, u32 } from './bytes.js';
import type { LinkHeader } from './link.js';

const HEADER_LENGTH = 20;
const PACKET_TYPES: readonly PacketType[] = ['host', 'broadcast', 'multicast', 'otherhost', 'outgoing'];

/**
 * The header of LINKTYPE_LINUX_SLL2: protocol, reserved, interface index, ARPHRD type, packet
 * type, address length, address (https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html).
 * A packet type beyond the documented ones is taken for `otherhost`: no hop is claimed from it.
 */
export function decodeSll2(record: Uint8Array): LinkHeader | null {
  if (record.length < HEADER_LENGTH) return null;
  return {
    interfaceIndex: u32(record, 4),
    packetType: PACKET_TYPES[u8(record, 10)] ?? 'otherhost',
    linkSource: linkText(record.subarray(12, 12 + Math.min(u8(record, 11), 8))),
    linkDestination: null,
    etherType: u16(record, 0),
    length: HEADER_LENGTH,
  };
}
