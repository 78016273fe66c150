import type { Ip } from '../model/packet.js';

/** An IP header, extension headers included, taken off its payload. */
export interface IpHeader extends Omit<Ip, 'kind' | 'transport'> {
  /** What follows the headers, as far as captured and without padding of the link; null where the headers are broken off. */
  readonly payload: Uint8Array | null;
  /** Length of the payload on the wire. */
  readonly payloadLength: number;
}
