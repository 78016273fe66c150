import { type DeviceKind, enslaved } from './device.js';

/** How often ports are looked at, in milliseconds: the kernel's 0 is never, so that no mode would notice a failure. */
const MONITORING = 'miimon 100';

/** Takes the layer-2 address of its first port; Documentation/networking/bonding.rst. */
export const bond: DeviceKind<'bond'> = {
  needs: ['bond'],
  below: ({ ports }) => ports,
  commands: (device, { name }) => [
    `link add ${name} type bond mode ${device.mode} ${MONITORING}`,
    ...enslaved(device.ports, device.name),
  ],
};
