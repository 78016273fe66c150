import type { Need } from '../../model/need.js';
import type { Interface } from '../../model/topology.js';

/** What a node's own interface of one kind is made by. */
export interface DeviceKind<Kind extends Interface['kind']> {
  /** What it needs of the machine. */
  readonly needs: readonly Need[];
  /** Interfaces of the node that have to be there before it is made, and up before it is. */
  readonly below: (device: DeviceOf<Kind>) => readonly string[];
  /**
   * Commands for `ip -batch` in the node, with the others still down.
   *
   * @param given the words that give it its name and number, and where it has one of its own, its layer-2 address.
   */
  readonly commands: (device: DeviceOf<Kind>, given: GivenWords) => readonly string[];
}

export type DeviceOf<Kind extends Interface['kind']> = Extract<Interface, { readonly kind: Kind }>;

export interface GivenWords {
  /** `name vlan10 index 31` */
  readonly name: string;
  /** `address 02:…` */
  readonly mac: string;
}

/** Puts interfaces into a bridge, bond or VRF. */
export function enslaved(ports: readonly string[], master: string): string[] {
  return ports.map((port) => `link set dev ${port} master ${master}`);
}
