import t from 'tap';
import type { Passage } from '../../src/model/evidence.js';
import { marksIn } from '../../src/trace/marks.js';

const TCP = { protocol: 6, isRefusal: false, family: 4 } as const;

const REPLY: Passage = {
  ...{ leg: 'reply', node: 'server', in: 'lan', out: 'eth1', end: 'forwarded', nexthop: 'isp2:lan' },
  packet: {
    ...{ ...TCP, source: '10.0.0.80', destination: '203.0.113.9', sourcePort: 80, destinationPort: 20_000 },
  },
};
const REQUEST: Passage = {
  ...{ leg: 'request', node: 'server', in: 'eth1', out: 'lan', end: 'forwarded', nexthop: 'web:eth0' },
  packet: {
    ...{ ...TCP, source: '203.0.113.9', destination: '10.0.0.80', sourcePort: 20_000, destinationPort: 80 },
  },
};

const IP = 'ip dscp cs0 ip ecn not-ect ip ttl 64 ip id 0 ip protocol tcp ip length 60 tcp sport 80';
const packet = (id: string, chain: string, text: string) =>
  `trace id ${id} inet ${chain} packet: ${text} ${IP}`;

/** As nft 1.0.6 prints a packet that a rule of the user marks in prerouting. */
const marked = (id: string) => [
  packet(id, 'replypath-trace first-prerouting', 'iif "lan" ip saddr 10.0.0.80 ip daddr 203.0.113.9'),
  `trace id ${id} inet replypath-trace first-prerouting rule meta nftrace set 1 (verdict continue)`,
  `trace id ${id} inet replypath-trace first-prerouting policy accept `,
  packet(id, 'marks prerouting', 'iif "lan" ip saddr 10.0.0.80 ip daddr 203.0.113.9'),
  `trace id ${id} inet marks prerouting rule ct mark set meta mark (verdict continue)`,
  `trace id ${id} inet marks prerouting rule iifname "lan" ct mark 0x1 meta mark set ct mark (verdict continue)`,
  `trace id ${id} inet marks prerouting rule iifname "lan" accept (verdict accept)`,
  `trace id ${id} inet replypath-trace last-prerouting policy accept meta mark 0x00000001 `,
  `trace id ${id} inet replypath-trace last-forward policy accept meta mark 0x00000001 `,
  `trace id ${id} inet replypath-trace last-postrouting policy accept meta mark 0x00000003 `,
];

const LIFE = [
  {
    ...{ node: 'server', leg: 'reply', hook: 'prerouting', mark: 1 },
    rule: 'iifname "lan" ct mark 0x1 meta mark set ct mark',
  },
  { node: 'server', leg: 'reply', hook: 'forward', mark: 1, rule: null },
  { node: 'server', leg: 'reply', hook: 'postrouting', mark: 3, rule: null },
];

t.test("the mark at each hook, and the rule that changed it; not that of its connection's", async (t) => {
  const marks = (lines: readonly string[]) => marksIn(lines.join('\n'), 'server', [REQUEST, REPLY]);
  t.strictSame(marks(marked('5b3d')), LIFE);
  t.strictSame(marks([...marked('5b3d'), ...marked('6c4e')]), LIFE, 'alike for all of its packets');
  t.strictSame(marks([...marked('5b3d'), ...marked('5b3d')]), LIFE, 'a number may come again');
  t.strictSame(marks(marked('5b3d').slice(1)), [], 'of which the beginning is missing');
});

t.test('which packets are the flow’s', async (t) => {
  const legs = (text: string, protocol = 'tcp', passages: readonly Passage[] = [REQUEST, REPLY]) => {
    const first = packet('1', 'replypath-trace first-prerouting', text).replace(
      'protocol tcp',
      `protocol ${protocol}`,
    );
    const lines = [first, 'trace id 1 inet replypath-trace last-input policy accept '];
    return marksIn(lines.join('\n'), 'server', passages).map(({ leg }) => leg);
  };
  t.strictSame(
    legs('iif "eth1" ip saddr 203.0.113.9 ip daddr 198.51.100.10'),
    ['request'],
    'before translation',
  );
  t.strictSame(legs('iif "eth0" ip saddr 203.0.113.9 ip daddr 198.51.100.10'), [], 'by another interface');
  t.strictSame(
    legs('iif "eth1" ip saddr 203.0.113.9 ip daddr 198.51.100.10', 'icmp'),
    [],
    'of another protocol',
  );
  const sent: Passage = { ...REPLY, in: null };
  t.strictSame(legs('oif "eth0" ip saddr 10.0.0.80 ip daddr 203.0.113.9', 'tcp', [sent]), ['reply']);
  t.strictSame(legs('oif "eth0" ip saddr 10.0.0.81 ip daddr 203.0.113.8', 'tcp', [sent]), []);
  t.strictSame(legs('iif "eth0" ip saddr 10.0.0.80 ip daddr 203.0.113.9', 'tcp', [sent]), []);
});
