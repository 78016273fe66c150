import type { NodeDeed } from '../../model/plan.js';
import type { PolicyItem } from '../../model/policy.js';
import type { DialEvent, PppEnd } from '../../model/scenario.js';
import { addressCommand } from './address.js';

/** As of a terminal on which pppd speaks: arguments of its scripts that the lab has nothing of. */
const [TERMINAL, SPEED] = ['/dev/pts/0', '115200'];

/**
 * An end of a ppp link while nobody has dialled: down and without addresses. It is a veth with no address resolution:
 * frames go to the layer-2 address of the end that sends them, which both have.
 */
export function pppCommands(name: string, mtu: number | null): string[] {
  return [`link set dev ${name} arp off${mtu === null ? '' : ` mtu ${mtu}`}`];
}

/** Both ends get their addresses and come up, or lose them and go down; then the script of the node named runs. */
export function dial({ kind, ends }: DialEvent): readonly NodeDeed[] {
  const [named, other] = ends;
  const change = kind === 'connect' ? connected : disconnected;
  return [
    { node: other.node, items: [change(other, named)] },
    {
      node: named.node,
      items: [change(named, other), { kind: 'shell', script: hook(kind, named, other) }],
    },
  ];
}

function connected({ interface: name, addresses }: PppEnd, other: PppEnd): PolicyItem {
  const given = addresses.map((address) => ({
    ...address,
    peer: address.peer ?? other.addresses.find(({ family }) => family === address.family)?.address ?? null,
  }));
  return {
    kind: 'ip',
    tables: [],
    commands: [
      ...given.map((address) => ({ family: address.family, text: addressCommand(name, address) })),
      { family: 4, text: `link set dev ${name} up` },
    ],
  };
}

function disconnected({ interface: name }: PppEnd): PolicyItem {
  const texts = [`address flush dev ${name}`, `link set dev ${name} down`];
  return { kind: 'ip', tables: [], commands: texts.map((text) => ({ family: 4, text })) };
}

/**
 * The user's script as pppd(8) runs it ("Scripts"): after the interface has changed, with nothing in its environment but
 * what says of the link, and not at all where there is none.
 */
function hook(kind: DialEvent['kind'], end: PppEnd, other: PppEnd): string {
  const path = kind === 'connect' ? '/etc/ppp/ip-up' : '/etc/ppp/ip-down';
  const local = end.addresses.find(({ family }) => family === 4);
  const remote = local?.peer ?? other.addresses.find(({ family }) => family === 4)?.address;
  if (local === undefined || remote === undefined) return ':';
  const environment = {
    ...{ DEVICE: TERMINAL, IFNAME: end.interface, IPLOCAL: local.address, IPREMOTE: remote },
    ...{ SPEED, ORIG_UID: '0', PPPLOGNAME: 'root' },
  };
  const settings = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
  const words = [end.interface, TERMINAL, SPEED, local.address, remote, "''"];
  return `if [ -e ${path} ]; then env -i ${[...settings, path, ...words].join(' ')}; fi`;
}
