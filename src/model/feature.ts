/** What a scenario can need of a machine beyond what every lab needs; `doctor` tries each of them by this name. */
export const FEATURES = {
  ipv6: 'IPv6 in the kernel',
  'policy-routing': 'RPDB rules for IPv4',
  'ipv6-policy-routing': 'RPDB rules for IPv6',
  multipath: 'routes with several next hops',
  nftables: 'the program nft and nf_tables in the kernel',
  iptables: 'the program iptables-restore and what it needs in the kernel',
  ip6tables: 'the program ip6tables-restore and what it needs in the kernel',
  connmark: 'marks of connections (ct mark, CONNMARK)',
  tun: 'TUN devices',
  vlan: 'VLANs (IEEE 802.1Q)',
  vrf: 'VRF devices',
  vxlan: 'VXLAN',
  macvlan: 'macvlan devices',
  gre: 'GRE tunnels',
  wireguard: 'WireGuard',
  dummy: 'dummy devices',
  bond: 'bonding',
  ifb: 'ifb devices',
  netem: 'delay and loss by netem',
  mptcp: 'Multipath TCP',
  ifupdown: 'the program ifup, installed or unpacked in the cache',
  cron: 'the program cron, installed or unpacked in the cache',
} as const;

export type Feature = keyof typeof FEATURES;
