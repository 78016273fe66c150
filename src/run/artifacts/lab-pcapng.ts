import { ETHERTYPE_SENTINEL } from '../../build/capture.js';
import { PcapError, type PcapRecord, PcapRecords } from '../../capture/pcap.js';
import { type InterfaceCounts, PcapngWriter, type SectionAbout } from '../../capture/pcapng.js';
import { Devices } from '../../judge/device.js';
import type { Labels } from '../../judge/labels.js';
import type { DeviceChange } from '../../model/observation.js';
import type { Frame } from '../../model/packet.js';
import type { LabPlan } from '../../model/plan.js';
import { type LabInterface, LabInterfaces } from './interfaces.js';

/** What a node's capture came to. */
export interface KeptCapture {
  readonly node: string;
  /** The stream as it came, with the link type LINUX_SLL2. */
  readonly chunks: readonly Uint8Array[];
  /** What its records were decoded to, in the same order. */
  readonly frames: readonly Frame[];
  readonly devices: readonly DeviceChange[];
  /** Packets that the kernel dropped before they were read, since the lab began; null where that is not known. */
  readonly dropped: number | null;
}

/** What the file is made of. */
export interface KeptLab {
  readonly plan: LabPlan;
  readonly captures: readonly KeptCapture[];
  readonly labels: Labels;
  readonly about: SectionAbout;
  /** Bytes kept of each packet. */
  readonly snapLength: number;
}

/** https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html */
const LINUX_SLL2 = 276;

const CONTROL = ['a control frame of replypath: all that the node had processed before it is in the capture'];

const NONE: readonly string[] = [];

/** Handed over to be written. */
const PIECE_LENGTH = 262_144;

interface Packet extends PcapRecord {
  readonly frame: Frame;
  readonly at: LabInterface;
}

/** A lab's captures as one pcapng file, in order of time, piece by piece. */
export function* labPcapng({ plan, captures, labels, about, snapLength }: KeptLab): Generator<Uint8Array> {
  const interfaces = new LabInterfaces(plan, new Devices(plan, captures), captures);
  const packets = captures.flatMap((capture) => packetsOf(capture, interfaces)).sort(byTime);
  const all = interfaces.all.map((at, number) => ({ at, number, captured: 0 }));
  const entries = new Map(all.map((entry) => [entry.at, entry]));
  const file = new PcapngWriter(PIECE_LENGTH);
  file.section(about);
  for (const { node, name, description } of interfaces.all)
    file.interface({ name: `${node}:${name}`, description, linkType: LINUX_SLL2, snapLength });
  for (const { at, frame, time, bytes, wireLength } of packets) {
    const entry = entries.get(at);
    if (entry === undefined) throw new Error(`a packet at ${at.node}:${at.name} has no interface`);
    entry.captured++;
    const comments = frame.etherType === ETHERTYPE_SENTINEL ? CONTROL : (labels.get(frame) ?? NONE);
    const { packetType } = frame;
    file.packet({ interface: entry.number, time, packetType, bytes, wireLength, comments });
    if (file.isFull) yield file.take();
  }
  const time = packets.at(-1)?.time ?? 0n;
  for (const { at, number, captured } of all)
    file.statistics({ interface: number, time, captured, ...dropsOf(at.node, captures) });
  yield file.take();
}

/** Of what follows a damaged record nothing was decoded. */
function packetsOf({ node, chunks, frames }: KeptCapture, interfaces: LabInterfaces): Packet[] {
  const reader = new PcapRecords();
  const packets: Packet[] = [];
  try {
    for (const chunk of chunks) {
      for (const record of reader.push(chunk)) {
        const frame = frames[packets.length];
        if (frame === undefined) return packets;
        packets.push({ ...record, frame, at: interfaces.of(node, frame) });
      }
    }
  } catch (error) {
    if (!(error instanceof PcapError)) throw error;
  }
  return packets;
}

function byTime(a: PcapRecord, b: PcapRecord): number {
  if (a.time === b.time) return 0;
  return a.time < b.time ? -1 : 1;
}

/** A node counts for all of its interfaces together. */
function dropsOf(
  node: string,
  captures: readonly KeptCapture[],
): Pick<InterfaceCounts, 'dropped' | 'comments'> {
  const dropped = captures.find((each) => each.node === node)?.dropped ?? null;
  if (dropped === null || dropped === 0) return { dropped, comments: [] };
  return {
    dropped: null,
    comments: [`of all packets at ${node} the kernel dropped ${dropped} before they were read`],
  };
}
