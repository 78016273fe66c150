import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { type CapturedPacket, PcapngWriter } from '../../src/capture/pcapng.js';
import type { PacketType } from '../../src/model/packet.js';
import { packetFields, wireshark } from './wireshark.js';

const SLL2 = 276;
const ABOUT = { hardware: 'x64', os: 'Linux 6.12', application: 'replypath 1.2.3', comments: ['scénario α'] };
const INTERFACES = ['server:eth0', 'server:größe', 'isp1:a'];
const BEGIN = 1_793_000_000_000_000_000n;

/** A file with those packets; a piece is taken away as soon as there is anything. */
function fileOf(packets: readonly CapturedPacket[]): Uint8Array {
  const writer = new PcapngWriter(1);
  const pieces: Uint8Array[] = [];
  const take = () => {
    if (writer.isFull) pieces.push(writer.take());
  };
  writer.section(ABOUT);
  take();
  for (const [number, name] of INTERFACES.entries()) {
    writer.interface({ name, description: `${'x'.repeat(number)}ä`, linkType: SLL2, snapLength: 256 });
    take();
  }
  for (const packet of packets) {
    writer.packet(packet);
    take();
  }
  for (const number of INTERFACES.keys()) {
    const [captured, dropped] = [number, number === 0 ? null : 0];
    writer.statistics({ interface: number, time: BEGIN, captured, dropped, comments: ['counted'] });
    take();
  }
  return Buffer.concat(pieces);
}

/** tshark's names for the direction, and for whom a frame was meant. */
const FLAGS: Readonly<Record<PacketType, readonly [direction: string, reception: string]>> = {
  host: ['0x00000001', '1'],
  multicast: ['0x00000001', '2'],
  broadcast: ['0x00000001', '3'],
  otherhost: ['0x00000001', '4'],
  outgoing: ['0x00000002', '0'],
};

const PACKET = fc.record({
  interface: fc.nat(INTERFACES.length - 1),
  time: fc.bigInt(0n, 1n << 40n).map((after) => BEGIN + after),
  packetType: fc.constantFrom(...(Object.keys(FLAGS) as PacketType[])),
  bytes: fc.uint8Array({ minLength: 20, maxLength: 64 }),
  wireLength: fc.integer({ min: 64, max: 9000 }),
  comments: fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { maxLength: 3 }),
});

t.test('tshark reads every packet as it was written', async (t) => {
  const folder = t.testdir();
  const file = join(folder, 'random.pcapng');
  const packets = fc.sample(PACKET, { numRuns: 300, seed: 1 });
  writeFileSync(file, fileOf(packets));
  const read = packetFields(file, [
    ...['frame.interface_id', 'frame.interface_name', 'frame.interface_description', 'frame.time_epoch'],
    ...['frame.len', 'frame.cap_len', 'frame.comment'],
    ...['frame.packet_flags_direction', 'frame.packet_flags_reception_type'],
  ]);
  t.equal(read.length, packets.length);
  for (const [i, { interface: number, ...packet }] of packets.entries()) {
    const [direction, reception] = FLAGS[packet.packetType];
    const { time } = packet;
    t.strictSame(read[i], {
      'frame.interface_id': [String(number)],
      'frame.interface_name': [INTERFACES[number]],
      'frame.interface_description': [`${'x'.repeat(number)}ä`],
      'frame.time_epoch': [`${time / 1_000_000_000n}.${String(time % 1_000_000_000n).padStart(9, '0')}`],
      'frame.len': [String(packet.wireLength)],
      'frame.cap_len': [String(packet.bytes.length)],
      ...(packet.comments.length > 0 ? { 'frame.comment': packet.comments } : {}),
      'frame.packet_flags_direction': [direction],
      'frame.packet_flags_reception_type': [reception],
    });
  }
});

t.test('what the file says of itself', async (t) => {
  const file = join(t.testdir(), 'empty.pcapng');
  writeFileSync(file, fileOf([]));
  t.equal(wireshark('tshark', ['-r', file]), '', 'a file without packets');
  const said = wireshark('capinfos', [file]);
  for (const line of [
    /Number of packets: +0$/m,
    /Capture hardware: +x64$/m,
    /Capture oper-sys: +Linux 6\.12$/m,
    /Capture application: +replypath 1\.2\.3$/m,
    /Capture comment: +scénario α$/m,
    /Number of interfaces in file: 3$/m,
    /Name = server:größe$/m,
    /Encapsulation = Linux cooked-mode capture v2/,
    /Capture length = 256$/m,
    /Time ticks per second = 1000000000$/m,
    /Number of stat entries = 1$/m,
  ])
    t.match(said, line);
});

t.test('a comment that is longer than an option may be is cut after a whole character', async (t) => {
  const file = join(t.testdir(), 'long.pcapng');
  const comment = 'ä'.repeat(40_000);
  const bytes = new Uint8Array(20);
  writeFileSync(
    file,
    fileOf([
      { interface: 0, time: BEGIN, packetType: 'host', bytes, wireLength: 20, comments: [comment, 'after'] },
    ]),
  );
  const [read] = packetFields(file, ['frame.comment']);
  t.strictSame(read?.['frame.comment'], ['ä'.repeat(32_767), 'after']);
});
