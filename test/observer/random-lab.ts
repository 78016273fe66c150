import type { Flow, Scenario } from './rewrite.js';

/** Numbers from 0 up to 1, always the same ones after the same seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Uplink {
  readonly device: string;
  readonly gateway: string;
  /** By family. */
  readonly via: readonly [string, string];
  readonly address: readonly [string, string];
}

const uplink = (
  device: string,
  gateway: string,
  v4: string,
  v6: string,
  via: number,
  own: number,
): Uplink => ({
  device,
  gateway,
  via: [`${v4}.${via}`, `${v6}::${via}`],
  address: [`${v4}.${own}`, `${v6}::${own}`],
});

const DUAL = [
  uplink('eth0', 'isp1', '192.0.2', '2001:db8:a', 1, 10),
  uplink('eth1', 'isp2', '198.51.100', '2001:db8:b', 1, 10),
];

/** What may be drawn from each topology: its parameters, the server's uplinks, and who asks. */
const TOPOLOGIES = {
  'dual-isp': {
    params: { isp: ['open', 'stateful', 'bcp38'] },
    uplinks: DUAL,
    peers: ['client', 'isp1', 'isp2'],
  },
  'triple-isp': {
    params: { isp: ['open', 'stateful', 'bcp38'] },
    uplinks: [...DUAL, uplink('eth2', 'isp3', '100.64.30', '2001:db8:d', 1, 10)],
    peers: ['client', 'isp1', 'isp3'],
  },
  'shared-subnet': {
    params: { gateways: ['one', 'two'], arp: ['strict', 'kernel'] },
    uplinks: [
      uplink('eth0', 'gw1', '192.0.2', '2001:db8:a', 1, 10),
      uplink('eth1', 'gw2', '192.0.2', '2001:db8:a', 2, 20),
    ],
    peers: ['client', 'peer', 'gw1', 'gw2'],
  },
} as const satisfies Record<
  string,
  { params: Record<string, readonly string[]>; uplinks: readonly Uplink[]; peers: readonly string[] }
>;

const TOPOLOGY_NAMES = Object.keys(TOPOLOGIES);

const CLIENTS = ['203.0.113.0/24', '2001:db8:c::/64'] as const;

/**
 * A scenario whose flows nobody knows the ways of: tables, rules, marks, filters and sysctls of the node under
 * test are drawn at random. Only what the kernel refuses is left out, by itself. The expectation is always
 * the same and says nothing.
 */
export function randomLab(seed: number): Scenario {
  const random = numbers(seed);
  const integer = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  const pick = <T>(values: readonly T[]): T => values[integer(0, values.length - 1)] as T;
  const chance = (part: number) => random() < part;
  const name = pick(TOPOLOGY_NAMES) as keyof typeof TOPOLOGIES;
  const { uplinks, peers, params } = TOPOLOGIES[name];
  const tables = [101, 102, 103];

  const times = <T>(from: number, to: number, make: () => T): T[] =>
    Array.from({ length: integer(from, to) }, make);
  const nexthop = (f: 0 | 1) => {
    const device = pick(uplinks);
    const via = chance(0.85) ? device : pick(uplinks);
    return `via ${via.via[f]} dev ${device.device}${chance(0.2) ? ' onlink' : ''}`;
  };
  const route = (f: 0 | 1, table: number | 'main') => {
    const to = chance(0.8) ? 'default' : CLIENTS[f];
    const kind = integer(0, 11);
    if (kind < 8) return `route replace ${to} ${nexthop(f)} table ${table}`;
    if (kind < 9)
      return `route replace ${pick(['blackhole', 'unreachable', 'prohibit', 'throw'])} ${to} table ${table}`;
    if (kind < 10)
      return `route replace ${to} table ${table} ${times(2, 3, () => `nexthop ${nexthop(f)}`).join(' ')}`;
    if (kind < 11) return `route append ${to} ${nexthop(f)} table ${table} metric ${integer(1, 200)}`;
    const { device, address } = pick(uplinks);
    return `route replace ${to} ${nexthop(f)} table ${table} src ${address[f]} dev ${device}`;
  };
  const selector = (f: 0 | 1) =>
    pick([
      () => `from ${pick(uplinks).address[f]}`,
      () => `from ${pick(uplinks).address[f]}`,
      () => `from ${pick(uplinks).address[f]}/${f === 0 ? 24 : 64}`,
      () => `to ${CLIENTS[f]}`,
      () => `iif ${pick(uplinks).device}`,
      () => 'iif lo',
      () => `oif ${pick(uplinks).device}`,
      () => `fwmark ${integer(1, 3)}`,
      () => `fwmark ${integer(1, 3)}/0x${integer(1, 3)}`,
      () => `ipproto ${pick(['tcp', 'udp', f === 0 ? 'icmp' : 'ipv6-icmp'])}`,
      () => `ipproto ${pick(['tcp', 'udp'])} sport ${pick(['1-6000', '22', '20000-30000'])}`,
      () => 'from all',
    ])();
  const rule = (f: 0 | 1) => {
    const lead = chance(0.1) ? 'not ' : '';
    const kind = integer(0, 19);
    const action =
      kind < 17
        ? `table ${pick([...tables, 'main'])}${chance(0.1) ? ` suppress_prefixlength ${pick([0, 24])}` : ''}`
        : pick(['blackhole', 'unreachable', 'prohibit']);
    return `rule add ${lead}${selector(f)} ${action} preference ${integer(1, 32_000)}`;
  };
  const sysctl = () => {
    const device = pick(['all', 'default', ...uplinks.map(({ device }) => device)]);
    return pick([
      () => `net.ipv4.conf.${device}.rp_filter=${integer(0, 2)}`,
      () => `net.ipv4.conf.${device}.rp_filter=${integer(0, 2)}`,
      () => `net.ipv4.conf.${device}.src_valid_mark=${integer(0, 1)}`,
      () => `net.ipv4.conf.${device}.arp_ignore=${integer(0, 2)}`,
      () => `net.ipv4.conf.${device}.arp_announce=${integer(0, 2)}`,
      () => `net.ipv4.conf.${device}.arp_filter=${integer(0, 1)}`,
      () => `net.ipv4.fwmark_reflect=${integer(0, 1)}`,
      () => `net.ipv6.fwmark_reflect=${integer(0, 1)}`,
      () => `net.ipv4.tcp_fwmark_accept=${integer(0, 1)}`,
      () => `net.ipv4.fib_multipath_hash_policy=${integer(0, 1)}`,
      () => `net.ipv4.ip_forward=${integer(0, 1)}`,
    ])();
  };
  const nft = () => {
    const { device } = pick(uplinks);
    const protocol = pick(['tcp', 'udp', 'icmp', 'ipv6-icmp']);
    return pick([
      () => `chain pre { type filter hook prerouting priority -150; iifname ${device} ct mark set ${integer(1, 3)}; };
        chain out { type route hook output priority -150; meta mark set ct mark; };`,
      () =>
        `chain out { type route hook output priority -150; meta l4proto ${protocol} meta mark set ${integer(1, 3)}; };`,
      () =>
        `chain pre { type filter hook prerouting priority -150; iifname ${device} meta mark set ${integer(1, 3)}; };`,
      () =>
        `chain drop { type filter hook ${pick(['input', 'output'])} priority 0; meta l4proto ${protocol} drop; };`,
      () =>
        `chain reject { type filter hook ${pick(['input', 'output'])} priority 0; meta l4proto ${protocol} reject; };`,
      () =>
        `chain half { type filter hook ${pick(['input', 'output'])} priority 0; meta l4proto ${protocol} numgen inc mod 2 ${integer(0, 1)} drop; };`,
      () => `chain nat { type nat hook postrouting priority 100; oifname ${device} masquerade; };`,
    ])();
  };
  // Commands that the kernel refuses leave the lab as it was: what they would have done is not the point.
  const script = (rules: number): string => {
    const lines: string[] = [];
    for (const f of [0, 1] as const) {
      const ip = (command: string) => lines.push(`ip -${f === 0 ? 4 : 6} ${command} || true`);
      for (const table of tables) if (chance(0.8)) ip(route(f, table));
      if (chance(0.3)) ip(route(f, 'main'));
      if (chance(0.05)) ip('route del default');
      for (const each of times(0, rules, () => rule(f))) ip(each);
    }
    for (const each of times(0, 3, sysctl)) lines.push(`sysctl -w ${each} || true`);
    if (chance(0.4))
      lines.push(`nft 'table inet t${integer(1, 1_000_000)} { ${nft().replace(/\s+/g, ' ')} }' || true`);
    return lines.join('\n');
  };
  const gateways = uplinks.map(({ gateway }) => gateway);
  const masquerade =
    "nft 'table inet nat { chain nat { type nat hook postrouting priority 100; oifname wan masquerade; }; }'";

  let port = 4000;
  const probe = () => ({
    ...pick([
      () => ({ protocol: 'ping' }),
      () => ({ protocol: 'tcp', port: port++ }),
      () => ({ protocol: 'udp', port: port++ }),
    ])(),
    count: chance(0.6) ? 1 : integer(2, 3),
    timeout: '300ms',
  });
  const flow = (down: string | null): Flow => {
    const what = probe();
    const expect = 'symmetric';
    if (chance(0.25)) {
      const { device } = pick(uplinks);
      const bind = pick([undefined, { address: `server:${device}` }, { device }]);
      const to = chance(0.8) ? 'client:eth0' : `${pick(gateways)}:lan`;
      return { from: 'server', to, probe: what, expect, ...(bind ? { bind } : {}) };
    }
    const drawn = what.protocol === 'udp' ? pick(['wildcard', 'address', 'pktinfo', 'none']) : 'wildcard';
    const from = chance(0.6) ? 'client' : pick(peers);
    const to = pick(uplinks).device;
    // A device that is down has lost its IPv6 addresses: nothing can listen on them.
    const responder = to === down && drawn === 'address' ? 'wildcard' : drawn;
    return {
      from,
      to: `server:${to}`,
      probe: what,
      expect,
      ...(what.protocol === 'ping'
        ? {}
        : { responder: what.protocol === 'tcp' && chance(0.1) ? 'none' : responder }),
      ...(chance(0.1) ? { at: pick(gateways) } : {}),
    };
  };
  const settings = Object.fromEntries(
    Object.entries(params).map(([key, values]) => [key, pick(values as readonly string[])]),
  );
  const rp_filter = pick(['unset', 0, 1, 2]);
  const first = {
    apply: [
      { node: 'server', shell: script(4) },
      ...(chance(0.15) ? [{ node: pick(gateways), shell: masquerade }] : []),
    ],
    flows: times(3, 5, () => flow(null)),
  };
  const apply = { node: 'server', shell: script(3) };
  const down = chance(0.1) ? pick(uplinks).device : null;
  const event = down === null ? {} : { event: { down: `server:${down}` } };
  return {
    title: `random lab ${seed}`,
    topology: { extends: name, params: { ...settings, rp_filter } },
    steps: [first, { apply, ...event, flows: times(3, 5, () => flow(down)) }],
  };
}
