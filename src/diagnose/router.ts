import type { Family } from '../model/family.js';
import type { Node } from '../model/topology.js';

/** The sysctl by which a node forwards packets of a family; Documentation/networking/ip-sysctl.rst. */
export function forwardingKey(family: Family): string {
  return family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding';
}

/** Whether the topology has a node forward. */
export function isRouter({ sysctls }: Node, family: Family): boolean {
  return sysctls.some(([key, value]) => key === forwardingKey(family) && value === '1');
}
