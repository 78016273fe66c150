import type { Segment } from '../../model/topology.js';
import { macOf, type WiredInterface, wireEnd } from '../interfaces.js';
import { FORWARDING } from './bridge.js';

/** The most that a veth takes: how long a frame may be is for the interfaces of the nodes to say. */
const PORT_MTU = 65_535;

/** The bridge of a segment, in the sandbox. */
export const bridgeOf = (segment: number): string => `segment${segment}`;

/** The end of an interface in the sandbox, in a bridge. */
export const portOf = ({ peerIndex }: WiredInterface): string => `port${peerIndex}`;

/** A bridge in the sandbox's own namespace, out of reach of what nodes do, with a port for each endpoint. */
export function segmentCommands(
  number: number,
  { link }: Segment,
  ends: readonly WiredInterface[],
): string[] {
  const bridge = bridgeOf(number);
  // Both ends of a ppp link have one layer-2 address; without an age nothing is learnt (br_fdb_update()).
  const learning = link === 'ppp' ? ' ageing_time 0' : '';

  return [
    `link add name ${bridge} type bridge ${FORWARDING}${learning}`,
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
