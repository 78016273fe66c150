import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';

/** What one tcpdump on one device wrote. */
export interface Capture {
  readonly lab: string;
  readonly node: string;
  readonly device: string;
  readonly pcap: Buffer;
}

/** A frame in one capture, as far as it can belong to a probe. */
export interface Packet {
  readonly capture: Capture;
  /** Seconds since 1970. */
  readonly time: number;
  /** Layer-2 addresses. */
  readonly from: string;
  readonly to: string;
  readonly source: string;
  readonly destination: string;
  readonly content: Content;
}

export type Content =
  | { readonly kind: 'echo'; readonly isRequest: boolean; readonly token: string; readonly sequence: number }
  | (Text & Ports & { readonly kind: 'udp' })
  | (Partial<Text> &
      Ports & {
        readonly kind: 'tcp';
        readonly sequence: number;
        readonly acknowledges: number;
        readonly flags: number;
      })
  | { readonly kind: 'error'; readonly isTooBig: boolean; readonly quoted: Quoted };

interface Ports {
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** What a datagram or a round of data begins with. */
interface Text {
  readonly token: string;
  readonly isRequest: boolean;
  readonly number: number;
}

/** The packet that an ICMP error is about. */
export type Quoted =
  | { readonly kind: 'echo'; readonly token: string; readonly sequence: number }
  | { readonly kind: 'udp'; readonly token: string; readonly number: number }
  | { readonly kind: 'tcp'; readonly sequence: number };

const FIELDS = [
  'frame.interface_id',
  'frame.time_epoch',
  'frame.cap_len',
  'eth.src',
  'eth.dst',
  'ip.src',
  'ip.dst',
  'ipv6.src',
  'ipv6.dst',
  'icmp.type',
  'icmp.code',
  'icmp.seq',
  'icmpv6.type',
  'icmpv6.echo.sequence_number',
  'data.data',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.seq',
  'tcp.ack',
  'tcp.flags',
  'tcp.payload',
  'udp.srcport',
  'udp.dstport',
  'udp.payload',
] as const;

type Row = Readonly<Record<(typeof FIELDS)[number], readonly string[]>>;

const execute = promisify(execFile);

export function unpack(text: string): Buffer {
  return gunzipSync(Buffer.from(text, 'base64'));
}

/** Has tshark decode captures; `mergecap` keeps for each frame which capture it is from. */
export async function decode(captures: readonly Capture[]): Promise<Packet[]> {
  const folder = await mkdtemp(join(tmpdir(), 'observer-'));
  try {
    const packets: Packet[] = [];
    // Few enough for the files that a process may have open.
    for (let first = 0; first < captures.length; first += 400) {
      packets.push(...(await decodeSome(captures.slice(first, first + 400), folder)));
    }
    return packets;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function decodeSome(captures: readonly Capture[], folder: string): Promise<Packet[]> {
  const files = captures.map((_, i) => join(folder, `${i}.pcap`));
  await Promise.all(captures.map(({ pcap }, i) => writeFile(files[i] ?? '', pcap)));
  const merged = join(folder, 'merged.pcapng');
  await execute('mergecap', ['-I', 'none', '-w', merged, ...files]);
  const fields = FIELDS.flatMap((name) => ['-e', name]);
  const argv = [
    '-n',
    '-r',
    merged,
    '-o',
    'tcp.relative_sequence_numbers:FALSE',
    '-T',
    'fields',
    '-E',
    'separator=|',
    ...fields,
  ];
  const { stdout } = await execute('tshark', argv, { maxBuffer: 1 << 30 });
  return stdout.split('\n').flatMap((line) => {
    if (line === '') return [];
    const values = line.split('|').map((value) => (value === '' ? [] : value.split(',')));
    const row = Object.fromEntries(FIELDS.map((name, i) => [name, values[i] ?? []])) as unknown as Row;
    const capture = captures[Number(row['frame.interface_id'][0])];
    const content = contentOf(row);
    if (capture === undefined || content === null) return [];
    return [
      {
        capture,
        time: Number(row['frame.time_epoch'][0]),
        from: row['eth.src'][0] ?? '',
        to: row['eth.dst'][0] ?? '',
        source: row['ip.src'][0] ?? row['ipv6.src'][0] ?? '',
        destination: row['ip.dst'][0] ?? row['ipv6.dst'][0] ?? '',
        content,
      },
    ];
  });
}

function contentOf(row: Row): Content | null {
  const type = row['icmp.type'][0] ?? row['icmpv6.type'][0];
  if (type === undefined) return tcpOf(row) ?? udpOf(row);
  const isV6 = row['icmp.type'].length === 0;
  const [request, reply] = isV6 ? ['128', '129'] : ['8', '0'];
  if (type === request || type === reply) {
    const token = echoToken(row, 1);
    return token === null
      ? null
      : { kind: 'echo', isRequest: type === request, token, sequence: sequenceOf(row) };
  }
  // A redirect (5) quotes a packet that went on: RFC 792.
  const isError = isV6 ? Number(type) < 128 : ['3', '4', '11', '12'].includes(type);
  const quoted = isError ? quotedOf(row) : null;
  if (quoted === null) return null;
  const isTooBig = isV6 ? type === '2' : type === '3' && row['icmp.code'][0] === '4';
  return { kind: 'error', isTooBig, quoted };
}

function quotedOf(row: Row): Quoted | null {
  const [sequence] = row['tcp.seq'];
  if (sequence !== undefined) return { kind: 'tcp', sequence: Number(sequence) };
  const text = textOf(row['udp.payload'][0] ?? row['data.data'][0]);
  if (row['udp.srcport'][0] !== undefined) {
    return text === null ? null : { kind: 'udp', token: text.token, number: text.number };
  }
  const token = echoToken(row, 2);
  return token === null ? null : { kind: 'echo', token, sequence: sequenceOf(row) };
}

const sequenceOf = (row: Row): number => Number(row['icmp.seq'][0] ?? row['icmpv6.echo.sequence_number'][0]);

/**
 * Eight bytes behind the sixteen that ping takes for the time, repeated from there on. tshark takes a part of
 * those sixteen for a time too, and gives what is behind: how much that is tells the length of the frame.
 *
 * @param layers 2 in an ICMP error, in which headers of IP and ICMP stand twice.
 */
function echoToken(row: Row, layers: 1 | 2): string | null {
  const data = row['data.data'][0];
  if (data === undefined) return null;
  const headers = 14 + layers * ((row['ip.src'].length > 0 ? 20 : 40) + 8);
  const skipped = Number(row['frame.cap_len'][0]) - headers - data.length / 2;
  const begin = 2 * (16 - skipped);
  if (begin < 0 || data.length < begin + 16) return null;
  return data.slice(begin, begin + 16);
}

function tcpOf(row: Row): Content | null {
  const [sequence] = row['tcp.seq'];
  if (sequence === undefined) return null;
  return {
    kind: 'tcp',
    sourcePort: Number(row['tcp.srcport'][0]),
    destinationPort: Number(row['tcp.dstport'][0]),
    sequence: Number(sequence),
    acknowledges: Number(row['tcp.ack'][0]),
    flags: Number(row['tcp.flags'][0]),
    ...textOf(row['tcp.payload'][0]),
  };
}

function udpOf(row: Row): Content | null {
  const text = textOf(row['udp.payload'][0]);
  if (text === null) return null;
  const [sourcePort, destinationPort] = [Number(row['udp.srcport'][0]), Number(row['udp.dstport'][0])];
  return { kind: 'udp', sourcePort, destinationPort, ...text };
}

function textOf(hex: string | undefined): Text | null {
  const text = Buffer.from(hex ?? '', 'hex').toString('latin1');
  const [, token, kind, number] = /^rp([0-9a-f]{16})([qr])(\d{4})/.exec(text) ?? [];
  if (token === undefined) return null;
  return { token, isRequest: kind === 'q', number: Number(number) };
}
