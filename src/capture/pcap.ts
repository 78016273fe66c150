import type { Frame } from '../model/packet.js';
import { decodeFrame, LINK_DECODERS, type LinkDecoder } from './frame.js';

const FILE_HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;
/** The longest record that libpcap itself accepts (MAXIMUM_SNAPLEN). */
const MAXIMUM_RECORD_LENGTH = 262_144;

/** What the header of a capture says of its records. */
interface PcapFormat {
  /** Link-layer header type, https://www.tcpdump.org/linktypes.html. */
  readonly linkType: number;
  readonly littleEndian: boolean;
  readonly nanosecondsPerUnit: bigint;
  readonly decodeLink: LinkDecoder;
}

/** The capture stream itself is damaged or of a kind that is not read: broken machinery, not a strange packet. */
export class PcapError extends Error {
  override readonly name = 'PcapError';
}

/** A packet as it stands in a stream, not decoded. */
export interface PcapRecord {
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  /** As far as captured. */
  readonly bytes: Uint8Array;
  /** Its length before the capture cut it. */
  readonly wireLength: number;
}

/** Reads a classic pcap stream (pcap-savefile(5)) as it grows, of either byte order and precision, into frames. */
export class PcapReader {
  readonly #records = new PcapRecords();

  /** Whether the header of the stream has been read: tcpdump writes it once it captures. */
  get started(): boolean {
    return this.#records.format !== null;
  }

  /**
   * Takes the next bytes of the stream and gives the frames that they complete, one for each record. The frames refer
   * to `chunk`: leave it unchanged.
   * @throws PcapError where the stream is not a capture that can be read.
   */
  push(chunk: Uint8Array): Frame[] {
    const records = this.#records.push(chunk);
    const { format } = this.#records;
    if (format === null) return [];
    return records.map(({ time, bytes, wireLength }) =>
      decodeFrame(format.decodeLink, time, bytes, wireLength),
    );
  }
}

/** Reads the same stream into records, with link type Ethernet or LINUX_SLL2. */
export class PcapRecords {
  #rest: Uint8Array = new Uint8Array(0);
  #format: PcapFormat | null = null;

  /** What the header of the stream says; null until it has been read. */
  get format(): PcapFormat | null {
    return this.#format;
  }

  /**
   * Takes the next bytes of the stream and gives the records that they complete, which refer to `chunk`.
   * @throws PcapError where the stream is not a capture that can be read.
   */
  push(chunk: Uint8Array): PcapRecord[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let offset = 0;
    if (this.#format === null) {
      if (bytes.length < FILE_HEADER_LENGTH) {
        this.#rest = bytes;
        return [];
      }
      this.#format = readFormat(view);
      offset = FILE_HEADER_LENGTH;
    }
    const records: PcapRecord[] = [];
    for (;;) {
      const end = recordEnd(view, offset, this.#format);
      if (end > bytes.length) break;
      records.push(readRecord(bytes, view, offset, end, this.#format));
      offset = end;
    }
    this.#rest = bytes.subarray(offset);
    return records;
  }
}

function readFormat(view: DataView): PcapFormat {
  const magic = view.getUint32(0, true);
  const known = MAGIC.get(magic);
  if (known === undefined) {
    throw new PcapError(
      `The capture does not begin as a pcap stream (first bytes 0x${view.getUint32(0).toString(16).padStart(8, '0')}). ` +
        'It must be written by tcpdump -w in the classic format, not as pcapng.',
    );
  }
  const linkType = view.getUint32(20, known.littleEndian) & 0xffff;
  const decodeLink = LINK_DECODERS.get(linkType);
  if (decodeLink === undefined) {
    throw new PcapError(
      `The capture has link type ${linkType}; only Ethernet (1) and LINUX_SLL2 (276) are read. ` +
        'Capture with tcpdump -i any of libpcap 1.10 or later.',
    );
  }
  return { ...known, linkType, decodeLink };
}

/** By the first four bytes read as little-endian. */
const MAGIC: ReadonlyMap<number, Pick<PcapFormat, 'littleEndian' | 'nanosecondsPerUnit'>> = new Map([
  [0xa1b2c3d4, { littleEndian: true, nanosecondsPerUnit: 1000n }],
  [0xd4c3b2a1, { littleEndian: false, nanosecondsPerUnit: 1000n }],
  [0xa1b23c4d, { littleEndian: true, nanosecondsPerUnit: 1n }],
  [0x4d3cb2a1, { littleEndian: false, nanosecondsPerUnit: 1n }],
]);

/** Where the record at `offset` ends, which may be beyond what has arrived. */
function recordEnd(view: DataView, offset: number, format: PcapFormat): number {
  if (offset + RECORD_HEADER_LENGTH > view.byteLength) return Number.POSITIVE_INFINITY;
  const length = view.getUint32(offset + 8, format.littleEndian);
  if (length > MAXIMUM_RECORD_LENGTH) {
    throw new PcapError(
      `The capture is damaged: a record claims ${length} bytes, and none may have more than ${MAXIMUM_RECORD_LENGTH}.`,
    );
  }
  return offset + RECORD_HEADER_LENGTH + length;
}

function readRecord(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  end: number,
  format: PcapFormat,
): PcapRecord {
  const seconds = view.getUint32(offset, format.littleEndian);
  const fraction = view.getUint32(offset + 4, format.littleEndian);
  const time = BigInt(seconds) * 1_000_000_000n + BigInt(fraction) * format.nanosecondsPerUnit;
  const wireLength = view.getUint32(offset + 12, format.littleEndian);
  return { time, bytes: bytes.subarray(offset + RECORD_HEADER_LENGTH, end), wireLength };
}
