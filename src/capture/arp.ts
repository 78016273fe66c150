import type { Arp } from '../model/packet.js';
import { ipv4Text, linkText } from './address.js';
import { u8, u16 } from './bytes.js';

const LENGTH = 28;
const ETHERNET = 1;
const IPV4 = 0x0800;

/** ARP for IPv4 over Ethernet (RFC 826); null for other kinds and for what is broken off. */
export function decodeArp(bytes: Uint8Array): Arp | null {
  if (bytes.length < LENGTH) return null;
  if (u16(bytes, 0) !== ETHERNET || u16(bytes, 2) !== IPV4 || u8(bytes, 4) !== 6 || u8(bytes, 5) !== 4) {
    return null;
  }
  return {
    kind: 'arp',
    operation: operation(u16(bytes, 6)),
    senderLink: linkText(bytes.subarray(8, 14)),
    sender: ipv4Text(bytes, 14),
    targetLink: linkText(bytes.subarray(18, 24)),
    target: ipv4Text(bytes, 24),
  };
}

function operation(code: number): Arp['operation'] {
  if (code === 1) return 'request';
  return code === 2 ? 'reply' : 'other';
}
