import type { DeviceKind } from './device.js';

export const vxlan: DeviceKind<'vxlan'> = {
  needs: ['vxlan'],
  below: () => [],
  commands: ({ id, local, remote, port }, { name, mac }) => [
    `link add ${name} ${mac} type vxlan id ${id} local ${local} remote ${remote} dstport ${port}`,
  ],
};
