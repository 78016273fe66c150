import type { DeviceKind } from './device.js';

export const macvlan: DeviceKind<'macvlan'> = {
  needs: ['macvlan'],
  below: ({ on }) => [on],
  commands: ({ on, mode }, { name, mac }) => [`link add link ${on} ${name} ${mac} type macvlan mode ${mode}`],
};
