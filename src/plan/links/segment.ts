import type { Need } from '../../model/need.js';
import type { Segment } from '../../model/topology.js';
import { macOf, type WiredInterface, wireEnd } from '../interfaces.js';
import { FORWARDING } from './bridge.js';

/** What a bridge that knows VLANs needs of the kernel; CONFIG_BRIDGE_VLAN_FILTERING is of 8021q. */
export function needsOfSegment({ vlans }: Segment): readonly Need[] {
  return vlans === null ? [] : ['vlan'];
}

/** The most that a veth takes: how long a frame may be is for the interfaces of the nodes to say. */
const PORT_MTU = 65_535;

/** The bridge of a segment, in the sandbox. */
export const bridgeOf = (segment: number): string => `segment${segment}`;

/** The end of an interface in the sandbox, in a bridge. */
export const portOf = ({ peerIndex }: WiredInterface): string => `port${peerIndex}`;

/** A bridge in the sandbox's own namespace, out of reach of what nodes do, with a port for each endpoint. */
export function segmentCommands(
  number: number,
  { link, vlans }: Segment,
  ends: readonly WiredInterface[],
): string[] {
  const bridge = bridgeOf(number);
  // Both ends of a ppp link have one layer-2 address; without an age nothing is learnt (br_fdb_update()).
  const learning = link === 'ppp' ? ' ageing_time 0' : '';
  // No port has a VLAN that is not said.
  const filtering = vlans === null ? '' : ' vlan_filtering 1 vlan_default_pvid 0';

  return [
    `link add name ${bridge} type bridge ${FORWARDING}${learning}${filtering}`,
    `link set dev ${bridge} up`,
    ...ends.flatMap((wire) => {
      const port = portOf(wire);
      return [
        `link add name ${port} index ${wire.peerIndex} address ${macOf(wire.peerIndex)} type veth peer ${wireEnd(wire)}`,
        `link set dev ${port} mtu ${PORT_MTU} master ${bridge} up`,
      ];
    }),
  ];
}

/** Commands for `bridge -batch` in the sandbox: the VLANs of the ports, which ip(8) cannot set; bridge(8). */
export function vlanCommands({ vlans }: Segment, ends: readonly WiredInterface[]): string[] {
  return (vlans ?? []).flatMap(({ tagged, untagged }, i) => {
    const wire = ends[i];
    if (wire === undefined) return [];
    const add = (id: number, flags = '') => `vlan add dev ${portOf(wire)} vid ${id}${flags}`;
    return [
      ...(untagged === null ? [] : [add(untagged, ' pvid untagged')]),
      ...tagged.filter((id) => id !== untagged).map((id) => add(id)),
    ];
  });
}
