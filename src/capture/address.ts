import { u16 } from './bytes.js';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The four bytes at `offset` as a dotted quad. */
export function ipv4Text(bytes: Uint8Array, offset: number): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}

/** The 16 bytes at `offset` in the canonical text of RFC 5952; an IPv4-mapped address ends in a dotted quad (its section 5). */
export function ipv6Text(bytes: Uint8Array, offset: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 8; i++) groups.push(u16(bytes, offset + 2 * i));
  const zeros = longestZeroRun(groups);
  if (zeros.start === 0 && zeros.length === 5 && groups[5] === 0xffff) {
    return `::ffff:${ipv4Text(bytes, offset + 12)}`;
  }
  if (zeros.length < 2) return hexGroups(groups);
  return `${hexGroups(groups.slice(0, zeros.start))}::${hexGroups(groups.slice(zeros.start + zeros.length))}`;
}

function hexGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':');
}

/** The first of the longest runs of zero groups. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [i, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: i + 1 - length, length };
  }
  return best;
}

/** A layer-2 address of any length, lower-case with colons; empty for none. */
export function linkText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += text === '' ? HEX[byte] : `:${HEX[byte]}`;
  return text;
}
