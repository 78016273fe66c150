import type { Frame, PacketType } from '../model/packet.js';

/*
 * Blocks of a pcapng file, little-endian, with time stamps in nanoseconds: the PCAP Now Generic Capture File Format,
 * https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html; numbers of sections below are its own.
 */

/** What a file says of itself. */
export interface SectionAbout {
  readonly hardware: string;
  readonly os: string;
  readonly application: string;
  readonly comments: readonly string[];
}

/** An interface of the file; packets name it by its place among them, from 0. */
export interface CapturedInterface {
  readonly name: string;
  readonly description: string;
  /** Link-layer header type, https://www.tcpdump.org/linktypes.html. */
  readonly linkType: number;
  /** Bytes kept of each packet. */
  readonly snapLength: number;
}

export interface CapturedPacket extends Pick<Frame, 'time' | 'packetType'> {
  readonly interface: number;
  readonly bytes: Uint8Array;
  /** Length before the capture cut it. */
  readonly wireLength: number;
  readonly comments: readonly string[];
}

export interface InterfaceCounts {
  readonly interface: number;
  /** When they were counted, in nanoseconds since 1970. */
  readonly time: bigint;
  readonly captured: number;
  /** Packets that the kernel dropped before they were read; null where that is not known of this interface. */
  readonly dropped: number | null;
  readonly comments: readonly string[];
}

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Of a section, in each half of 64 bits. */
const LENGTH_UNKNOWN = 0xffff_ffff;

/** Codes of options: 3.5, and those of each block. */
const OPTION = {
  end: 0,
  comment: 1,
  section: { hardware: 2, os: 3, application: 4 },
  interface: { name: 2, description: 3, timeResolution: 9 },
  packet: { flags: 2 },
  statistics: { captured: 4, droppedByKernel: 7 },
} as const;

/** A power of ten, negative: 4.2, if_tsresol. */
const NANOSECONDS = 9;

const LONGEST_VALUE = 0xffff;
const ENCODER = new TextEncoder();

/** Bits of a packet's flags: direction (1 in, 2 out) and, three bits further, to whom it went; 4.3.1. */
const FLAGS: Readonly<Record<PacketType, number>> = {
  host: 1 | (1 << 2),
  multicast: 1 | (2 << 2),
  broadcast: 1 | (3 << 2),
  otherhost: 1 | (4 << 2),
  outgoing: 2,
};

/** Appends blocks one after the other. What has been appended is taken away piece by piece, so that a file may be of any size. */
export class PcapngWriter {
  #bytes: Buffer;
  #end = 0;
  #blockBegin = 0;
  /** For the halves of 64 bits. */
  readonly #scratch = new DataView(new ArrayBuffer(8));

  /** @param pieceLength how many bytes are to be there before a piece is full */
  constructor(private readonly pieceLength: number) {
    this.#bytes = Buffer.allocUnsafe(pieceLength);
  }

  /** Whether there is enough to take it away. */
  get isFull(): boolean {
    return this.#end >= this.pieceLength;
  }

  /** All that was appended since the last time. */
  take(): Uint8Array {
    const piece = this.#bytes.subarray(0, this.#end);
    this.#bytes = Buffer.allocUnsafe(this.pieceLength);
    this.#end = 0;
    return piece;
  }

  /** Begins a file; 4.1. */
  section({ hardware, os, application, comments }: SectionAbout): void {
    this.#begin(SECTION_HEADER);
    this.#u32(BYTE_ORDER_MAGIC);
    this.#u16(1);
    this.#u16(0);
    this.#u32(LENGTH_UNKNOWN);
    this.#u32(LENGTH_UNKNOWN);
    this.#comments(comments);
    this.#text(OPTION.section.hardware, hardware);
    this.#text(OPTION.section.os, os);
    this.#text(OPTION.section.application, application);
    this.#finish();
  }

  /** Stands before the first packet of the interface; 4.2. */
  interface({ linkType, snapLength, name, description }: CapturedInterface): void {
    this.#begin(INTERFACE_DESCRIPTION);
    this.#u16(linkType);
    this.#u16(0);
    this.#u32(snapLength);
    this.#text(OPTION.interface.name, name);
    this.#text(OPTION.interface.description, description);
    this.#option(OPTION.interface.timeResolution, 1);
    this.#value(Uint8Array.of(NANOSECONDS));
    this.#finish();
  }

  /** A packet with what is said of it; 4.3. */
  packet({ bytes, wireLength, time, packetType, comments, ...packet }: CapturedPacket): void {
    this.#begin(ENHANCED_PACKET);
    this.#u32(packet.interface);
    this.#time(time);
    this.#u32(bytes.length);
    this.#u32(wireLength);
    this.#value(bytes);
    this.#comments(comments);
    this.#option(OPTION.packet.flags, 4);
    this.#u32(FLAGS[packetType]);
    this.#finish();
  }

  /** What an interface's capture came to; 4.6. */
  statistics({ time, comments, captured, dropped, ...counts }: InterfaceCounts): void {
    this.#begin(INTERFACE_STATISTICS);
    this.#u32(counts.interface);
    this.#time(time);
    this.#comments(comments);
    this.#count(OPTION.statistics.captured, captured);
    if (dropped !== null) this.#count(OPTION.statistics.droppedByKernel, dropped);
    this.#finish();
  }

  /** A block's length stands at both of its ends; 3.1. */
  #begin(type: number): void {
    this.#blockBegin = this.#end;
    this.#u32(type);
    this.#u32(0);
  }

  #finish(): void {
    this.#option(OPTION.end, 0);
    const length = this.#end + 4 - this.#blockBegin;
    this.#u32(length);
    this.#bytes.writeUInt32LE(length, this.#blockBegin + 4);
  }

  #comments(comments: readonly string[]): void {
    for (const comment of comments) this.#text(OPTION.comment, comment);
  }

  /** In UTF-8, and no longer than an option may be: cut after a whole character. */
  #text(code: number, text: string): void {
    const room = Math.min(3 * text.length, LONGEST_VALUE);
    this.#reserve(room + 8);
    const begin = this.#end + 4;
    const { written } = ENCODER.encodeInto(text, this.#bytes.subarray(begin, begin + room));
    this.#option(code, written);
    this.#end += written;
    this.#pad();
  }

  #count(code: number, value: number): void {
    this.#option(code, 8);
    this.#reserve(8);
    this.#end = this.#bytes.writeBigUInt64LE(BigInt(value), this.#end);
  }

  /** What stands before the value of an option: its length is without what pads it to 32 bits; 3.5. */
  #option(code: number, length: number): void {
    this.#u16(code);
    this.#u16(length);
  }

  #value(bytes: Uint8Array): void {
    this.#reserve(bytes.length + 4);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
    this.#pad();
  }

  #pad(): void {
    while ((this.#end - this.#blockBegin) % 4 !== 0) this.#bytes[this.#end++] = 0;
  }

  /** The upper half comes first, whatever the byte order. */
  #time(time: bigint): void {
    this.#scratch.setBigUint64(0, time);
    this.#u32(this.#scratch.getUint32(0));
    this.#u32(this.#scratch.getUint32(4));
  }

  #u16(value: number): void {
    this.#reserve(2);
    this.#end = this.#bytes.writeUInt16LE(value, this.#end);
  }

  #u32(value: number): void {
    this.#reserve(4);
    this.#end = this.#bytes.writeUInt32LE(value, this.#end);
  }

  #reserve(length: number): void {
    if (this.#end + length <= this.#bytes.length) return;
    const longer = Buffer.allocUnsafe(2 * (this.#end + length));
    longer.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = longer;
  }
}
