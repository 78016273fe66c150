import type { DeviceKind } from './device.js';

/** Its layer-2 address is its outer one; ip-link(8). */
export const gre: DeviceKind<'gre'> = {
  needs: ['gre'],
  below: () => [],
  commands: ({ family, local, remote, key, ttl }, { name }) => {
    const words = [family === 4 ? 'gre' : 'ip6gre', `local ${local} remote ${remote}`];
    if (key !== null) words.push(`key ${key}`);
    if (ttl !== null) words.push(`ttl ${ttl}`);
    return [`link add ${name} type ${words.join(' ')}`];
  },
};
