import type { PacketType } from '../model/packet.js';

/** A layer-2 header taken off its payload. */
export interface LinkHeader {
  readonly interfaceIndex: number;
  readonly packetType: PacketType;
  readonly linkSource: string;
  readonly linkDestination: string | null;
  readonly etherType: number;
  /** Where the payload begins, VLAN tags included. */
  readonly length: number;
}
