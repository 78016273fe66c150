import type { Tcp } from '../model/packet.js';
import { u8, u16, u32 } from './bytes.js';

const MINIMUM_LENGTH = 20;
const QUOTED_LENGTH = 8;

/** A TCP segment (RFC 9293), its data as far as captured. `wireLength` is that of header and data together. */
export function decodeTcp(bytes: Uint8Array, wireLength: number): Tcp | null {
  if (bytes.length < MINIMUM_LENGTH) return null;
  const headerLength = (u8(bytes, 12) >> 4) * 4;
  if (headerLength < MINIMUM_LENGTH || wireLength < headerLength) return null;
  const flags = u8(bytes, 13);
  return {
    kind: 'tcp',
    sourcePort: u16(bytes, 0),
    destinationPort: u16(bytes, 2),
    sequence: u32(bytes, 4),
    acknowledgement: u32(bytes, 8),
    flags: {
      fin: (flags & 0x01) !== 0,
      syn: (flags & 0x02) !== 0,
      rst: (flags & 0x04) !== 0,
      psh: (flags & 0x08) !== 0,
      ack: (flags & 0x10) !== 0,
    },
    data: bytes.subarray(headerLength),
    dataLength: wireLength - headerLength,
  };
}

/**
 * A segment quoted by an ICMP error, which need not hold more than its first 8 bytes: ports and
 * sequence number (RFC 792). What is broken off reads as zero, false and empty.
 */
export function decodeQuotedTcp(bytes: Uint8Array, wireLength: number): Tcp | null {
  const whole = decodeTcp(bytes, wireLength);
  if (whole !== null || bytes.length < QUOTED_LENGTH || bytes.length >= MINIMUM_LENGTH) return whole;
  return {
    kind: 'tcp',
    sourcePort: u16(bytes, 0),
    destinationPort: u16(bytes, 2),
    sequence: u32(bytes, 4),
    acknowledgement: 0,
    flags: { syn: false, ack: false, fin: false, rst: false, psh: false },
    data: bytes.subarray(bytes.length),
    dataLength: 0,
  };
}
