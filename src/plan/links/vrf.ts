import { type DeviceKind, enslaved } from './device.js';

/** Ports lose their IPv6 addresses when they are put in: that comes first. Documentation/networking/vrf.rst. */
export const vrf: DeviceKind<'vrf'> = {
  needs: ['vrf'],
  below: ({ ports }) => ports,
  commands: (device, { name, mac }) => [
    `link add ${name} ${mac} type vrf table ${device.table}`,
    ...enslaved(device.ports, device.name),
  ],
};
