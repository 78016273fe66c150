import { ipv4Text } from './address.js';
import { u8, u16 } from './bytes.js';
import type { IpHeader } from './ip-header.js';

const MINIMUM_LENGTH = 20;

/** The header of an IPv4 packet (RFC 791), options skipped; null where it is broken or broken off. */
export function decodeIpv4Header(bytes: Uint8Array, wireLength: number): IpHeader | null {
  if (bytes.length < MINIMUM_LENGTH || u8(bytes, 0) >> 4 !== 4) return null;
  const length = (u8(bytes, 0) & 0x0f) * 4;
  const totalLength = u16(bytes, 2) === 0 ? wireLength : u16(bytes, 2);
  if (length < MINIMUM_LENGTH || totalLength < length) return null;
  const fragment = u16(bytes, 6);
  return {
    family: 4,
    source: ipv4Text(bytes, 12),
    destination: ipv4Text(bytes, 16),
    ttl: u8(bytes, 8),
    identification: u16(bytes, 4),
    protocol: u8(bytes, 9),
    fragmentOffset: (fragment & 0x1fff) * 8,
    moreFragments: (fragment & 0x2000) !== 0,
    payload: bytes.length < length ? null : bytes.subarray(length, totalLength),
    payloadLength: totalLength - length,
  };
}
