import t from 'tap';
import { carriageFinder, withCarriages } from '../../src/judge/carriage.js';
import type { Sighting } from '../../src/judge/sighting.js';
import { makeIp, udp } from './recording.js';

interface Seen {
  readonly time: number;
  readonly content?: string;
  readonly ttl?: number;
  readonly source?: string;
  /** Of the whole packet, in bytes. */
  readonly length?: number;
}

let order = 0;

/** `client:wg0>` leaves, `>client:wg0` enters; a packet of UDP. */
function sighting(
  text: string,
  { time, content = 'one', ttl = 64, source = '203.0.113.9', length = 100 }: Seen,
): Sighting {
  const [node = '', name = ''] = text.replace('>', '').split(':');
  const transport = { ...udp('q'), data: Buffer.from(content) };
  return {
    node,
    interface: name,
    direction: text.startsWith('>') ? 'in' : 'out',
    device: {
      node,
      name,
      mac: null,
      segment: 0,
      isTunnel: /^(wg|tun)/.test(name),
      tunnelEnds: /^(wg|tun|br)/.test(name) ? ['client', 'server'] : [],
      isPort: false,
      carries: [],
    },
    vlan: null,
    order: order++,
    frame: {
      time: BigInt(time),
      interfaceIndex: 1,
      packetType: 'host',
      linkSource: '',
      linkDestination: null,
      vlans: [],
      etherType: 0x0800,
      packet: null,
      payload: new Uint8Array(length),
    },
    ip: { ...makeIp(source, '198.51.100.10', transport, ttl), protocol: 17 },
  };
}

/** What carries: out of the client, through a router, into the server, at that time and the three after it. */
function outer(time: number, content: string, over: Partial<Seen> = {}): Sighting[] {
  return [
    sighting('client:eth0>', { content, ...over, time }),
    sighting('>router:left', { content, ...over, time: time + 1 }),
    sighting('router:right>', { content, ...over, ttl: 63, time: time + 2 }),
    sighting('>server:eth0', { content, ...over, ttl: 63, time: time + 3 }),
  ];
}

const INTO = sighting('client:wg0>', { time: 10, content: 'inner', length: 84 });
const OUT_OF = sighting('>server:wg0', { time: 30, content: 'inner', length: 84 });
const WAY = ['client:eth0', 'router:left', 'router:right', 'server:eth0'];

function carried(sightings: readonly Sighting[]): string[] {
  return carriageFinder(() => sightings)(INTO, OUT_OF).map((hop) => `${hop.node}:${hop.interface}`);
}

t.test('what carried a packet through a tunnel', async (t) => {
  t.same(carried(outer(12, 'data')), WAY);
  t.same(carried([]), [], 'nothing is known where nothing was seen');
  t.same(carried(outer(9, 'data')), [], 'nothing that left before the packet went in');
  t.same(carried(outer(28, 'data')), [], 'nothing that came after it was out');
  t.same(carried(outer(12, 'data', { length: 60 })), [], 'nothing shorter than what is inside');
  t.same(carried(outer(12, 'data').slice(0, 3)), [], 'nothing that did not arrive');
  t.same(carried([INTO, OUT_OF]), [], 'not what goes through the tunnel itself');
});

t.test('of several the last that came before the packet was out', async (t) => {
  const isp2 = [
    sighting('client:eth1>', { time: 20, content: 'data' }),
    sighting('>server:eth1', { time: 21, content: 'data' }),
  ];
  t.same(carried([...outer(12, 'handshake'), ...isp2]), ['client:eth1', 'server:eth1']);
});

t.test('it is followed through translation of its address', async (t) => {
  const [first, second, ...rest] = outer(12, 'data');
  const translated = rest.map((hop) => ({
    ...hop,
    ip: {
      ...hop.ip,
      source: '100.64.0.1',
      transport: { ...udp('q'), sourcePort: 1024, data: Buffer.from('data') },
    },
  }));
  t.same(carried([first, second, ...translated].filter((hop) => hop !== undefined)), WAY);
});

t.test(
  'a path has the hops of outer packets where it goes through a tunnel, also through one in another',
  async (t) => {
    const path = [sighting('>client:lan', { time: 8 }), INTO, OUT_OF, sighting('server:lan>', { time: 31 })];
    const inTun = [
      sighting('client:tun0>', { time: 11, content: 'wg' }),
      sighting('>server:tun0', { time: 25, content: 'wg' }),
    ];
    const hops = (sightings: readonly Sighting[]) =>
      withCarriages(
        path,
        carriageFinder(() => sightings),
      ).map(({ hop, tunnel }) => `${hop.interface} ${tunnel}`);
    t.same(hops(outer(12, 'data')), [
      ...['lan null', 'wg0 null'],
      ...['eth0 wg0', 'left wg0', 'right wg0', 'eth0 wg0'],
      ...['wg0 null', 'lan null'],
    ]);
    t.same(hops([...inTun, ...outer(12, 'data')]), [
      ...['lan null', 'wg0 null', 'tun0 wg0'],
      ...['eth0 tun0', 'left tun0', 'right tun0', 'eth0 tun0'],
      ...['tun0 wg0', 'wg0 null', 'lan null'],
    ]);
  },
);

t.test('it is found between the ends of a tunnel that bridges have for a port', async (t) => {
  const office = sighting('office:br0>', { time: 10, content: 'inner', length: 84 });
  const interfaces = (ends: readonly string[]) =>
    carriageFinder(() => outer(12, 'data'))(
      { ...office, device: { ...office.device, tunnelEnds: ends } },
      OUT_OF,
    ).map((hop) => hop.interface);
  t.same(interfaces(['client', 'server']), ['eth0', 'left', 'right', 'eth0']);
  t.same(interfaces(['office', 'server']), [], 'not from where the segment has no end of a tunnel');
});
