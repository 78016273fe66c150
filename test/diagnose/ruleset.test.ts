import t from 'tap';
import { markDeedOf } from '../../src/diagnose/mark-rules.js';
import { type FilteredPacket, matchOf } from '../../src/diagnose/rule-match.js';
import { endsOf, rulesMet } from '../../src/diagnose/rule-walk.js';
import { chainsAt, readRuleset } from '../../src/diagnose/ruleset.js';

/** As nft 1.0.6 prints what iptables 1.8.9 and nft(8) made. */
const RULESET = `table ip mangle {
\tchain PREROUTING {
\t\ttype filter hook prerouting priority mangle; policy accept;
\t\tiifname "eth1" ct state new counter packets 2 bytes 100 ct mark set 0x2
\t}
}
table inet f {
\tset known {
\t\ttype ipv4_addr
\t\telements = { 192.0.2.1,
\t\t\t     192.0.2.2 }
\t}

\tchain web {
\t\ttcp dport { 80, 443 } return
\t\tdrop
\t}

\tchain input {
\t\ttype filter hook input priority filter + 10; policy drop;
\t\tct state established,related accept
\t\tip saddr @known accept
\t\tiifname "lan*" accept
\t\ttcp dport 22 reject with tcp reset comment "accept"
\t\tmeta l4proto { tcp, udp } th dport 1000-2000 jump web
\t}

\tchain early {
\t\ttype filter hook input priority raw; policy accept;
\t\ttcp dport 25 counter packets 0 bytes 0 drop
\t}
}`;

const PACKET: FilteredPacket = {
  ...{ family: 4, protocol: 6, source: '203.0.113.9', destination: '198.51.100.10' },
  ...{ sourcePort: 40_000, destinationPort: 22, in: 'eth1', out: null },
  ...{ state: 'new', icmpType: null, connectionMark: 0 },
};

t.test('a ruleset is read with its chains in the order in which packets meet them', async (t) => {
  const chains = readRuleset(RULESET);
  t.strictSame(
    chains.map(({ table, name, rules }) => [table, name, rules.length]),
    [
      ['mangle', 'PREROUTING', 1],
      ['f', 'web', 2],
      ['f', 'input', 5],
      ['f', 'early', 1],
    ],
  );
  t.strictSame(
    chainsAt(chains, 'input', 4).map(({ name, base }) => [name, base?.priority, base?.policy]),
    [
      ['early', -300, 'accept'],
      ['input', 10, 'drop'],
    ],
  );
  t.strictSame(chainsAt(chains, 'prerouting', 6), []);
});

t.test('a rule takes a packet, does not, or does so as far as is known', async (t) => {
  const cases: readonly [rule: string, match: string, more?: Partial<FilteredPacket>][] = [
    ['tcp dport 22 drop', 'yes'],
    ['tcp dport != 22 drop', 'no'],
    ['udp dport 22 drop', 'no'],
    ['tcp dport 1-21 drop', 'no'],
    ['th dport { 20-25, 80 } drop', 'yes'],
    ['ip saddr 203.0.113.0/24 drop', 'yes'],
    ['ip saddr != { 203.0.113.0/24, 10.0.0.0/8 } drop', 'no'],
    ['ip daddr 198.51.100.1-198.51.100.20 drop', 'yes'],
    ['ip6 saddr 2001:db8::/32 drop', 'no'],
    ['iifname "eth*" drop', 'yes'],
    ['iif "lo" accept', 'no'],
    ['ct state established,related accept', 'no'],
    ['ct state { related, new } accept', 'yes'],
    ['ct state invalid drop', 'unknown', { state: null }],
    ['meta l4proto { icmp, tcp } accept', 'yes'],
    ['ip protocol icmp drop', 'no'],
    ['icmp type echo-request drop', 'yes', { protocol: 1, icmpType: 'echo-request' }],
    ['ct mark 0x00000002 accept', 'yes', { connectionMark: 2 }],
    ['ip saddr @known drop', 'unknown'],
    ['limit rate 5/second drop', 'unknown'],
    ['tcp dport 22 numgen random mod 2 0 drop', 'unknown'],
    ['tcp dport 80 numgen random mod 2 0 drop', 'no'],
    ['tcp dport 22 counter packets 0 bytes 0 drop', 'no'],
    ['tcp dport 22 counter packets 1 bytes 60 drop', 'yes'],
    ['drop', 'yes'],
  ];
  for (const [rule, match, more] of cases) t.equal(matchOf(rule, { ...PACKET, ...more }), match, rule);
});

t.test('a packet ends where a rule or a policy certainly ends it', async (t) => {
  const chains = readRuleset(RULESET);
  const ends = (more: Partial<FilteredPacket>) =>
    endsOf(rulesMet(chains, 'input', { ...PACKET, ...more })).map(({ chain, rule, verdict, isCertain }) =>
      [chain.name, rule?.split(' ').slice(0, 3).join(' ') ?? 'policy', verdict, isCertain].join(', '),
    );
  t.strictSame(ends({ state: 'established' }), []);
  t.strictSame(ends({ in: 'lan0', family: 6 }), []);
  t.strictSame(ends({ source: '192.0.2.2' }), [], 'what is in the set is accepted');
  t.strictSame(ends({}), ['input, tcp dport 22, reject, true']);
  const met = (port: number) =>
    endsOf(rulesMet(chains, 'input', { ...PACKET, destinationPort: port })).map(
      ({ chain, rule, isCertain }) => [chain.name, rule, isCertain],
    );
  t.strictSame(met(22), [['input', 'tcp dport 22 reject with tcp reset comment "accept"', true]]);
  t.strictSame(met(1500), [['web', 'drop', true]]);
  t.strictSame(met(26), [['input', null, true]]);
});

t.test(
  'whether a packet was in a set that packets or time change is not known, nor in one of pairs',
  async (t) => {
    for (const changed of [
      RULESET.replace('type ipv4_addr\n', 'type ipv4_addr\n\t\tflags dynamic\n'),
      RULESET.replace('type ipv4_addr\n', 'type ipv4_addr\n\t\ttimeout 1m\n'),
      RULESET.replace('192.0.2.1,', '192.0.2.1 expires 5s,'),
      RULESET.replace('192.0.2.1,', '192.0.2.1 . "eth0",'),
    ]) {
      const met = rulesMet(readRuleset(changed), 'input', { ...PACKET, source: '192.0.2.2' });
      t.ok(
        met.some(({ rule, isCertain }) => rule === 'ip saddr @known accept' && !isCertain),
        changed,
      );
    }
    const empty = readRuleset(RULESET.replace(/\t\telements = \{[^}]*\}\n/, ''));
    const met = rulesMet(empty, 'input', { ...PACKET, source: '192.0.2.2' });
    t.notOk(
      met.some(({ rule }) => rule === 'ip saddr @known accept'),
      'one without elements has none',
    );
  },
);

t.test('a message of ARP meets the chains of tables of ARP alone', async (t) => {
  const text = `table arp f {
\tset lost {
\t\ttype ifname
\t\telements = { "eth1" }
\t}
\tchain output {
\t\ttype filter hook output priority filter; policy accept;
\t\tarp operation reply oifname @lost arp saddr ip 198.51.100.10 drop
\t}
}`;
  const { out: _, in: __, ...rest } = PACKET;
  const ends = (more: Partial<FilteredPacket>) =>
    endsOf(
      rulesMet(readRuleset(`${RULESET}\n${text}`), 'output', {
        ...{ ...rest, in: null, out: 'eth1', arp: 'reply', source: '198.51.100.10' },
        ...more,
      }),
    ).map(({ isCertain }) => isCertain);
  t.strictSame(ends({}), [true]);
  t.strictSame(ends({ out: 'eth0' }), []);
  t.strictSame(ends({ arp: 'request' }), []);
  t.strictSame(ends({ source: '198.51.100.11' }), []);
  t.strictSame(ends({ source: null }), [false]);
  const spelt = 'arp htype 1 arp hlen 6 arp plen 4 arp operation request drop';
  t.equal(matchOf(spelt, { ...PACKET, arp: 'request' }), 'yes', 'as iptables has it');
  t.equal(matchOf(spelt, PACKET), 'no');
});

t.test('what a rule does with marks', async (t) => {
  t.equal(markDeedOf('iifname "eth1" ct mark set 0x2'), 'set-connection');
  t.equal(markDeedOf('ct mark set mark'), 'save');
  t.equal(markDeedOf('ct mark set meta mark'), 'save');
  t.equal(markDeedOf('counter packets 0 bytes 0 meta mark set ct mark'), 'restore');
  t.equal(markDeedOf('ct mark 0x2 meta mark set mark and 0xffffff00 xor 0x2'), 'set');
  t.equal(markDeedOf('ct mark 0x2 accept'), null);
});
