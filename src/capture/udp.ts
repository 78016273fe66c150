import type { Udp } from '../model/packet.js';
import { u16 } from './bytes.js';

const HEADER_LENGTH = 8;

/** A UDP datagram (RFC 768), its data as far as captured. A length field of 0 means "to the end" (RFC 2675). */
export function decodeUdp(bytes: Uint8Array): Udp | null {
  if (bytes.length < HEADER_LENGTH) return null;
  const length = u16(bytes, 4);
  if (length !== 0 && length < HEADER_LENGTH) return null;
  return {
    kind: 'udp',
    sourcePort: u16(bytes, 0),
    destinationPort: u16(bytes, 2),
    data: bytes.subarray(HEADER_LENGTH, length === 0 ? bytes.length : length),
  };
}
