import type { PacketType } from '../model/packet.js';
import { linkText } from './address.js';
import { u8, u16 } from './bytes.js';
import type { LinkHeader } from './link.js';

const HEADER_LENGTH = 14;
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

/**
 * The header of an Ethernet frame (IEEE 802.3). A capture of this kind names neither interface
 * nor direction: the interface index is 0, and a unicast frame counts as meant for the host.
 */
export function decodeEthernet(record: Uint8Array): LinkHeader | null {
  if (record.length < HEADER_LENGTH) return null;
  const linkDestination = linkText(record.subarray(0, 6));
  return {
    interfaceIndex: 0,
    packetType: packetType(linkDestination, u8(record, 0)),
    linkSource: linkText(record.subarray(6, 12)),
    linkDestination,
    etherType: u16(record, 12),
    length: HEADER_LENGTH,
  };
}

function packetType(destination: string, firstByte: number): PacketType {
  if (destination === BROADCAST) return 'broadcast';
  return (firstByte & 1) === 1 ? 'multicast' : 'host';
}
