import { inSysctlKey } from '../net/sysctl-file.js';

type Sysctl = readonly [key: string, value: string];

/**
 * What every node of every lab has, before interfaces exist: what would only slow a lab down or make it
 * depend on chance. Kernel: Documentation/networking/ip-sysctl.rst.
 *
 * - Duplicate address detection (RFC 4862) would keep IPv6 addresses unusable for more than a second.
 * - Routers are given, not solicited.
 * - ICMP errors are not rate-limited: whether a second flow is refused must not depend on the first. No type is in the
 *   masks (255 is none). A limit of 0 would do less: the one of a route without way (ip_error() in net/ipv4/route.c)
 *   counts in the same place, which inet_peer_xrlim_allow() empties now and then when its own is 0. That one, of
 *   five errors a second to one host, cannot be switched off in a namespace.
 */
export const NODE_SYSCTLS: readonly Sysctl[] = [
  ['net.ipv6.conf.default.accept_dad', '0'],
  ['net.ipv6.conf.default.router_solicitations', '0'],
  ['net.ipv4.icmp_ratemask', '0'],
  ['net.ipv6.icmp.ratemask', '255'],
];

/** Of address resolution by ARP and neighbour discovery, whose own are three and three seconds. */
const [SOLICITATIONS, GIVEN_UP_MS] = [3, 150];

/**
 * Address resolution gives up after three solicitations (arp(7), RFC 4861): 150 ms instead of three seconds,
 * so that a silent next hop is settled within a probe's timeout. By a slow link it waits for an answer as long as one takes
 * besides. Who answers for another (proxy_arp) does so at once, and not after a random part of 800 ms.
 *
 * @param roundTripMs how long the interface's link takes there and back.
 */
export function interfaceSysctls(name: string, roundTripMs = 0): Sysctl[] {
  const part = inSysctlKey(name);
  const retransmission = Math.ceil((GIVEN_UP_MS + roundTripMs) / SOLICITATIONS);
  return ['ipv4', 'ipv6'].flatMap((family): Sysctl[] => [
    [`net.${family}.neigh.${part}.retrans_time_ms`, String(retransmission)],
    [`net.${family}.neigh.${part}.proxy_delay`, '0'],
  ]);
}

/** Whether a key names an interface, which must exist before it can be written. */
export function isPerInterface(key: string): boolean {
  const match = /^net[./]ipv[46][./](?:conf|neigh)[./](.+)[./][^./]+$/.exec(key);
  return match !== null && match[1] !== 'all' && match[1] !== 'default';
}
