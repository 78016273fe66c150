import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { ETHERTYPE_SENTINEL } from '../../src/build/capture.js';
import { PcapReader } from '../../src/capture/pcap.js';
import type { DeviceChange } from '../../src/model/observation.js';
import { type KeptCapture, labPcapng } from '../../src/run/artifacts/lab-pcapng.js';
import { packetFields, wireshark } from '../capture/wireshark.js';
import { makePlan } from '../judge/recording.js';

const ABOUT = { hardware: 'x64', os: 'Linux', application: 'replypath 1', comments: ['scenario a'] };
const SECOND = 1_000_000_000n;

/** Packet types of LINUX_SLL2. */
const [IN, OUT] = [0, 4];

/** A record in LINUX_SLL2 of nothing that has a name. */
function record(atMs: number, index: number, packetType: number, etherType = 0x1234): Buffer {
  const sll2 = Buffer.alloc(20 + (atMs % 7));
  sll2.writeUInt16BE(etherType, 0);
  sll2.writeUInt32BE(index, 4);
  sll2.writeUInt8(packetType, 10);
  const header = Buffer.alloc(16);
  header.writeUInt32LE(1000, 0);
  header.writeUInt32LE(atMs * 1_000_000, 4);
  header.writeUInt32LE(sll2.length, 8);
  header.writeUInt32LE(sll2.length, 12);
  return Buffer.concat([header, sll2]);
}

function captureOf(node: string, records: readonly Buffer[], more: Partial<KeptCapture> = {}): KeptCapture {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b23c4d, 0);
  header.writeUInt32LE(276, 20);
  const stream = Buffer.concat([header, ...records]);
  // As it comes: in pieces that end anywhere.
  const chunks = [stream.subarray(0, 50), stream.subarray(50, 77), stream.subarray(77)];
  const reader = new PcapReader();
  const frames = chunks.flatMap((chunk) => reader.push(chunk));
  return { node, chunks, frames, devices: [], dropped: 0, ...more };
}

function written(t: Test, captures: readonly KeptCapture[], labels = new Map()): string {
  const file = join(t.testdir(), 'lab.pcapng');
  const lab = { plan: makePlan(), captures, labels, about: ABOUT, snapLength: 256 };
  writeFileSync(file, Buffer.concat([...labPcapng(lab)]));
  return file;
}

/** Number and node of interfaces of the made-up plan. */
const CLIENT_ETH0 = 10;
const SERVER_ETH0 = 17;

const CONTROL = 'a control frame of replypath: all that the node had processed before it is in the capture';

t.test('all nodes in order of time, each packet at its interface', async (t) => {
  const client = captureOf('client', [record(30, CLIENT_ETH0, OUT), record(10, CLIENT_ETH0, IN)]);
  const server = captureOf('server', [record(20, SERVER_ETH0, IN), record(40, 1, IN, ETHERTYPE_SENTINEL)]);
  const [first] = client.frames;
  if (first === undefined) throw new Error('no frame');
  const file = written(t, [client, server], new Map([[first, ['one', 'two']]]));
  const fields = ['frame.time_epoch', 'frame.interface_name', 'frame.cap_len', 'frame.comment'];
  t.strictSame(
    packetFields(file, fields).map((packet) => fields.map((field) => packet[field]?.join('; ') ?? '')),
    [
      ['1000.010000000', 'client:eth0', '23', ''],
      ['1000.020000000', 'server:eth0', '26', ''],
      ['1000.030000000', 'client:eth0', '22', 'one; two'],
      ['1000.040000000', 'server:lo', '25', CONTROL],
    ],
  );
});

t.test('a device that is renamed or made anew is another interface', async (t) => {
  const device = { name: 'new0', kind: 'dummy', master: null, link: null, address: '' };
  const change = (atMs: number, index: number, name: string | null): DeviceChange => ({
    ...{ time: 1000n * SECOND + BigInt(atMs) * 1_000_000n, index },
    device: name === null ? null : { ...device, name },
  });
  const devices = [
    change(5, 40, 'new0'),
    change(20, 40, 'old0'),
    change(30, 40, null),
    change(40, 41, 'new0'),
  ];
  const records = [record(10, 40, IN), record(25, 40, OUT), record(50, 41, IN), record(60, 77, IN)];
  const file = written(t, [captureOf('server', records, { devices })]);
  const read = packetFields(file, ['frame.interface_name', 'frame.interface_description']);
  t.strictSame(
    read.map((packet) => Object.values(packet).flat()),
    [
      ['server:new0', 'dummy 40'],
      ['server:old0', 'dummy 40'],
      ['server:new0', 'dummy 41'],
      ['server:number-77', 'unknown device 77'],
    ],
  );
});

t.test('counts of each interface, and what is known of drops', async (t) => {
  const client = captureOf('client', [record(10, CLIENT_ETH0, IN), record(11, CLIENT_ETH0, IN)]);
  const file = written(t, [client, captureOf('server', [], { dropped: 3 })]);
  const said = wireshark('capinfos', [file]);
  t.match(said, /Name = client:eth0\n +Description = veth 10, to internet:client\n/);
  t.match(said, /Number of packets: +2$/m);
  t.match(said, /Strict time order: +True$/m);
  t.ok(readFileSync(file).includes('of all packets at server the kernel dropped 3 before they were read'));
});

t.test('what follows a damaged record is left out, and a lab without a packet has a file too', async (t) => {
  const damaged = Buffer.alloc(16, 0xff);
  const whole = captureOf('client', [record(10, CLIENT_ETH0, IN)]);
  const broken = { ...whole, chunks: [...whole.chunks, damaged, record(20, CLIENT_ETH0, IN)] };
  t.equal(packetFields(written(t, [broken]), ['frame.number']).length, 1);
  t.strictSame(packetFields(written(t, [captureOf('server', [])]), ['frame.number']), []);
});
