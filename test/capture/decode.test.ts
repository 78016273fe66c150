import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import { ipv6Text } from '../../src/capture/address.js';
import { PcapError, PcapReader } from '../../src/capture/pcap.js';
import type { Frame, Icmp, Ip, Tcp, Transport } from '../../src/model/packet.js';
import { parseAddress } from '../../src/net/address.js';
import { PAYLOAD_TEXT_LENGTH, parsePayload, payloadText } from '../../src/net/payload.js';

/**
 * Real captures by tcpdump, of a router between two links, as `-i any` (SLL2, nanoseconds) and on one
 * interface (Ethernet, microseconds, snap length 200): pings, record route, timestamps, fragments, TCP, UDP, ARP, neighbour
 * discovery, errors, VLAN and QinQ tags, IPv6 extension headers, and frames broken on purpose.
 */
const FIXTURES = ['sll2', 'ethernet'] as const;

function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../../../test/capture/fixtures/${name}.pcap`, import.meta.url));
}

function decode(name: string): Frame[] {
  return new PcapReader().push(readFileSync(fixturePath(name)));
}

/** The packet and the one that it quotes: tshark lists both under the same field. */
function layers(frame: Frame): Ip[] {
  if (frame.packet?.kind !== 'ip') return [];
  const { transport } = frame.packet;
  return transport?.kind === 'icmp' && transport.quoted !== null
    ? [frame.packet, transport.quoted]
    : [frame.packet];
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const each = (frame: Frame, read: (ip: Ip) => string | number | null | undefined) =>
  layers(frame)
    .flatMap((ip) => read(ip) ?? [])
    .join(',');
const v4 = (read: (ip: Ip) => string | number) => (frame: Frame) =>
  each(frame, (ip) => (ip.family === 4 ? read(ip) : null));
const v6 = (read: (ip: Ip) => string | number) => (frame: Frame) =>
  each(frame, (ip) => (ip.family === 6 ? read(ip) : null));
/** Of IPv6, only a packet with a fragment header has what is in it. */
function fragment(ip: Ip, value: number): number | null {
  return ip.family === 6 && ip.identification !== null ? value : null;
}

type Kind = Transport['kind'];

function of<K extends Kind>(
  kind: K,
  read: (transport: Extract<Transport, { kind: K }>, family: 4 | 6) => string | number | null | undefined,
): (frame: Frame) => string {
  return (frame) =>
    each(frame, ({ transport, family }) =>
      transport?.kind === kind ? read(transport as Extract<Transport, { kind: K }>, family) : null,
    );
}

/** Of a TCP segment that is quoted by its first eight bytes alone, tshark shows the ports only. */
const tcp = (read: (tcp: Tcp) => string | number | boolean | null) =>
  of('tcp', (segment) => {
    const value = Object.values(segment.flags).includes(true) ? read(segment) : null;
    return typeof value === 'boolean' ? Number(value) : value;
  });
const icmp = (family: 4 | 6, read: (icmp: Icmp) => string | number | null | undefined) =>
  of('icmp', (message, its) => (its === family ? read(message) : null));

/** By tshark's field: what our decoding makes of it, in the same form. Numbers of tshark's in hexadecimal are converted. */
const FIELDS: Readonly<Record<string, (frame: Frame) => string>> = {
  'frame.time_epoch': (frame) =>
    `${frame.time / 1_000_000_000n}.${String(frame.time % 1_000_000_000n).padStart(9, '0')}`,
  'arp.opcode': ({ packet }) =>
    packet?.kind === 'arp' ? String(['', 'request', 'reply'].indexOf(packet.operation)) : '',
  'arp.src.hw_mac': ({ packet }) => (packet?.kind === 'arp' ? packet.senderLink : ''),
  'arp.src.proto_ipv4': ({ packet }) => (packet?.kind === 'arp' ? packet.sender : ''),
  'arp.dst.hw_mac': ({ packet }) => (packet?.kind === 'arp' ? packet.targetLink : ''),
  'arp.dst.proto_ipv4': ({ packet }) => (packet?.kind === 'arp' ? packet.target : ''),
  'ip.src': v4((ip) => ip.source),
  'ip.dst': v4((ip) => ip.destination),
  'ip.ttl': v4((ip) => ip.ttl),
  'ip.id': v4((ip) => ip.identification ?? ''),
  'ip.proto': v4((ip) => ip.protocol),
  'ip.frag_offset': v4((ip) => ip.fragmentOffset / 8),
  'ip.flags.mf': v4((ip) => (ip.moreFragments ? 1 : 0)),
  'ipv6.src': v6((ip) => ip.source),
  'ipv6.dst': v6((ip) => ip.destination),
  'ipv6.hlim': v6((ip) => ip.ttl),
  'ipv6.fraghdr.ident': (frame) => each(frame, (ip) => (ip.family === 6 ? ip.identification : null)),
  'ipv6.fraghdr.more': (frame) => each(frame, (ip) => fragment(ip, Number(ip.moreFragments))),
  'ipv6.fraghdr.offset': (frame) => each(frame, (ip) => fragment(ip, ip.fragmentOffset / 8)),
  'udp.srcport': of('udp', (udp) => udp.sourcePort),
  'udp.dstport': of('udp', (udp) => udp.destinationPort),
  'udp.payload': of('udp', (udp) => hex(udp.data) || null),
  'tcp.srcport': of('tcp', (segment) => segment.sourcePort),
  'tcp.dstport': of('tcp', (segment) => segment.destinationPort),
  'tcp.seq_raw': tcp((segment) => segment.sequence),
  'tcp.ack_raw': tcp((segment) => segment.acknowledgement),
  'tcp.len': tcp((segment) => segment.dataLength),
  'tcp.payload': tcp((segment) => hex(segment.data) || null),
  'tcp.flags.syn': tcp((segment) => segment.flags.syn),
  'tcp.flags.ack': tcp((segment) => segment.flags.ack),
  'tcp.flags.fin': tcp((segment) => segment.flags.fin),
  'tcp.flags.reset': tcp((segment) => segment.flags.rst),
  'tcp.flags.push': tcp((segment) => segment.flags.psh),
  'icmp.type': icmp(4, (message) => message.type),
  'icmp.code': icmp(4, (message) => message.code),
  'icmp.ident': icmp(4, ({ echo }) => echo?.id),
  'icmp.seq': icmp(4, (message) => message.echo?.sequence),
  'icmpv6.type': icmp(6, (message) => message.type),
  'icmpv6.code': icmp(6, (message) => message.code),
  'icmpv6.echo.identifier': icmp(6, (message) => message.echo?.id),
  'icmpv6.echo.sequence_number': icmp(6, (message) => message.echo?.sequence),
  'icmpv6.nd.ns.target_address': of('icmp', (icmp) => (icmp.type === 135 ? icmp.neighbourTarget : null)),
  'icmpv6.nd.na.target_address': of('icmp', (icmp) => (icmp.type === 136 ? icmp.neighbourTarget : null)),
};

const PACKET_TYPES = ['host', 'broadcast', 'multicast', 'otherhost', 'outgoing'];

const LINK_FIELDS: Readonly<
  Record<(typeof FIXTURES)[number], Readonly<Record<string, (frame: Frame) => string>>>
> = {
  sll2: {
    'sll.ifindex': (frame) => String(frame.interfaceIndex),
    'sll.pkttype': (frame) => String(PACKET_TYPES.indexOf(frame.packetType)),
    'sll.src.eth': (frame) => frame.linkSource,
  },
  ethernet: {
    'eth.src': (frame) => frame.linkSource,
    'eth.dst': (frame) => frame.linkDestination ?? '',
    'ieee8021ad.id': ({ vlans }) => vlans.slice(0, -1).join(','),
    'vlan.id': ({ vlans }) => String(vlans.at(-1) ?? ''),
  },
};

/** What tshark makes of a capture: a record per packet, by field. Nothing is put together from fragments. */
function tshark(name: string, fields: readonly string[]): Record<string, string>[] {
  const unassembled = ['ip.defragment', 'ipv6.defragment', 'tcp.desegment_tcp_streams'];
  const output = execFileSync(
    'tshark',
    [
      ...[
        '-r',
        fixturePath(name),
        '-n',
        '--disable-protocol',
        'gryphon',
        '-T',
        'fields',
        '-E',
        'occurrence=a',
      ],
      ...unassembled.flatMap((option) => ['-o', `${option}:FALSE`]),
      ...['_ws.malformed', ...fields].flatMap((field) => ['-e', field]),
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  return output
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [malformed = '', ...values] = line.split('\t');
      return { malformed, ...Object.fromEntries(fields.map((field, i) => [field, plain(values[i] ?? '')])) };
    });
}

/** tshark writes some numbers in hexadecimal. */
function plain(value: string): string {
  return value.replace(/\b0x[0-9a-f]+\b/g, (number) => String(Number(number)));
}

t.test('decoding agrees with tshark, field by field', async (t) => {
  const silent = new Set<string>();
  const seen = new Set<string>();
  for (const name of FIXTURES) {
    const readers = { ...FIELDS, ...LINK_FIELDS[name] };
    const fields = Object.keys(readers);
    const wanted = tshark(name, fields);
    const frames = decode(name);
    t.equal(frames.length, wanted.length, `${name}: as many packets`);
    for (const [i, frame] of frames.entries()) {
      const record = wanted[i] ?? {};
      const judged = fields.filter((field) => !record.malformed || !field.startsWith('tcp.'));
      const observed = Object.fromEntries(judged.map((field) => [field, readers[field]?.(frame)]));
      const expected = Object.fromEntries(judged.map((field) => [field, record[field]]));
      t.same(observed, expected, `${name} ${i + 1}`);
      for (const field of judged) (record[field] ? seen : silent).add(field);
    }
  }
  t.same(
    [...silent].filter((field) => !seen.has(field)),
    [],
    'every field occurs',
  );
});

interface Form {
  readonly magic: number;
  readonly littleEndian: boolean;
  readonly linkType?: number;
}

/** A capture of the given records, written as a machine of that byte order would. */
function makeCapture(
  { magic, littleEndian, linkType = 276 }: Form,
  records: readonly Uint8Array[],
): Uint8Array {
  const header = (...numbers: number[]) => {
    const view = new DataView(new ArrayBuffer(4 * numbers.length));
    for (const [i, number] of numbers.entries()) view.setUint32(4 * i, number, littleEndian);
    return new Uint8Array(view.buffer);
  };
  const parts = records.flatMap((record, i) => [
    header(1_700_000_000, i + 1, record.length, record.length),
    record,
  ]);
  return Buffer.concat([header(magic, 0x00020004, 0, 0, 262_144, linkType), ...parts]);
}

const NANOSECONDS = { magic: 0xa1b23c4d, littleEndian: true };
const HEADER_LENGTH = 24;

t.test('the form of the stream', async (t) => {
  for (const littleEndian of [true, false]) {
    for (const [magic, time] of [
      [0xa1b2c3d4, 1_700_000_000_000_001_000n],
      [0xa1b23c4d, 1_700_000_000_000_000_001n],
    ] as const) {
      const reader = new PcapReader();
      t.equal(reader.started, false);
      const frames = reader.push(makeCapture({ magic, littleEndian }, [new Uint8Array(20)]));
      t.match(frames, [{ time, packetType: 'host', packet: null }]);
      t.equal(reader.started, true);
    }
  }
  const rejects = (bytes: Uint8Array, message: RegExp) =>
    t.throws(() => new PcapReader().push(bytes), { name: 'PcapError', message });
  rejects(makeCapture({ ...NANOSECONDS, linkType: 113 }, []), /link type 113/);
  rejects(makeCapture({ magic: 0x0a0d0d0a, littleEndian: true }, []), /not as pcapng/);
  const damaged = makeCapture(NANOSECONDS, [new Uint8Array(20)]);
  damaged.fill(0xff, HEADER_LENGTH + 8, HEADER_LENGTH + 12);
  rejects(damaged, /damaged: a record claims 4294967295 bytes/);
});

/** Cuts bytes into chunks of the given lengths, over and over. */
function* chunks(bytes: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  for (let offset = 0, i = 0; offset < bytes.length; i++) {
    const length = lengths[i % lengths.length] ?? 1;
    yield bytes.subarray(offset, offset + length);
    offset += length;
  }
}

t.test('chunking does not change the result', async (t) => {
  for (const name of FIXTURES) {
    const bytes = readFileSync(fixturePath(name));
    const whole = decode(name);
    const lengths = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(lengths, (sizes) => {
        const reader = new PcapReader();
        const frames = [...chunks(bytes, sizes)].flatMap((chunk) => reader.push(chunk));
        assert.deepEqual(frames.map(comparable), whole.map(comparable));
      }),
      { numRuns: 20 },
    );
    t.pass(name);
  }
});

/** A frame with its bytes as text: views of differing buffers compare as equal. */
function comparable(frame: Frame): string {
  return JSON.stringify(frame, (_, value) => {
    if (typeof value === 'bigint') return String(value);
    return value instanceof Uint8Array ? hex(value) : value;
  });
}

t.test('no bytes of a packet make decoding throw', async (t) => {
  const records = FIXTURES.flatMap((name) => recordsOf(name).map((bytes) => ({ name, bytes })));
  const linkTypes = { sll2: 276, ethernet: 1 };
  const mutated = fc
    .tuple(
      fc.constantFrom(...records),
      fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 12 }),
      fc.nat(400),
    )
    .map(([{ name, bytes }, changes, length]) => {
      const copy = Uint8Array.from(bytes.subarray(0, length));
      for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
      return { linkType: linkTypes[name], bytes: copy };
    });
  const random = fc.record({ linkType: fc.constantFrom(1, 276), bytes: fc.uint8Array({ maxLength: 200 }) });
  fc.assert(
    fc.property(fc.oneof(mutated, random), ({ linkType, bytes }) => {
      const [frame] = new PcapReader().push(makeCapture({ ...NANOSECONDS, linkType }, [bytes]));
      assert.ok(frame);
      assert.ok(frame.payload.length <= bytes.length);
    }),
    { numRuns: 4000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const capture = makeCapture(NANOSECONDS, []);
      try {
        new PcapReader().push(Buffer.concat([capture, bytes]));
      } catch (error) {
        assert.ok(error instanceof PcapError);
      }
    }),
  );
  t.pass('none did');
});

t.test('what is broken is null, from there on', async (t) => {
  const decodeOne = (type: number, packet: string, linkType = 1) => {
    const ethernet = `0200000000010200000000ff${type.toString(16).padStart(4, '0')}${packet}`;
    const record = Buffer.from(linkType === 1 ? ethernet : packet, 'hex');
    return new PcapReader().push(makeCapture({ ...NANOSECONDS, linkType }, [record]))[0];
  };
  const ip4 = (start: string, rest = '') => `${start}00010000400600000a0000010a000002${rest}`;
  t.match(decodeOne(0x0800, ip4('45000014')), {
    packet: { kind: 'ip', transport: null },
    packetType: 'host',
  });
  t.equal(decodeOne(0x0800, ip4('35000014'))?.packet, null, 'another version');
  t.equal(decodeOne(0x0800, ip4('44000014'))?.packet, null, 'a header that is too short');
  t.equal(decodeOne(0x0800, ip4('45000013'))?.packet, null, 'a packet shorter than its header');
  t.equal(decodeOne(0x0800, ip4('45000014').slice(0, -2))?.packet, null, 'a header that is cut');
  t.equal(decodeOne(0x86dd, ip4('45000014'))?.packet, null, 'IPv4 in the place of IPv6');
  t.match(decodeOne(0x0800, ip4('46000018')), { packet: { transport: null } }, 'options that are cut');

  const header = (dataOffset: string) => `000100020000000100000000${dataOffset}02000000000000`;
  t.match(decodeOne(0x0800, ip4('45000028', header('50'))), {
    packet: { transport: { flags: { syn: true } } },
  });
  t.match(
    decodeOne(0x0800, ip4('45000028', header('40'))),
    { packet: { transport: null } },
    'a TCP header that is too short',
  );
  t.match(
    decodeOne(0x0800, ip4('45000028', header('60'))),
    { packet: { transport: null } },
    'or longer than the packet',
  );

  const arp = (start: string) => `${start}00010200000000ff0a0000010000000000000a000002`;
  t.match(decodeOne(0x0806, arp('000108000604')), {
    packet: { kind: 'arp', operation: 'request', target: '10.0.0.2' },
  });
  for (const start of ['000608000604', '000186dd0604', '000108000804', '000108000610']) {
    t.equal(decodeOne(0x0806, arp(start))?.packet, null, 'ARP for other networks');
  }
  t.match(
    decodeOne(0, '00', 276),
    { packet: null, packetType: 'otherhost', interfaceIndex: 0 },
    'a record without its header',
  );
});

t.test('Ethernet tells by the destination whom a frame is for', async (t) => {
  for (const [destination, packetType] of [
    ['ffffffffffff', 'broadcast'],
    ['01005e000001', 'multicast'],
    ['020000000001', 'host'],
  ] as const) {
    const record = Buffer.from(`${destination}0200000000ff88cc`, 'hex');
    t.match(new PcapReader().push(makeCapture({ ...NANOSECONDS, linkType: 1 }, [record])), [{ packetType }]);
  }
});

function recordsOf(name: string): Uint8Array[] {
  const bytes = readFileSync(fixturePath(name));
  const records: Uint8Array[] = [];
  for (let offset = HEADER_LENGTH; offset < bytes.length; ) {
    const length = bytes.readUInt32LE(offset + 8);
    records.push(bytes.subarray(offset + 16, offset + 16 + length));
    offset += 16 + length;
  }
  return records;
}

t.test('addresses are written as RFC 5952 says', async (t) => {
  for (const [bytes, text] of [
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000a00000000000000000001', '2001:db8:a::1'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['20010000000000010000000000000001', '2001:0:0:1::1'],
    ['20010db8000100020003000400050000', '2001:db8:1:2:3:4:5:0'],
    ['00010000000000000000000000000000', '1::'],
    ['00000000000000000000ffffc0000201', '::ffff:192.0.2.1'],
  ] as const) {
    const written = ipv6Text(Buffer.from(bytes, 'hex'), 0);
    t.equal(written, text);
    t.equal(parseAddress(written)?.text, text, 'as the rest of the program writes them');
  }
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const written = ipv6Text(bytes, 0);
      assert.equal(parseAddress(written)?.text, written);
      assert.equal(parseAddress(written)?.value, BigInt(`0x${hex(bytes)}`));
    }),
  );
});

t.test('the text in a payload', async (t) => {
  const token = '0123456789abcdef';
  t.equal(payloadText(token, 'q', 7), 'rp0123456789abcdefq0007');
  t.equal(payloadText(token, 'q', 7).length, PAYLOAD_TEXT_LENGTH);
  const read = (text: string) => parsePayload(Buffer.from(text));
  t.same(read('rp0123456789abcdefr0042padding'), { token, kind: 'r', number: 42 });
  for (const text of [
    '',
    'rp0123456789abcdefr004',
    'rp0123456789ABCDEFr0042',
    'rq0123456789abcdefr0042',
    'rp0123456789abcdefx0042',
  ]) {
    t.equal(read(text), null, text);
  }
});
