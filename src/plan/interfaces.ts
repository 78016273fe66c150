import type { InterfacePlan } from '../model/plan.js';
import type { Endpoint, Interface, Topology } from '../model/topology.js';
import { isOwn } from './links/devices.js';

/** Below are the numbers that the kernel gives by itself (loopback, tunnel devices of the namespace). */
const FIRST_INDEX = 11;

export interface WiredInterface extends InterfacePlan {
  /** Number of the other end of its veth: a node's interface, or a port in the sandbox. */
  readonly peerIndex: number;
}

/**
 * Gives every interface of every node a number and a layer-2 address of its own, so that any captured
 * packet names its interface without a query. Ends are numbered in the topology's order.
 */
export function layOutInterfaces(topology: Topology): WiredInterface[] {
  const addresses = addressesByEndpoint(topology);
  let next = FIRST_INDEX;
  const wired: WiredInterface[] = [];
  const wire = (
    endpoint: Endpoint,
    neighbours: readonly Endpoint[],
    index: number,
    peerIndex: number,
    pointToPoint: boolean,
    mac = macOf(index),
  ) =>
    wired.push({
      index,
      endpoint,
      mac,
      addresses: addresses.get(`${endpoint.node}:${endpoint.interface}`) ?? [],
      neighbours,
      pointToPoint,
      peerIndex,
    });
  for (const { a, b, kind } of topology.links) {
    const [indexOfA, indexOfB] = [next++, next++];
    wire(a, [b], indexOfA, indexOfB, true);
    wire(b, [a], indexOfB, indexOfA, true, macOf(kind === 'ppp' ? indexOfA : indexOfB));
  }
  for (const { ports, link } of topology.segments) {
    const first = next;
    for (const port of ports) {
      const [index, peerIndex] = [next++, next++];
      wire(
        port,
        ports.filter((other) => other !== port),
        index,
        peerIndex,
        false,
        macOf(link === 'ppp' ? first : index),
      );
    }
  }
  return wired;
}

/**
 * Numbers for what nodes make by themselves (VLANs, bridges, tunnels), behind all others, in the topology's order. The
 * kernel's own words tell which they are: a plan has only what it knows the neighbours of.
 */
export function ownNumbers(
  topology: Topology,
  wired: readonly WiredInterface[],
): ReadonlyMap<Interface, number> {
  const first = Math.max(FIRST_INDEX, ...wired.flatMap(({ index, peerIndex }) => [index + 1, peerIndex + 1]));
  const own = topology.nodes.flatMap(({ interfaces }) => interfaces.filter(isOwn));
  return new Map(own.map((device, i) => [device, first + i]));
}

/** Words for `ip link add` that put an end of a veth into the namespace of its node, which `@NODE@` stands for. */
export function wireEnd({ index, endpoint, mac }: WiredInterface): string {
  return `name ${endpoint.interface} index ${index} address ${mac} netns @${endpoint.node}@`;
}

/** A locally administered unicast address (IEEE 802), the number in its last three bytes. */
export function macOf(index: number): string {
  const number = index.toString(16).padStart(6, '0');
  return ['02', '72', '70', number.slice(0, 2), number.slice(2, 4), number.slice(4)].join(':');
}

function addressesByEndpoint({ nodes }: Topology): ReadonlyMap<string, readonly string[]> {
  return new Map(
    nodes.flatMap((node) =>
      node.interfaces.map(
        ({ name, addresses }) => [`${node.name}:${name}`, addresses.map(({ address }) => address)] as const,
      ),
    ),
  );
}
