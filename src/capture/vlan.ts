import { u16 } from './bytes.js';

const TAG_PROTOCOLS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
const TAG_LENGTH = 4;

export interface Untagged {
  /** Outermost first. */
  readonly vlans: readonly number[];
  readonly etherType: number;
  readonly payload: Uint8Array;
}

const NONE: readonly number[] = [];

/** Takes the VLAN tags (IEEE 802.1Q, 802.1ad) off a payload; a tag that is broken off stays. */
export function untag(etherType: number, payload: Uint8Array): Untagged {
  if (!TAG_PROTOCOLS.has(etherType)) return { vlans: NONE, etherType, payload };
  const vlans: number[] = [];
  let inner = etherType;
  let offset = 0;
  while (TAG_PROTOCOLS.has(inner) && offset + TAG_LENGTH <= payload.length) {
    vlans.push(u16(payload, offset) & 0x0fff);
    inner = u16(payload, offset + 2);
    offset += TAG_LENGTH;
  }
  return { vlans, etherType: inner, payload: payload.subarray(offset) };
}
