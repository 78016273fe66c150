import type { Need } from '../../model/need.js';
import type { Interface } from '../../model/topology.js';
import { bond } from './bond.js';
import { bridge } from './bridge.js';
import type { DeviceKind } from './device.js';
import { dummy } from './dummy.js';
import { gre } from './gre.js';
import { macvlan } from './macvlan.js';
import { vlan } from './vlan.js';
import { vrf } from './vrf.js';
import { vxlan } from './vxlan.js';

/** What a node has by itself, in no link and no segment, and who makes it. */
type OwnKind = Exclude<Interface['kind'], 'ethernet' | 'ppp' | 'external'>;

const KINDS: { readonly [Kind in OwnKind]: DeviceKind<Kind> } = {
  ...{ vlan, bridge, bond, vrf, dummy, macvlan, gre, vxlan },
};

/** How an interface is made in its node; null where it is not. */
function kindOf(device: Interface): DeviceKind<Interface['kind']> | null {
  if (device.kind === 'ethernet' || device.kind === 'ppp' || device.kind === 'external') return null;
  // Each kind is given devices of its own.
  return KINDS[device.kind] as unknown as DeviceKind<Interface['kind']>;
}

/** Whether the node makes it by itself. */
export function isOwn(device: Interface): boolean {
  return kindOf(device) !== null;
}

export function needsOfDevice(device: Interface): readonly Need[] {
  return kindOf(device)?.needs ?? [];
}

/** Commands for `ip -batch` in the node; none for what links, segments and programs make. */
export function deviceCommands(device: Interface, index: number, mac: string): readonly string[] {
  const given = { name: `name ${device.name} index ${index}`, mac: `address ${mac}` };
  return kindOf(device)?.commands(device, given) ?? [];
}

/** The interfaces of a node, each behind those that it stands on or that are its ports. */
export function inOrderOfMaking(interfaces: readonly Interface[]): Interface[] {
  const byName = new Map(interfaces.map((device) => [device.name, device]));
  const ordered = new Set<Interface>();
  const place = (device: Interface) => {
    if (ordered.has(device)) return;
    for (const name of kindOf(device)?.below(device) ?? []) {
      const below = byName.get(name);
      if (below !== undefined) place(below);
    }
    ordered.add(device);
  };
  interfaces.forEach(place);
  return [...ordered];
}
