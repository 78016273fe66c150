import t from 'tap';
import type { Passage, RoutedPacket } from '../../src/model/evidence.js';
import type { TracedSighting } from '../../src/trace/anchor.js';
import { attribute } from '../../src/trace/attribute.js';
import { parseEvent, type TraceEvent } from '../../src/trace/event.js';

// As Linux 6.18 printed it: a ping to the second uplink of dual-isp, where strict reverse-path filtering is on.
const PING = `
 ping-14378 [001] ..... 68863.362751: fib_table_lookup: table 254 oif 0 iif 1 proto 17 203.0.113.9/52874 -> 198.51.100.10/1025 tos 0 scope 0 flags 0 ==> dev eth0 gw 203.0.113.1/:: err 0
 ping-14378 [001] ..... 68863.362830: fib_table_lookup: table 254 oif 0 iif 1 proto 1 0.0.0.0/0 -> 198.51.100.10/0 tos 0 scope 0 flags 0 ==> dev eth0 gw 203.0.113.1/:: err 0
 ping-14378 [001] b.... 68863.362841: net_dev_queue: dev=eth0 skbaddr=000000006a2bfe3b len=98
 ping-14378 [001] b.s1. 68863.362908: net_dev_queue: dev=lan skbaddr=000000006a2bfe3b len=98
 ping-14378 [001] ..s1. 68863.362912: netif_receive_skb: dev=eth1 skbaddr=000000006a2bfe3b len=84
 ping-14378 [001] ..s1. 68863.362930: fib_table_lookup: table 254 oif 0 iif 13 proto 0 203.0.113.9/0 -> 198.51.100.10/0 tos 0 scope 0 flags 0 ==> dev eth1 gw 0.0.0.0/:: err 0
 ping-14378 [001] ..s1. 68863.362931: fib_table_lookup: table 255 oif 0 iif 0 proto 0 0.0.0.0/0 -> 203.0.113.9/0 tos 0 scope 0 flags 0 ==> dev - gw 0.0.0.0/:: err -11
 ping-14378 [001] ..s1. 68863.362932: fib_table_lookup: table 254 oif 0 iif 1 proto 0 198.51.100.10/0 -> 203.0.113.9/0 tos 0 scope 0 flags 0 ==> dev eth0 gw 192.0.2.1/:: err 0
 ping-14378 [001] ..s1. 68863.362935: kfree_skb: skbaddr=000000006a2bfe3b rx_sk=0000000000000000 protocol=2048 location=ip_rcv_finish_core+0x25b/0x470 reason: IP_RPFILTER
`;

const PACKET: RoutedPacket = {
  ...{ family: 4, source: '203.0.113.9', destination: '198.51.100.10', protocol: 1 },
  ...{ sourcePort: null, destinationPort: null, isRefusal: false },
};

const SENT: Passage = {
  ...{ leg: 'request', node: 'client', in: null, out: 'eth0', end: 'sent', nexthop: 'isp2:wan' },
  packet: PACKET,
};
const DELIVERED: Passage = {
  ...{ leg: 'request', node: 'server', in: 'eth1', out: null, end: 'delivered', nexthop: null },
  packet: PACKET,
};
const MISSING: Passage = {
  ...{ leg: 'reply', node: 'server', in: null, out: null, end: 'missing', nexthop: null },
  packet: { ...PACKET, source: PACKET.destination, destination: '203.0.113.9' },
};
const PASSAGES = [SENT, DELIVERED, MISSING];

/** Microseconds after 68863.362000. */
const at = (micros: number): bigint => 68_863_362_000_000n + BigInt(micros) * 1000n;

const SIGHTINGS: readonly TracedSighting[] = [
  { passage: SENT, device: 'eth0', direction: 'out', time: at(845), length: 84 },
  { passage: null, device: 'lan', direction: 'out', time: at(909), length: 84 },
  { passage: DELIVERED, device: 'eth1', direction: 'in', time: at(911), length: 84 },
];

const eventsOf = (text: string): TraceEvent[] => text.split('\n').flatMap((line) => parseEvent(line) ?? []);

t.test('events as kernels print them', async (t) => {
  const one = (text: string) => parseEvent(` a b-7 [003] ${text}`);
  t.match(one('..s2. 1.000005: netif_receive_skb: dev=eth0.5 skbaddr=0000000012345678 len=84'), {
    ...{ kind: 'received', time: 1_000_005_000n, processor: 3, process: 7, isSoftInterrupt: true },
    ...{ device: 'eth0.5', buffer: '0000000012345678', length: 84 },
  });
  const drop = 'kfree_skb: skbaddr=0000000012345678 protocol=34525 location=ip6_forward+0x1/0x2';
  t.match(one(`..... 1.000005: ${drop} reason: NETFILTER_DROP`), {
    ...{ kind: 'dropped', reason: 'NETFILTER_DROP', isSoftInterrupt: false },
  });
  t.match(one(`d.H2. 1.000005: ${drop}`), { reason: '', isSoftInterrupt: true }, 'before Linux 5.17');
  const look =
    'table 102 oif 0 iif 13 proto 6 2001:db8:c::9/20000 -> 2001:db8:b::10/22 flowlabel 0x3 tos 0 scope 0';
  t.match(one(`..s1. 1.000005: fib6_table_lookup: ${look} flags 4 ==> dev eth1 gw 2001:db8:b::1 err 0`), {
    ...{ kind: 'look-up', family: 6, table: 102, inputInterface: 13, protocol: 6, error: 0 },
    ...{ source: '2001:db8:c::9', sourcePort: 20000, destination: '2001:db8:b::10', destinationPort: 22 },
    ...{ device: 'eth1', gateway: '2001:db8:b::1' },
  });
  t.match(one(`..s1. 1.000005: fib6_table_lookup: ${look} flags 4 ==> dev lo gw :: err -113`), {
    ...{ gateway: '', error: 113 },
  });
  t.equal(one('..... 1.000005: netif_rx: dev=eth0 skbaddr=0000000012345678 len=84'), null);
  t.equal(parseEvent('CPU:1 [LOST 12 EVENTS]'), null);
});

t.test('the look-ups of a packet, and where it was dropped', async (t) => {
  const { fibLookUps, drops, missing } = attribute(eventsOf(PING), SIGHTINGS, PASSAGES);
  t.strictSame(
    fibLookUps.map(({ text: _, ...each }) => each),
    [
      {
        ...{ node: 'client', leg: 'request', purpose: 'way', table: 254 },
        ...{ device: 'eth0', gateway: '203.0.113.1', error: 0 },
      },
      {
        ...{ node: 'server', leg: 'request', purpose: 'way', table: 254 },
        ...{ device: 'eth1', gateway: null, error: 0 },
      },
      {
        ...{ node: 'server', leg: 'request', purpose: 'reverse-path', table: 254 },
        ...{ device: 'eth0', gateway: '192.0.2.1', error: 0 },
      },
    ],
  );
  t.strictSame(drops, [
    {
      ...{ node: 'server', leg: 'request', interface: 'eth1' },
      ...{ reason: 'IP_RPFILTER', location: 'ip_rcv_finish_core', afterUs: 23 },
    },
  ]);
  t.strictSame(missing, []);
});

t.test('what another lab had at the same time is not taken for it', async (t) => {
  // The same packet, received at the same time by another server, which answers it.
  const other = PING.replaceAll('78 [001]', '99 [000]').replaceAll('6a2bfe3b', '11111111');
  const both = attribute(eventsOf(`${PING}${other}`), SIGHTINGS, PASSAGES);
  t.strictSame(both.fibLookUps, []);
  t.strictSame(both.drops, []);
  t.match(both.missing, [/another lab/]);

  const later = attribute(
    eventsOf(`${PING}${other.replaceAll('68863.362', '68863.367')}`),
    SIGHTINGS,
    PASSAGES,
  );
  t.strictSame(later, attribute(eventsOf(PING), SIGHTINGS, PASSAGES), 'a few milliseconds are enough');

  const none = attribute(eventsOf(PING.replaceAll('68863', '68864')), SIGHTINGS, PASSAGES);
  t.strictSame(none.drops, [], 'nor what happened at another time');
});

t.test('what is freed without being lost', async (t) => {
  const answered = PASSAGES.filter((passage) => passage !== MISSING);
  t.strictSame(attribute(eventsOf(PING), SIGHTINGS, answered).drops, [], 'it was answered');
  const consumed = PING.replace('ip_rcv_finish_core', 'icmp_rcv').replace('IP_RPFILTER', 'NOT_SPECIFIED');
  t.strictSame(attribute(eventsOf(consumed), SIGHTINGS, PASSAGES).drops, [], 'ICMP frees what it has read');
  const gone = PING.replace('kfree_skb: skbaddr=000000006a2bfe3b', 'kfree_skb: skbaddr=000000006a2bfe3c');
  t.strictSame(
    attribute(eventsOf(gone), SIGHTINGS, PASSAGES).drops.map(({ leg, interface: device }) => [leg, device]),
    [['reply', null]],
    'another packet, after it: the answer that nobody sighted',
  );
});

t.test('rules that ask for ports, with which the reverse path has them too', async (t) => {
  const dissected = PING.replace('iif 13 proto 0', 'iif 13 proto 1').replace(
    /(.*)iif 1 proto 0 (.*)gw 192.0.2.1\/:: err 0\n/,
    (_, before, after) =>
      `${before}iif 1 proto 1 ${after.replace('table 254', 'table 255')}gw 0.0.0.0/:: err -11\n` +
      `${before}iif 1 proto 1 ${after}gw 192.0.2.1/:: err 0\n` +
      `${before}iif 1 proto 1 ${after}gw 198.51.100.1/:: err 0\n`,
  );
  const { fibLookUps } = attribute(eventsOf(dissected), SIGHTINGS, PASSAGES);
  t.strictSame(
    fibLookUps
      .filter(({ node }) => node === 'server')
      .map(({ leg, purpose, gateway, error }) => [leg, purpose, gateway, error]),
    [
      ['request', 'way', null, 0],
      ['request', 'reverse-path', null, 11],
      ['request', 'reverse-path', '192.0.2.1', 0],
      ['reply', 'way', '198.51.100.1', 0],
    ],
  );
});

t.test('a packet of a program that never left', async (t) => {
  const asked = { ...PACKET, protocol: 17, sourcePort: 20_000, destinationPort: 53 };
  const unsent: Passage = { ...MISSING, leg: 'request', node: 'client', packet: asked };
  const line = (process: number, port: number, micros: number) =>
    ` perl-${process} [001] ..... 68863.362${micros}: fib_table_lookup: table 254 oif 0 iif 1 proto 17 ` +
    `203.0.113.9/${port} -> 198.51.100.10/53 tos 0 scope 0 flags 0 ==> dev eth0 gw 203.0.113.1/:: err 0\n`;
  const drop =
    ' perl-7 [001] ..... 68863.362150: kfree_skb: skbaddr=000000006a2bfe3b rx_sk=0000000000000000 ' +
    'protocol=2048 location=nft_do_chain+0x1/0x2 reason: NETFILTER_DROP\n';
  const own = attribute(eventsOf(line(7, 20_000, 100) + line(8, 20_001, 110) + drop), [], [unsent]);
  t.equal(own.fibLookUps.length, 1, 'by its ports');
  t.match(own.drops, [{ node: 'client', interface: null, reason: 'NETFILTER_DROP', afterUs: 50 }]);
  const two = attribute(eventsOf(line(7, 20_000, 100) + line(8, 20_000, 110) + drop), [], [unsent]);
  t.strictSame([two.fibLookUps, two.drops], [[], []]);
  t.match(two.missing, [/another lab/]);
});
