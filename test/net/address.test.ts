import { isIP } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import {
  contains,
  hasHostBits,
  isLinkLocal,
  makePrefix,
  networkText,
  parseAddress,
  parsePrefix,
} from '../../src/net/address.js';

t.test('canonical text: the examples of RFC 5952', async (t) => {
  const known: Record<string, string> = {
    '2001:db8::1': '2001:db8::1', // 4.2.1
    '2001:0db8::0001': '2001:db8::1', // 4.1
    '2001:db8:0:0:0:0:2:1': '2001:db8::2:1', // 4.2.1
    '2001:db8:0:1:1:1:1:1': '2001:db8:0:1:1:1:1:1', // 4.2.2
    '2001:0:0:1:0:0:0:1': '2001:0:0:1::1', // 4.2.3
    '2001:db8:0:0:1:0:0:1': '2001:db8::1:0:0:1', // 4.2.3, the first of two equal runs
    '2001:DB8::ABCD': '2001:db8::abcd', // 4.3
    '::ffff:192.0.2.1': '::ffff:192.0.2.1', // 5
    '::ffff:c000:201': '::ffff:192.0.2.1',
    '::': '::',
    '::1': '::1',
    'fe80::': 'fe80::',
    '1:2:3:4:5:6:7:8': '1:2:3:4:5:6:7:8',
    '192.0.2.1': '192.0.2.1',
    '0.0.0.0': '0.0.0.0',
  };
  for (const [text, canonical] of Object.entries(known)) t.equal(parseAddress(text)?.text, canonical, text);
});

t.test('text that is no address', async (t) => {
  const bad = [
    '',
    ' ',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '0x1.2.3.4',
    '1.2.3.4/24',
    ' 1.2.3.4',
    '1.2.3.4\n',
  ];
  const bad6 = [
    ':',
    ':::',
    '1::2::3',
    '12345::',
    'g::',
    '1:2',
    'fe80::1%eth0',
    '::1/64',
    '1:2:3:4:5:6:7:8:9',
    '::1.2.3',
  ];
  for (const text of [...bad, ...bad6, 'server:eth1', 'default', '3232235777']) {
    t.equal(parseAddress(text), null, JSON.stringify(text));
  }
});

t.test('prefixes', async (t) => {
  const prefix = parsePrefix('192.0.2.10/24');
  t.match(prefix, {
    family: 4,
    prefixLength: 24,
    address: { text: '192.0.2.10' },
    network: { text: '192.0.2.0' },
  });
  t.equal(networkText(parsePrefix('2001:db8:a::10/64')!), '2001:db8:a::/64');
  t.equal(hasHostBits(parsePrefix('192.0.2.10/24')!), true);
  t.equal(hasHostBits(parsePrefix('192.0.2.0/24')!), false);
  t.equal(hasHostBits(parsePrefix('192.0.2.10/32')!), false);
  t.equal(hasHostBits(parsePrefix('::1/0')!), true);
  for (const text of [
    '192.0.2.0',
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2.0/024',
    '192.0.2.0/',
    '::/129',
    '/24',
    '::/64/1',
  ]) {
    t.equal(parsePrefix(text), null, text);
  }
  t.equal(makePrefix(parseAddress('::')!, 1.5), null);
});

t.test('containment keeps the families apart', async (t) => {
  const holds = (prefix: string, address: string) => contains(parsePrefix(prefix)!, parseAddress(address)!);
  t.equal(holds('192.0.2.0/24', '192.0.2.255'), true);
  t.equal(holds('192.0.2.0/24', '192.0.3.0'), false);
  t.equal(holds('0.0.0.0/0', '203.0.113.9'), true);
  t.equal(holds('2001:db8:a::/64', '2001:db8:a::ffff'), true);
  t.equal(holds('2001:db8:a::/64', '2001:db8:a:1::'), false);
  t.equal(holds('::/0', '192.0.2.1'), false);
  t.equal(holds('::/0', '::c000:201'), true);
  t.equal(holds('0.0.0.0/0', '::1'), false);
});

t.test('link-local addresses', async (t) => {
  t.equal(isLinkLocal(parseAddress('fe80::1')!), true);
  t.equal(isLinkLocal(parseAddress('febf::1')!), true);
  t.equal(isLinkLocal(parseAddress('fec0::1')!), false);
  t.equal(isLinkLocal(parseAddress('169.254.0.1')!), false);
});

t.test("what Node's own parser takes, and nothing else", async () => {
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string(),
    fc.string({ unit: fc.constantFrom(...'0123456789abf.:%/'), maxLength: 20 }),
  );
  fc.assert(
    fc.property(text, (value) => {
      const address = parseAddress(value);
      if (value.includes('%')) return address === null;
      return (address?.family ?? 0) === isIP(value);
    }),
    { numRuns: 2000 },
  );
});

t.test('canonical text is what the URL standard prints, and is read again', async () => {
  fc.assert(
    fc.property(fc.ipV6(), (value) => {
      const address = parseAddress(value);
      if (address === null) return false;
      const mapped = address.value >> 32n === 0xffffn;
      const independent = new URL(`http://[${value}]/`).hostname.slice(1, -1);
      return (mapped || address.text === independent) && parseAddress(address.text)?.value === address.value;
    }),
  );
});
