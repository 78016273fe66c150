import t from 'tap';
import type { DialEvent } from '../../src/model/scenario.js';
import type { InterfaceAddress, PppEnd } from '../../src/model/topology.js';
import { dial } from '../../src/tools/ppp-dial.js';

const address = (text: string): InterfaceAddress => {
  const family = text.includes(':') ? 6 : 4;
  const prefixLength = family === 6 ? 128 : 32;
  return { family, address: text, prefixLength, dynamic: false, peer: null, label: null };
};

const end = (node: string, ...addresses: readonly string[]): PppEnd => {
  return { node, interface: 'ppp0', addresses: addresses.map(address) };
};

/** What a node does when the link is dialled, in order: commands of ip(8), and what it waits for. */
function deeds(node: string, ends: DialEvent['ends']): readonly string[] {
  return dial('connect', ends)
    .filter((each) => each.node === node)
    .flatMap(({ items }) => items)
    .flatMap((item) => {
      if (item.kind === 'ip') return item.commands.map(({ text }) => text);
      if (item.kind !== 'await') return [];
      return item.conditions.flatMap((each) => (each.kind === 'shell' ? [`until ${each.command}`] : []));
    });
}

t.test('an end is ready when the kernel has routes for its IPv6 addresses, too', async (t) => {
  const both = [
    end('server', '192.0.2.10', '2001:db8:b::10'),
    end('isp', '100.64.0.1', '2001:db8:b::1'),
  ] as const;
  t.strictSame(deeds('server', both), [
    'address add 192.0.2.10 peer 100.64.0.1/32 dev ppp0',
    'link set dev ppp0 up',
    "until ip -o link show dev ppp0 | grep -q 'state UP'",
    'address add fe80::2 peer fe80::1/128 dev ppp0 nodad',
    'address add 2001:db8:b::10 peer 2001:db8:b::1/128 dev ppp0 nodad',
    'until ip -6 route get fe80::1 oif ppp0',
    'until ip -6 route get 2001:db8:b::1 oif ppp0',
  ]);
});

t.test('and waits for nothing without them', async (t) => {
  const both = [end('server', '192.0.2.10'), end('isp', '100.64.0.1')] as const;
  t.strictSame(deeds('server', both), [
    'address add 192.0.2.10 peer 100.64.0.1/32 dev ppp0',
    'link set dev ppp0 up',
  ]);
});
