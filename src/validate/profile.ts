import type { NodeInput, ProfileName } from '../format/topology.js';
import { inSysctlKey } from '../net/sysctl-file.js';

type Setting = readonly [key: string, value: string];

/**
 * What a kernel begins with. Said outright because a new network namespace inherits the machine's
 * net.ipv4.conf.{all,default}, forwarding included (net.core.devconf_inherit_init_net, Linux
 * Documentation/admin-guide/sysctl/net.rst); the values are those of net/ipv4/devinet.c.
 */
const KERNEL: readonly Setting[] = ['all', 'default'].flatMap((scope): Setting[] => [
  [`net.ipv4.conf.${scope}.rp_filter`, '0'],
  [`net.ipv4.conf.${scope}.src_valid_mark`, '0'],
  [`net.ipv4.conf.${scope}.accept_local`, '0'],
  [`net.ipv4.conf.${scope}.arp_filter`, '0'],
  [`net.ipv4.conf.${scope}.arp_ignore`, '0'],
  [`net.ipv4.conf.${scope}.arp_announce`, '0'],
  [`net.ipv4.conf.${scope}.promote_secondaries`, '0'],
  [`net.ipv4.conf.${scope}.accept_redirects`, '1'],
  [`net.ipv4.conf.${scope}.secure_redirects`, '1'],
  [`net.ipv4.conf.${scope}.send_redirects`, '1'],
]);

/** Scopes of net.ipv4.conf to which systemd's and Red Hat's files write: `default` and `*`, which spares `all`. */
function spared(scopes: readonly string[], settings: readonly Setting[]): Setting[] {
  return ['default', ...scopes].flatMap((scope) =>
    settings.map(([name, value]): Setting => [`net.ipv4.conf.${scope}.${name}`, value]),
  );
}

const SYSTEMD: readonly Setting[] = [
  ['rp_filter', '2'],
  ['accept_source_route', '0'],
  ['promote_secondaries', '1'],
];

/** The network sysctls that each distribution's own packages set, beyond the kernel's, by parts of their keys. */
const PROFILES: Readonly<Record<ProfileName, (interfaces: readonly string[]) => readonly Setting[]>> = {
  kernel: () => [],
  // Debian 12: procps 4.0.2 has rp_filter commented out in /etc/sysctl.conf, and systemd 252 is
  // shipped without 50-default.conf.
  debian: () => [],
  // Ubuntu since 20.04: /etc/sysctl.d/10-network-security.conf of procps.
  ubuntu: () => [
    ['net.ipv4.conf.default.rp_filter', '2'],
    ['net.ipv4.conf.all.rp_filter', '2'],
  ],
  // RHEL 9: /usr/lib/sysctl.d/50-redhat.conf sets rp_filter over systemd's 50-default.conf
  // (default.rp_filter=1 is shown in github.com/ComplianceAsCode/content/issues/9376).
  rhel: (interfaces) => spared(interfaces, [...SYSTEMD.slice(1), ['rp_filter', '1']]),
  // systemd since 243: sysctl.d/50-default.conf writes default and *, and spares all.
  systemd: (interfaces) => spared(interfaces, SYSTEMD),
};

/**
 * The sysctls of a node before its own: kernel, forwarding, profile, reverse-path filter.
 * Forwarding comes after the kernel's values because a change of ip_forward resets others
 * (Linux Documentation/networking/ip-sysctl.rst), and before those that shall stay.
 */
export function baseSysctls(node: NodeInput, names: readonly string[]): Setting[] {
  const interfaces = names.map(inSysctlKey);
  const forwarding = node.forwarding === true ? '1' : '0';
  const settings: Setting[] = [
    ...KERNEL,
    ['net.ipv4.ip_forward', forwarding],
    ['net.ipv6.conf.all.forwarding', forwarding],
    ...PROFILES[node.profile ?? 'kernel'](interfaces),
  ];
  const filter = node.rp_filter ?? 'unset';
  if (filter === 'unset') return settings;
  const scopes = ['all', 'default', ...interfaces];
  return [
    ...settings,
    ...scopes.map((scope): Setting => [`net.ipv4.conf.${scope}.rp_filter`, String(filter)]),
  ];
}
