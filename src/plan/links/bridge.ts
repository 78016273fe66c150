import { type DeviceKind, enslaved } from './device.js';

/** How every bridge of a lab forwards: at once (no listening and learning delay) and without multicast snooping; ip-link(8). */
export const FORWARDING = 'forward_delay 0 mcast_snooping 0';

export const bridge: DeviceKind<'bridge'> = {
  needs: [],
  below: ({ ports }) => ports,
  commands: (device, { name, mac }) => [
    `link add ${name} ${mac} type bridge ${FORWARDING}`,
    ...enslaved(device.ports, device.name),
  ],
};
