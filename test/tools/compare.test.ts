import t from 'tap';
import type { Route, Rule } from '../../src/model/evidence.js';
import { askedBy } from '../../src/tools/asked.js';
import { compare, type Held } from '../../src/tools/compare.js';
import { route, rule } from '../diagnose/configured.js';

const NOTHING: Held = { rules: [], routes: [], addresses: [] };
const NAMES = new Map([['7', 'dmz']]);
const FROM = rule(101, 'from 198.51.100.10 lookup dmz', { from: '198.51.100.10/32', table: 'dmz' });
const BY_ETH1 = route('default via 198.51.100.1 dev eth1', 'dmz');

const asked = (...commands: readonly string[]) =>
  commands.flatMap((command, i) => askedBy({ file: '/etc/net', line: i + 1 }, command));

const held = (rules: readonly Rule[], routes: readonly Route[] = []): Held => ({ ...NOTHING, rules, routes });

t.test('what is there as asked is neither ignored nor added', async (t) => {
  const both = asked(
    'ip rule add from 198.51.100.10/32 table 7',
    'ip route add default via 198.51.100.1 table dmz',
  );
  t.strictSame(compare(both, NOTHING, held([FROM], [BY_ETH1]), NAMES), { asked: 2, ignored: [], added: [] });
});

t.test('what is not there is told with its place, and what was not asked as ip(8) shows it', async (t) => {
  const others = asked(
    'ip rule add from 198.51.100.11 table dmz',
    'ip -6 rule add from 2001:db8::1 table dmz',
    'ip route add default via 198.51.100.2 table dmz',
    'ip address add 198.51.100.10/24 dev eth1',
  );
  const found = compare(others, NOTHING, held([FROM], [BY_ETH1]), NAMES);
  t.strictSame(
    found.ignored.map((text) => text.slice(0, 11)),
    ['/etc/net:1:', '/etc/net:2:', '/etc/net:3:', '/etc/net:4:'],
  );
  t.strictSame(found.added, [BY_ETH1.text, FROM.text]);
});

t.test('what was there before is not added, and a second one of a kind is', async (t) => {
  const one = asked('ip rule add from 198.51.100.10 table dmz');
  const again = { ...FROM, preference: 100, text: '100: from 198.51.100.10 lookup dmz' };
  t.strictSame(compare(one, held([FROM]), held([FROM]), NAMES), { asked: 1, ignored: [], added: [] });
  t.strictSame(compare(one, NOTHING, held([again, FROM]), NAMES).added, [FROM.text]);
  t.strictSame(compare(one, held([FROM]), held([again, FROM]), NAMES).added, [`${again.text} (once more)`]);
});

t.test("what a tool puts into a route is told, and the kernel's own routes are marked", async (t) => {
  const text = 'default via 198.51.100.1 dev eth1 table dmz metric 3 onlink';
  const nexthops = BY_ETH1.nexthops.map((hop) => ({ ...hop, flags: ['onlink'] }));
  const connected = { ...route('198.51.100.0/24 dev eth1'), protocol: 'kernel' };
  const has = held([], [{ ...BY_ETH1, text, nexthops, metric: 3 }, connected]);
  const one = asked('ip route add default via 198.51.100.1 table dmz');
  t.strictSame(compare(one, NOTHING, has, NAMES).added, [
    `metric 3 and onlink to: ${text}`,
    `${connected.text} (the kernel's own)`,
  ]);
  const said = asked('ip route add default via 198.51.100.1 table dmz metric 3 onlink');
  t.strictSame(compare(said, NOTHING, has, NAMES).added, [`${connected.text} (the kernel's own)`]);
});
