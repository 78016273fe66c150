import type { DeviceKind } from './device.js';

export const dummy: DeviceKind<'dummy'> = {
  needs: ['dummy'],
  below: () => [],
  commands: (_, { name, mac }) => [`link add ${name} ${mac} type dummy`],
};
