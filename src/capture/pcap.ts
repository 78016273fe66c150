import type { Frame } from '../model/packet.js';
import { decodeFrame, LINK_DECODERS, type LinkDecoder } from './frame.js';

const FILE_HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;
/** The longest record that libpcap itself accepts (MAXIMUM_SNAPLEN). */
const MAXIMUM_RECORD_LENGTH = 262_144;

/** What the header of a capture says of its records. */
interface Format {
  readonly littleEndian: boolean;
  readonly nanosecondsPerUnit: bigint;
  readonly decodeLink: LinkDecoder;
}

/** The capture stream itself is damaged or of a kind that is not read: broken machinery, not a strange packet. */
export class PcapError extends Error {
  override readonly name = 'PcapError';
}

/**
 * Reads a classic pcap stream (pcap-savefile(5)) as it grows, of either byte order and precision,
 * with link type Ethernet or LINUX_SLL2.
 */
export class PcapReader {
  #rest: Uint8Array = new Uint8Array(0);
  #format: Format | null = null;

  /** Whether the header of the stream has been read: tcpdump writes it once it captures. */
  get started(): boolean {
    return this.#format !== null;
  }

  /**
   * Takes the next bytes of the stream and gives the frames that they complete. The frames refer to
   * `chunk`: leave it unchanged.
   * @throws PcapError where the stream is not a capture that can be read.
   */
  push(chunk: Uint8Array): Frame[] {
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
    const frames: Frame[] = [];
    for (;;) {
      const end = recordEnd(view, offset, this.#format);
      if (end > bytes.length) break;
      frames.push(readRecord(bytes, view, offset, end, this.#format));
      offset = end;
    }
    this.#rest = bytes.subarray(offset);
    return frames;
  }
}

function readFormat(view: DataView): Format {
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
  return { ...known, decodeLink };
}

/** By the first four bytes read as little-endian. */
const MAGIC: ReadonlyMap<number, Omit<Format, 'decodeLink'>> = new Map([
  [0xa1b2c3d4, { littleEndian: true, nanosecondsPerUnit: 1000n }],
  [0xd4c3b2a1, { littleEndian: false, nanosecondsPerUnit: 1000n }],
  [0xa1b23c4d, { littleEndian: true, nanosecondsPerUnit: 1n }],
  [0x4d3cb2a1, { littleEndian: false, nanosecondsPerUnit: 1n }],
]);

/** Where the record at `offset` ends, which may be beyond what has arrived. */
function recordEnd(view: DataView, offset: number, format: Format): number {
  if (offset + RECORD_HEADER_LENGTH > view.byteLength) return Number.POSITIVE_INFINITY;
  const length = view.getUint32(offset + 8, format.littleEndian);
  if (length > MAXIMUM_RECORD_LENGTH) {
    throw new PcapError(
      `The capture is damaged: a record claims ${length} bytes, and none may have more than ${MAXIMUM_RECORD_LENGTH}.`,
    );
  }
  return offset + RECORD_HEADER_LENGTH + length;
}

function readRecord(bytes: Uint8Array, view: DataView, offset: number, end: number, format: Format): Frame {
  const seconds = view.getUint32(offset, format.littleEndian);
  const fraction = view.getUint32(offset + 4, format.littleEndian);
  const time = BigInt(seconds) * 1_000_000_000n + BigInt(fraction) * format.nanosecondsPerUnit;
  const wireLength = view.getUint32(offset + 12, format.littleEndian);
  const record = bytes.subarray(offset + RECORD_HEADER_LENGTH, end);
  return decodeFrame(format.decodeLink, time, record, wireLength);
}
