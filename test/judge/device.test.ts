import t from 'tap';
import { Devices } from '../../src/judge/device.js';
import { sightingsOf } from '../../src/judge/sighting.js';
import type { Device, DeviceChange, NodeCapture } from '../../src/model/observation.js';
import type { Frame, PacketType } from '../../src/model/packet.js';
import { makePlan } from './recording.js';

const PLAN = makePlan();

/** Of the plan: server:eth0 and server:eth2. */
const [ETH0, ETH2] = ['eth0', 'eth2'].map(
  (name) =>
    [...PLAN.interfaces.values()].find(
      ({ endpoint }) => endpoint.node === 'server' && endpoint.interface === name,
    )?.index ?? 0,
) as [number, number];

const NONE = { kind: '', master: null, link: null, address: '' };

function change(index: number, device: Partial<Device> | null, time = 0n): DeviceChange {
  return { time, index, device: device && { ...NONE, name: '', ...device } };
}

function frameOf(interfaceIndex: number, over: Partial<Frame> = {}): Frame {
  return {
    time: 1n,
    interfaceIndex,
    packetType: 'host',
    linkSource: '02:00:00:00:00:01',
    linkDestination: null,
    vlans: [],
    etherType: 0x0800,
    packet: {
      kind: 'ip',
      family: 4,
      source: '203.0.113.9',
      destination: '192.0.2.10',
      ttl: 64,
      identification: 1,
      protocol: 17,
      fragmentOffset: 0,
      moreFragments: false,
      transport: null,
    },
    payload: Buffer.from('one packet'),
    ...over,
  };
}

function capture(devices: readonly DeviceChange[], frames: readonly Frame[] = []): NodeCapture {
  return { node: 'server', devices, frames, liveBefore: true, alive: true, dropped: 0, sentinel: true };
}

t.test('a number is the name that the device had then', async (t) => {
  const history = capture([
    change(30, { name: 'tun0' }, 100n),
    change(30, { name: 'tun9' }, 200n),
    change(30, null, 300n),
    change(30, { name: 'late' }, 400n),
    change(31, { name: 'gone' }, 100n),
    change(31, null, 200n),
  ]);
  const devices = new Devices(PLAN, [history]);
  const nameOf = (index: number, time: bigint) =>
    devices.of('server', frameOf(index, { time }))?.name ?? null;
  t.equal(nameOf(30, 150n), 'tun0');
  t.equal(nameOf(30, 250n), 'tun9');
  t.equal(nameOf(30, 99n), 'tun0', 'what is said of a device comes a little after its first frame');
  t.equal(nameOf(30, 350n), 'late');
  t.equal(nameOf(31, 250n), null);
  t.equal(nameOf(32, 250n), null);
  t.equal(nameOf(ETH0, 250n), 'eth0', 'what nobody said anything of is as planned');
  t.equal(devices.of('client', frameOf(ETH0)), null, 'a number of another node');
  t.equal(devices.of('client', frameOf(30, { time: 150n })), null);
  t.equal(nameOf(1, 0n), 'lo');
});

t.test('what can be reached without a router', async (t) => {
  const segmentsOf = (changes: readonly DeviceChange[], ...indexes: readonly number[]) => {
    const devices = new Devices(PLAN, [
      capture(changes),
      { node: 'client', devices: [change(50, { name: 'wg0', kind: 'wireguard' })] },
    ]);
    return [
      ...indexes.map((index) => devices.of('server', frameOf(index))?.segment),
      devices.of('client', frameOf(50))?.segment,
    ];
  };
  const [eth0, eth2] = segmentsOf([], ETH0, ETH2);
  t.not(eth0, eth2);
  const bridged = (kind: string) => [
    change(ETH0, { name: 'eth0', kind: 'veth', master: 30 }),
    change(ETH2, { name: 'eth2', kind: 'veth', master: 30 }),
    change(30, { name: 'br0', kind }),
  ];
  t.equal(new Set(segmentsOf(bridged('bridge'), ETH0, ETH2, 30).slice(0, 3)).size, 1, 'by a bridge');
  t.equal(new Set(segmentsOf(bridged('vrf'), ETH0, ETH2, 30).slice(0, 3)).size, 3, 'but not by a VRF');
  const stacked = (kind: string) => [change(30, { name: 'eth0.7', kind, link: ETH0 })];
  const [above, below] = segmentsOf(stacked('vlan'), 30, ETH0);
  t.equal(above, below, 'by a VLAN');
  const [other, under] = segmentsOf(stacked('gre'), 30, ETH0);
  t.not(other, under, 'but not by what is no part of the link');
  const [here, there] = segmentsOf([change(30, { name: 'wg1', kind: 'wireguard' })], 30);
  t.equal(here, there, 'from tunnel to tunnel');
  const [gre, wg] = segmentsOf([change(30, { name: 'gre1', kind: 'gre' })], 30);
  t.not(gre, wg, 'of the same kind');
  const [tun, kernels] = segmentsOf([change(30, { name: 'wg1', kind: 'tun' })], 30);
  t.equal(tun, kernels, 'which WireGuard outside of the kernel is, too');
});

t.test('a packet that a node shows several times is one sighting', async (t) => {
  const seen = (changes: readonly DeviceChange[], frames: readonly Frame[]) => {
    const server = capture(changes, frames);
    return sightingsOf(new Devices(PLAN, [server]), server).map(
      ({ interface: name, direction }) => `${name} ${direction}`,
    );
  };
  const port = [
    change(ETH0, { name: 'eth0', kind: 'veth', master: 30 }),
    change(30, { name: 'br0', kind: 'bridge' }),
  ];
  t.same(seen(port, [frameOf(ETH0), frameOf(30)]), ['br0 in'], 'at a bridge and its port');
  t.same(seen(port, [frameOf(ETH0)]), [], 'at a port alone it is none');

  const vlan = [change(30, { name: 'eth0.7', kind: 'vlan', link: ETH0 })];
  const tagged = frameOf(ETH0, { vlans: [7] });
  t.same(seen(vlan, [tagged, frameOf(30)]), ['eth0.7 in'], 'at a VLAN and its trunk');
  t.same(seen(vlan, [tagged]), [], 'a tagged frame that no VLAN took');
  t.same(seen(vlan, [frameOf(ETH0)]), ['eth0 in'], 'an untagged one');
  t.same(seen([], [tagged]), [], 'nor where there is none at all');
  t.same(seen([], [frameOf(ETH0, { vlans: [0] })]), ['eth0 in'], 'a tag that is for priority alone');
  const out = (index: number) => frameOf(index, { packetType: 'outgoing' satisfies PacketType });
  t.same(seen(vlan, [out(30), out(ETH0)]), ['eth0.7 out'], 'where tags are not seen, by the content');
  t.same(
    seen(vlan, [out(30), out(ETH0), out(ETH0)]),
    ['eth0.7 out', 'eth0 out'],
    'each copy stands for one of the others',
  );
  const different = frameOf(ETH0, { packetType: 'outgoing', payload: Buffer.from('another') });
  t.same(seen(vlan, [out(30), different]), ['eth0.7 out', 'eth0 out']);
  t.same(seen(vlan, [frameOf(30), out(ETH0)]), ['eth0.7 in', 'eth0 out'], 'in is not out');
});

t.test('the tag of a frame is that of the wire below the device that speaks IP', async (t) => {
  const VLAN = 40;
  const devices = [change(VLAN, { name: 'eth0.10', kind: 'vlan', link: ETH0 })];
  const tags = (frames: readonly Frame[]) => {
    const seen = capture(devices, frames);
    return sightingsOf(new Devices(PLAN, [seen]), seen).map((each) => [each.interface, each.vlan]);
  };
  const [tagged, other] = [{ vlans: [10] }, { vlans: [10], payload: Buffer.from('another packet') }];
  t.same(tags([frameOf(ETH0, tagged), frameOf(VLAN)]), [['eth0.10', 10]]);
  t.same(tags([frameOf(VLAN), frameOf(ETH0, tagged)]), [['eth0.10', 10]], 'also where it is sent');
  t.same(tags([frameOf(ETH0)]), [['eth0', null]]);
  t.same(tags([frameOf(ETH0, { vlans: [0] })]), [['eth0', null]], 'a priority is no VLAN');
  t.same(tags([frameOf(ETH0, { vlans: [0, 20] }), frameOf(VLAN)]), [['eth0.10', 20]]);
  const out = { packetType: 'outgoing' } as const;
  t.same(tags([frameOf(ETH0, other), frameOf(VLAN)]), [['eth0.10', null]], 'not that of another packet');
  t.same(tags([frameOf(ETH0, tagged), frameOf(VLAN, out)]), [['eth0.10', null]], 'nor of another direction');
});
