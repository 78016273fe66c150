import type { Icmp, Ip } from '../model/packet.js';
import { ipv6Text } from './address.js';
import { u8, u16 } from './bytes.js';

const HEADER_LENGTH = 8;

interface Kinds {
  readonly echo: ReadonlySet<number>;
  readonly errors: ReadonlySet<number>;
  readonly neighbour: ReadonlySet<number>;
}

/** RFC 792: unreachable, source quench, time exceeded, parameter problem. */
const ICMP: Kinds = { echo: new Set([0, 8]), errors: new Set([3, 4, 11, 12]), neighbour: new Set() };

/** RFC 4443: unreachable, too big, time exceeded, parameter problem. RFC 4861: solicitation and advertisement. */
const ICMP6: Kinds = {
  echo: new Set([128, 129]),
  errors: new Set([1, 2, 3, 4]),
  neighbour: new Set([135, 136]),
};

/**
 * An ICMP message of either family, its data as far as captured. `decodeQuoted` decodes the packet
 * that an error is about.
 */
export function decodeIcmp(
  bytes: Uint8Array,
  family: 4 | 6,
  decodeQuoted: (bytes: Uint8Array) => Ip | null,
): Icmp | null {
  if (bytes.length < HEADER_LENGTH) return null;
  const kinds = family === 4 ? ICMP : ICMP6;
  const type = u8(bytes, 0);
  const data = bytes.subarray(HEADER_LENGTH);
  return {
    kind: 'icmp',
    type,
    code: u8(bytes, 1),
    echo: kinds.echo.has(type) ? { id: u16(bytes, 4), sequence: u16(bytes, 6) } : null,
    quoted: kinds.errors.has(type) ? decodeQuoted(data) : null,
    neighbourTarget: kinds.neighbour.has(type) && data.length >= 16 ? ipv6Text(data, 0) : null,
    data,
  };
}
