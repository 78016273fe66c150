import type { Connection } from '../model/connection.js';
import type { Passage } from '../model/evidence.js';
import type { Endpoint } from '../model/topology.js';
import { inSysctlKey } from '../net/sysctl-file.js';
import { requestAt } from './choice.js';
import type { Facts } from './facts.js';
import type { Tracked } from './filtered.js';

/** How a packet came to the node where it, or the answer to it, ended; null where that node made it. */
export function enteredAt({ stop, passages }: Facts): Passage | null {
  if (stop === null) return null;
  if (stop.end === 'stopped') return stop;
  if (stop.leg === 'request') return null;
  return requestAt(stop.node, passages);
}

export function replyAt(node: string, passages: readonly Passage[]): Passage | null {
  return passages.find((each) => each.leg === 'reply' && each.node === node) ?? null;
}

/** What a node has tracked of the flow; null where it has nothing. */
export function trackedAt(node: string, { result }: Facts): Connection | null {
  return result.connections?.find((each) => each.node === node) ?? null;
}

/** A sysctl as a number, 0 where it is not known. */
export function sysctlOf(facts: Facts, node: string, key: string): number {
  return Number(facts.stateOf(node)?.sysctls.get(key) ?? 0);
}

/** The key of a setting of an interface, or of `all`. */
export function interfaceKey(family: 4 | 6, device: string, name: string): string {
  return `net.ipv${family}.conf.${inSysctlKey(device)}.${name}`;
}

/** Of rp_filter, arp_ignore and the like the greater of `all` and the interface counts; Documentation/networking/ip-sysctl.rst. */
export function settingOf(facts: Facts, node: string, device: string, name: string): number {
  return Math.max(...['all', device].map((each) => sysctlOf(facts, node, interfaceKey(4, each, name))));
}

/** What of the flow decides how connection tracking sees its packets. */
export function trackedOf({ passages, result, flow }: Facts): Tracked {
  return { passages, connections: result.connections ?? [], probe: flow.probe };
}

/** What the kernel's counters of a node rose by; null where they are not known. */
export function countOf({ evidence }: Facts, node: string, name: string): number | null {
  const counters = evidence.repeat?.counters.get(node) ?? evidence.counters.get(node);
  return counters === undefined ? null : (counters[name] ?? 0);
}

/** A node of the plan has the address. */
export function holderOf({ plan }: Facts, address: string): string | null {
  const { nodes } = plan.scenario.topology;
  const holds = (node: (typeof nodes)[number]) =>
    node.interfaces.some(({ addresses }) => addresses.some((each) => each.address === address));
  return nodes.find(holds)?.name ?? null;
}

/** As ip(8) prints them: UP, LOWER_UP. Null where nothing is known of the interface. */
export function flagsOf({ stateOf }: Facts, { node, interface: name }: Endpoint): readonly string[] | null {
  return stateOf(node)?.devices.find((device) => device.name === name)?.flags ?? null;
}

/** The interface by which the packet that was lost, or the question for its next hop, left a node; null where neither did. */
export function leftBy({ result: { lost } }: Facts): Endpoint | null {
  if (lost === null || lost.interface === null) return null;
  const isOut = lost.reason === 'on-the-link' || lost.reason === 'neighbour-unresolved';
  return isOut ? { node: lost.node, interface: lost.interface } : null;
}
