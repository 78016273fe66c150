import { ipv6Text } from './address.js';
import { u8, u16, u32 } from './bytes.js';
import type { IpHeader } from './ip-header.js';

const HEADER_LENGTH = 40;
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;

interface Extensions {
  readonly protocol: number;
  readonly identification: number | null;
  readonly fragmentOffset: number;
  readonly moreFragments: boolean;
  /** Where the payload begins; null where an extension header is broken off. */
  readonly end: number | null;
}

/** The header of an IPv6 packet with its extension headers (RFC 8200); null where it is broken or broken off. */
export function decodeIpv6Header(bytes: Uint8Array, wireLength: number): IpHeader | null {
  if (bytes.length < HEADER_LENGTH || u8(bytes, 0) >> 4 !== 6) return null;
  const totalLength = u16(bytes, 4) === 0 ? wireLength : HEADER_LENGTH + u16(bytes, 4);
  const captured = bytes.subarray(0, totalLength);
  const { end, ...extensions } = decodeExtensions(captured);
  return {
    family: 6,
    source: ipv6Text(bytes, 8),
    destination: ipv6Text(bytes, 24),
    ttl: u8(bytes, 7),
    ...extensions,
    payload: end === null ? null : captured.subarray(end),
    payloadLength: Math.max(0, totalLength - (end ?? HEADER_LENGTH)),
  };
}

/** Walks the extension headers; those of a later fragment belong to the unfragmented packet and are left alone. */
function decodeExtensions(bytes: Uint8Array): Extensions {
  let protocol = u8(bytes, 6);
  let offset = HEADER_LENGTH;
  let identification: number | null = null;
  let fragmentOffset = 0;
  let moreFragments = false;
  while (fragmentOffset === 0 && isExtension(protocol)) {
    if (offset + 8 > bytes.length)
      return { protocol, identification, fragmentOffset, moreFragments, end: null };
    const length = extensionLength(protocol, u8(bytes, offset + 1));
    if (protocol === FRAGMENT) {
      fragmentOffset = u16(bytes, offset + 2) & 0xfff8;
      moreFragments = (u8(bytes, offset + 3) & 1) === 1;
      identification = u32(bytes, offset + 4);
    }
    protocol = u8(bytes, offset);
    offset += length;
  }
  const end = offset <= bytes.length ? offset : null;
  return { protocol, identification, fragmentOffset, moreFragments, end };
}

function isExtension(protocol: number): boolean {
  return (
    protocol === HOP_BY_HOP ||
    protocol === ROUTING ||
    protocol === FRAGMENT ||
    protocol === AUTHENTICATION ||
    protocol === DESTINATION_OPTIONS
  );
}

function extensionLength(protocol: number, lengthField: number): number {
  if (protocol === FRAGMENT) return 8;
  return protocol === AUTHENTICATION ? (lengthField + 2) * 4 : (lengthField + 1) * 8;
}
