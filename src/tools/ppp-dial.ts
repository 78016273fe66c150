import type { Family } from '../model/family.js';
import type { NodeDeed } from '../model/plan.js';
import type { IpCommand, PolicyItem, ReadyCondition } from '../model/policy.js';
import type { DialEvent } from '../model/scenario.js';
import { endpointText, type PppEnd } from '../model/topology.js';
import { addressCommand } from '../net/address-command.js';

/** As of a terminal on which pppd speaks: arguments of its scripts that the lab has nothing of. */
const [TERMINAL, SPEED] = ['/dev/pts/0', '115200'];

/** Both ends get their addresses and come up, or lose them and go down; then the scripts of the node named run. */
export function dial(kind: DialEvent['kind'], ends: DialEvent['ends']): readonly NodeDeed[] {
  const [named, other] = ends;
  const items = hooksOf(kind, named, other).map(
    (each) => ({ kind: 'shell', script: hookScript(each) }) as const,
  );
  return [...change(kind, ends), { node: named.node, items }];
}

/** The same without the scripts. */
export function change(kind: DialEvent['kind'], [named, other]: DialEvent['ends']): readonly NodeDeed[] {
  const make = kind === 'connect' ? connected : disconnected;
  return [
    { node: other.node, items: [make(other, named)] },
    { node: named.node, items: [make(named, other)] },
    ...(kind === 'connect' ? [...withIpv6(other, named), ...withIpv6(named, other)] : []),
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
        { kind: 'await', conditions: routed(end, other), timeoutMs: CARRIER_TIMEOUT_MS },
      ],
    },
  ];
}

/** The kernel has routes for an address of IPv6 only once its own worker came to it: addrconf_dad_work in net/ipv6/addrconf.c. */
function routed(end: PppEnd, other: PppEnd): readonly ReadyCondition[] {
  const far = other.addresses.find(({ family }) => family === 6)?.address;
  const targets = end.addresses.flatMap(({ family, peer }) => (family === 6 ? (peer ?? far ?? []) : []));
  return [linkLocal(other, end), ...targets].map((target) => ({
    kind: 'shell',
    command: `ip -6 route get ${target} oif ${end.interface}`,
  }));
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

/** A script of the user's, as pppd(8) runs it ("Scripts"). */
export interface Hook {
  readonly path: string;
  /** Interface, terminal, speed, the link's own address and the other end's, and an empty one. */
  readonly words: readonly string[];
  /** All that is in its environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** After the interface has changed, each for its family, and not at all where there is none. */
export function hooksOf(kind: DialEvent['kind'], end: PppEnd, other: PppEnd): readonly Hook[] {
  const direction = kind === 'connect' ? 'up' : 'down';
  const local = end.addresses.find(({ family }) => family === 4);
  const remote = local?.peer ?? other.addresses.find(({ family }) => family === 4)?.address;
  const found: Hook[] = [];
  if (local !== undefined && remote !== undefined) {
    const environment = { IPLOCAL: local.address, IPREMOTE: remote };
    found.push(hook(`/etc/ppp/ip-${direction}`, end, [local.address, remote], environment));
  }
  if (hasIpv6(end)) {
    const [own, others] = [linkLocal(end, other), linkLocal(other, end)];
    found.push(hook(`/etc/ppp/ipv6-${direction}`, end, [own, others], { LLLOCAL: own, LLREMOTE: others }));
  }
  return found;
}

function hook(
  path: string,
  { interface: name }: PppEnd,
  ends: readonly [local: string, remote: string],
  ofTheFamily: Readonly<Record<string, string>>,
): Hook {
  return {
    path,
    words: [name, TERMINAL, SPEED, ...ends, ''],
    environment: {
      ...{ DEVICE: TERMINAL, IFNAME: name, ...ofTheFamily },
      ...{ SPEED, ORIG_UID: '0', PPPLOGNAME: 'root' },
    },
  };
}

/** As a line for a shell; nothing where there is no such file. */
function hookScript({ path, words, environment }: Hook): string {
  const settings = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
  const quoted = words.map((word) => (word === '' ? "''" : word));
  return `if [ -e ${path} ]; then env -i ${[...settings, path, ...quoted].join(' ')}; fi`;
}
