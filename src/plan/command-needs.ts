import type { Feature } from '../model/feature.js';
import type { Need } from '../model/need.js';

/** What `ip link add … type` makes, beyond veth and bridge, which every lab is made with; ip-link(8). */
const LINK_TYPES: Readonly<Record<string, Feature>> = {
  ...{ vlan: 'vlan', vrf: 'vrf', vxlan: 'vxlan', macvlan: 'macvlan', wireguard: 'wireguard' },
  ...{ gre: 'gre', gretap: 'gre', dummy: 'dummy', bond: 'bond', ifb: 'ifb' },
};

/** Programs that scenarios start and that need nothing of the kernel but sockets. */
const DAEMONS = [
  ...['dnsmasq', 'radvd', 'dhclient', 'dhcpcd', 'udhcpc'],
  ...['bird', 'keepalived', 'conntrackd', 'conntrack'],
] as const;

/** What programs need, by name. */
const PROGRAMS: Readonly<Record<string, readonly Need[]>> = {
  nft: ['nftables'],
  ...{ iptables: ['iptables'], 'iptables-restore': ['iptables'] },
  ...{ ip6tables: ['ip6tables'], 'ip6tables-restore': ['ip6tables'] },
  wg: [{ tool: 'wg', oldest: null }],
  'wg-quick': [{ tool: 'wg-quick', oldest: null }],
  openvpn: [{ tool: 'openvpn', oldest: null }, 'tun'],
  'wireguard-go': [{ tool: 'wireguard-go', oldest: null }, 'tun'],
  ...Object.fromEntries(DAEMONS.map((tool) => [tool, [{ tool, oldest: null }]])),
};

/** What a command needs of the machine, as far as its words tell. */
export function needsOfCommand([path = '', ...words]: readonly string[]): readonly Need[] {
  const program = path.slice(path.lastIndexOf('/') + 1);
  if (program === 'ip') return needsOfIp(words);
  if (program === 'tc') return words.includes('netem') && ADDING.test(words[1] ?? '') ? ['netem'] : [];
  const needs = Object.hasOwn(PROGRAMS, program) ? (PROGRAMS[program] ?? []) : [];
  return program === 'wg-quick' && words[0] === 'up' ? [...needs, 'wireguard'] : needs;
}

const ADDING = /^(a|add|change|replace)$/;

function needsOfIp(words: readonly string[]): readonly Need[] {
  const begin = words.findIndex((word) => !word.startsWith('-'));
  const [object = '', action = '', ...rest] = begin < 0 ? [] : words.slice(begin);
  if (object === 'mptcp') return ['mptcp'];
  if (!ADDING.test(action)) return [];
  if (object === 'tuntap') return ['tun'];
  const kind = rest[rest.indexOf('type') + 1] ?? '';
  const isLink = /^l(i(nk?)?)?$/.test(object) && rest.includes('type');
  const type = isLink && Object.hasOwn(LINK_TYPES, kind) ? LINK_TYPES[kind] : undefined;
  if (type !== undefined) return [type];
  const mode = rest[rest.indexOf('mode') + 1];
  return object === 'tunnel' && rest.includes('mode') && mode === 'gre' ? ['gre'] : [];
}
