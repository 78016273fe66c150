import type { Family } from '../../model/family.js';
import type { NodeDeed } from '../../model/plan.js';
import type { IpCommand, PolicyItem } from '../../model/policy.js';
import type { DialEvent, PppEnd } from '../../model/scenario.js';
import { endpointText } from '../../model/topology.js';
import { addressCommand } from './address.js';

/** As of a terminal on which pppd speaks: arguments of its scripts that the lab has nothing of. */
const [TERMINAL, SPEED] = ['/dev/pts/0', '115200'];

/**
 * An end of a ppp link while nobody has dialled: down and without addresses. It is a veth with no address resolution:
 * frames go to the layer-2 address of the end that sends them, which both have. A link-local address that the kernel made of
 * that would be the same at both, so that it makes none.
 */
export function pppCommands(name: string, mtu: number | null): string[] {
  return [`link set dev ${name} arp off addrgenmode none${mtu === null ? '' : ` mtu ${mtu}`}`];
}

/** Both ends get their addresses and come up, or lose them and go down; then the scripts of the node named run. */
export function dial({ kind, ends }: DialEvent): readonly NodeDeed[] {
  const [named, other] = ends;
  const change = kind === 'connect' ? connected : disconnected;
  return [
    { node: other.node, items: [change(other, named)] },
    { node: named.node, items: [change(named, other)] },
    ...(kind === 'connect' ? [...withIpv6(other, named), ...withIpv6(named, other)] : []),
    { node: named.node, items: hooks(kind, named, other).map((script) => ({ kind: 'shell', script })) },
  ];
}

function connected(end: PppEnd, other: PppEnd): PolicyItem {
  return {
    kind: 'ip',
    tables: [],
    commands: [...addressCommands(end, other, 4), { family: 4, text: `link set dev ${end.interface} up` }],
  };
}

/** For the word of a carrier on both ends, which takes milliseconds. */
const CARRIER_TIMEOUT_MS = 5_000;

/**
 * IPv6 comes up after the link, as its protocol does with pppd. With addresses from before the carrier, Linux 6.18 had no
 * route to the peer in most runs.
 */
function withIpv6(end: PppEnd, other: PppEnd): readonly NodeDeed[] {
  const { node, interface: name } = end;
  if (!hasIpv6(end)) return [];
  const command = `ip -o link show dev ${name} | grep -q 'state UP'`;
  const linkLocals = `address add ${linkLocal(end, other)} peer ${linkLocal(other, end)}/128 dev ${name} nodad`;
  const commands = [{ family: 6 as const, text: linkLocals }, ...addressCommands(end, other, 6)];
  return [
    {
      node,
      items: [
        { kind: 'await', conditions: [{ kind: 'shell', command }], timeoutMs: CARRIER_TIMEOUT_MS },
        { kind: 'ip', tables: [], commands },
      ],
    },
  ];
}

function addressCommands(end: PppEnd, other: PppEnd, family: Family): readonly IpCommand[] {
  const far = other.addresses.find((address) => address.family === family)?.address ?? null;
  return end.addresses
    .filter((address) => address.family === family)
    .map((address) => ({
      family,
      text: addressCommand(end.interface, { ...address, peer: address.peer ?? far }),
    }));
}

function disconnected({ interface: name }: PppEnd): PolicyItem {
  const texts = [`address flush dev ${name}`, `link set dev ${name} down`];
  return { kind: 'ip', tables: [], commands: texts.map((text) => ({ family: 4, text })) };
}

function hasIpv6({ addresses }: PppEnd): boolean {
  return addresses.some(({ family }) => family === 6);
}

/** What pppd's ends agree on for IPv6 (RFC 5072): interface identifiers that differ. */
function linkLocal(end: PppEnd, other: PppEnd): string {
  return endpointText(end) < endpointText(other) ? 'fe80::1' : 'fe80::2';
}

/**
 * The user's scripts as pppd(8) runs them ("Scripts"): after the interface has changed, with nothing in their environment
 * but what says of the link, each for its family, and not at all where there is none.
 */
function hooks(kind: DialEvent['kind'], end: PppEnd, other: PppEnd): readonly string[] {
  const direction = kind === 'connect' ? 'up' : 'down';
  const local = end.addresses.find(({ family }) => family === 4);
  const remote = local?.peer ?? other.addresses.find(({ family }) => family === 4)?.address;
  const scripts: string[] = [];
  if (local !== undefined && remote !== undefined) {
    const environment = { IPLOCAL: local.address, IPREMOTE: remote };
    scripts.push(hook(`/etc/ppp/ip-${direction}`, end, [local.address, remote], environment));
  }
  if (hasIpv6(end)) {
    const [own, others] = [linkLocal(end, other), linkLocal(other, end)];
    scripts.push(hook(`/etc/ppp/ipv6-${direction}`, end, [own, others], { LLLOCAL: own, LLREMOTE: others }));
  }
  return scripts;
}

function hook(
  path: string,
  { interface: name }: PppEnd,
  ends: readonly [local: string, remote: string],
  ofTheFamily: Readonly<Record<string, string>>,
): string {
  const environment = {
    ...{ DEVICE: TERMINAL, IFNAME: name, ...ofTheFamily },
    ...{ SPEED, ORIG_UID: '0', PPPLOGNAME: 'root' },
  };
  const settings = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
  const words = [name, TERMINAL, SPEED, ...ends, "''"];
  return `if [ -e ${path} ]; then env -i ${[...settings, path, ...words].join(' ')}; fi`;
}
