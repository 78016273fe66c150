import type { DeviceKind } from './device.js';

/** One tag of another interface, which keeps its layer-2 address; IEEE 802.1Q. */
export const vlan: DeviceKind<'vlan'> = {
  needs: ['vlan'],
  below: ({ on }) => [on],
  commands: ({ on, id }, { name }) => [`link add link ${on} ${name} type vlan id ${id}`],
};
