/**
 * An end of a ppp link while nobody has dialled: down and without addresses. It is a veth with no address resolution:
 * frames go to the layer-2 address of the end that sends them, which both have. A link-local address that the kernel made of
 * that would be the same at both, so that it makes none.
 */
export function pppCommands(name: string, mtu: number | null): string[] {
  return [`link set dev ${name} arp off addrgenmode none${mtu === null ? '' : ` mtu ${mtu}`}`];
}
