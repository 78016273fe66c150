import { IPv4, IPv6 } from 'ip-num';
import type { Family } from '../model/family.js';

/** An IP address. `text` is canonical: dotted decimal, or RFC 5952. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
  readonly text: string;
}

/** An address with a prefix length, host bits kept: `192.0.2.10/24` has the network `192.0.2.0`. */
export interface Prefix {
  readonly family: Family;
  readonly address: Address;
  readonly prefixLength: number;
  readonly network: Address;
}

/** Texts read before: every scenario of a suite names the same few addresses, and ip-num takes its time. */
const known = new Map<string, Address | null>();
const MOST_KNOWN = 10_000;

const DOTTED = /^[0-9.]+$/;
const COLONED = /^[0-9a-f:.]+$/i;

/**
 * Reads an address, strictly: no leading zeros in IPv4, no zone (`%eth0`), no spaces, no prefix
 * length. Null where it is none. The family is decided before ip-num sees the text, because its
 * parsers and ranges accept some of the other family's.
 */
export function parseAddress(text: string): Address | null {
  const before = known.get(text);
  if (before !== undefined) return before;
  if (known.size >= MOST_KNOWN) known.clear();
  const address = readAddress(text);
  known.set(text, address);
  return address;
}

function readAddress(text: string): Address | null {
  const family = DOTTED.test(text) ? 4 : COLONED.test(text) && text.includes(':') ? 6 : null;
  if (family === null) return null;
  try {
    return makeAddress(family, family === 4 ? new IPv4(text).getValue() : new IPv6(text).getValue());
  } catch {
    return null;
  }
}

/** Reads `address/length`. Null where it is none, also without a length. */
export function parsePrefix(text: string): Prefix | null {
  const match = /^([^/]+)\/(0|[1-9][0-9]{0,2})$/.exec(text);
  const address = parseAddress(match?.[1] ?? '');
  if (address === null) return null;
  return makePrefix(address, Number(match?.[2]));
}

/** The prefix of an address with a length in bits; null where the family has no such length. */
export function makePrefix(address: Address, prefixLength: number): Prefix | null {
  const { family, value } = address;
  const bits = addressBits(family);
  if (!Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > bits) return null;
  const hostBits = BigInt(bits - prefixLength);
  const network = makeAddress(family, (value >> hostBits) << hostBits);
  return { family, address, prefixLength, network };
}

/** Whether a prefix holds an address; false across families. */
export function contains(prefix: Prefix, address: Address): boolean {
  if (prefix.family !== address.family) return false;
  const hostBits = BigInt(addressBits(prefix.family) - prefix.prefixLength);
  return prefix.network.value >> hostBits === address.value >> hostBits;
}

/** Whether the prefix of a text has the address of another; false where either is none. */
export function holds(prefixText: string, addressText: string): boolean {
  const [prefix, address] = [parsePrefix(prefixText), parseAddress(addressText)];
  return prefix !== null && address !== null && contains(prefix, address);
}

/** Whether bits are set beyond the prefix length, as in `192.0.2.10/24`. */
export function hasHostBits(prefix: Prefix): boolean {
  return prefix.address.value !== prefix.network.value;
}

/** The network in canonical text: `192.0.2.0/24`. */
export function networkText(prefix: Prefix): string {
  return `${prefix.network.text}/${prefix.prefixLength}`;
}

/** Length of an address in bits: 32 or 128. */
export function addressBits(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** fe80::/10 (RFC 4291, 2.5.6): means something only together with an interface. */
export function isLinkLocal(address: Address): boolean {
  return address.family === 6 && address.value >> 118n === 0x3fan;
}

function makeAddress(family: Family, value: bigint): Address {
  return { family, value, text: family === 4 ? new IPv4(value).toString() : ipv6Text(value) };
}

/**
 * RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as `::`,
 * and IPv4-mapped addresses with their last 32 bits dotted (section 5).
 */
function ipv6Text(value: bigint): string {
  if (value >> 32n === 0xffffn) return `::ffff:${new IPv4(value & 0xffffffffn).toString()}`;
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - 16 * index)) & 0xffffn);
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0n) length++;
    if (length > best.length) best = { start, length };
  }
  const text = (part: readonly bigint[]) => part.map((group) => group.toString(16)).join(':');
  if (best.length < 2) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}
