import type { InterfaceAddress } from '../model/topology.js';

/** Gives an interface an address, by `ip`; ip-address(8). */
export function addressCommand(
  device: string,
  { family, address, prefixLength, peer, label }: InterfaceAddress,
): string {
  // The prefix length is that of the peer, where there is one.
  const words = peer === null ? [`${address}/${prefixLength}`] : [address, 'peer', `${peer}/${prefixLength}`];
  words.push('dev', device);
  if (label !== null) words.push('label', label);
  // An IPv6 address is tentative, and no route may name it as source, until work that the kernel has
  // put off is done, even where duplicate address detection is switched off.
  if (family === 6) words.push('nodad');
  return ['address', 'add', ...words].join(' ');
}
