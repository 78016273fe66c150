import type { Frame, Packet } from '../model/packet.js';
import { decodeArp } from './arp.js';
import { decodeEthernet } from './ethernet.js';
import { decodeIp } from './ip.js';
import type { LinkHeader } from './link.js';
import { decodeSll2 } from './sll2.js';
import { untag } from './vlan.js';

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_ARP = 0x0806;
const ETHERTYPE_IPV6 = 0x86dd;

/** Takes the layer-2 header off a record; null where it is broken off. */
export type LinkDecoder = (record: Uint8Array) => LinkHeader | null;

/** By link-layer header type, https://www.tcpdump.org/linktypes.html. */
export const LINK_DECODERS: ReadonlyMap<number, LinkDecoder> = new Map([
  [1, decodeEthernet],
  [276, decodeSll2],
]);

const BROKEN_OFF: LinkHeader = {
  interfaceIndex: 0,
  packetType: 'otherhost',
  linkSource: '',
  linkDestination: null,
  etherType: 0,
  length: 0,
};

/** Decodes one record. Whatever its bytes, it gives a frame: what cannot be decoded is null in it. */
export function decodeFrame(
  decodeLink: LinkDecoder,
  time: bigint,
  record: Uint8Array,
  wireLength: number,
): Frame {
  const link = decodeLink(record) ?? BROKEN_OFF;
  const { vlans, etherType, payload } = untag(link.etherType, record.subarray(link.length));
  return {
    time,
    interfaceIndex: link.interfaceIndex,
    packetType: link.packetType,
    linkSource: link.linkSource,
    linkDestination: link.linkDestination,
    vlans,
    etherType,
    packet: decodePacket(etherType, payload, wireLength - link.length - 4 * vlans.length),
    payload,
  };
}

function decodePacket(etherType: number, payload: Uint8Array, wireLength: number): Packet | null {
  if (etherType === ETHERTYPE_ARP) return decodeArp(payload);
  if (etherType !== ETHERTYPE_IPV4 && etherType !== ETHERTYPE_IPV6) return null;
  const ip = decodeIp(payload, wireLength);
  return ip?.family === (etherType === ETHERTYPE_IPV4 ? 4 : 6) ? ip : null;
}
