import type { AddressInput, InterfaceInput } from '../format/interfaces.js';
import type { NodeInput } from '../format/topology.js';
import { markAt, type Tree } from '../load/tree.js';
import type { Interface, InterfaceAddress, InterfaceKind, TunnelEnds } from '../model/topology.js';
import { parseAddress, parsePrefix } from '../net/address.js';
import type { LinkEnd } from './connections.js';
import type { Faults } from './faults.js';
import { interfaceNameFault } from './names.js';

type Path = readonly PropertyKey[];

/** The kernel's own port is another one, of before the assignment (ip-link(8)). */
const VXLAN_PORT = 4789;

/** The interfaces of a node, as its links have them; what is wrong is reported. */
export function interfacesOf(
  tree: Tree,
  node: string,
  input: NodeInput,
  linkEnds: ReadonlyMap<string, LinkEnd>,
  faults: Faults,
): Interface[] {
  return Object.entries(input.interfaces ?? {}).map(([name, value]) => {
    const path = ['nodes', node, 'interfaces', name];
    const fault = interfaceNameFault(name);
    if (fault !== null) {
      const hint = 'Choose another name, for example eth0.';
      faults.add(markAt(tree, path, true), 'interface-name', `the interface name ${name} ${fault}`, hint);
    }
    const input: InterfaceInput = value ?? {};
    const end = linkEnds.get(`${node}:${name}`);
    const own = kindOf(tree, path, input, faults);
    const made: InterfaceKind = own.kind === 'ethernet' && end?.kind === 'ppp' ? { kind: 'ppp' } : own;
    const isLater = made.kind === 'external' || made.kind === 'ppp';
    const addresses = (input.addresses ?? []).flatMap((address, index) => {
      const found = addressOf(tree, [...path, 'addresses', index], name, address, faults);
      return found === null ? [] : [{ ...found, dynamic: found.dynamic || isLater }];
    });
    const mtu = 'mtu' in input ? input.mtu : undefined;
    return { name, ...made, addresses, mtu: mtu ?? end?.mtu ?? null };
  });
}

function kindOf(tree: Tree, path: Path, input: InterfaceInput, faults: Faults): InterfaceKind {
  switch (input.kind) {
    case undefined:
    case 'ethernet':
      return { kind: 'ethernet' };
    case 'external':
    case 'dummy':
      return { kind: input.kind };
    case 'vlan':
      return { kind: 'vlan', on: input.on, id: input.id };
    case 'bridge':
      return { kind: 'bridge', ports: input.ports ?? [] };
    case 'bond':
      return { kind: 'bond', ports: input.ports, mode: input.mode ?? 'balance-rr' };
    case 'vrf':
      return { kind: 'vrf', ports: input.ports, table: input.table };
    case 'macvlan':
      return { kind: 'macvlan', on: input.on, mode: input.mode ?? 'bridge' };
    case 'gre': {
      const ends = tunnelEnds(tree, path, input, faults);
      return { kind: 'gre', ...ends, key: input.key ?? null, ttl: input.ttl ?? null };
    }
    case 'vxlan': {
      const ends = tunnelEnds(tree, path, input, faults);
      return { kind: 'vxlan', ...ends, id: input.id, port: input.port ?? VXLAN_PORT };
    }
  }
}

function tunnelEnds(
  tree: Tree,
  path: Path,
  input: { readonly local: string; readonly remote: string },
  faults: Faults,
): TunnelEnds {
  const read = (key: 'local' | 'remote') => {
    const address = parseAddress(input[key]);
    if (address === null) {
      const hint = 'Write a literal address, as in 192.0.2.10.';
      faults.add(markAt(tree, [...path, key]), 'bad-address', `${input[key]} is not an address`, hint);
    }
    return address;
  };
  const [local, remote] = [read('local'), read('remote')];
  if (local !== null && remote !== null && local.family !== remote.family) {
    const hint = 'Write two addresses of one family.';
    faults.add(
      markAt(tree, path, true),
      'mixed-families',
      'a tunnel has one end of IPv4 and one of IPv6',
      hint,
    );
  }
  return { family: local?.family ?? 4, local: local?.text ?? '', remote: remote?.text ?? '' };
}

function addressOf(
  tree: Tree,
  path: Path,
  device: string,
  input: AddressInput,
  faults: Faults,
): InterfaceAddress | null {
  const { address: text, dynamic, peer, label } = typeof input === 'string' ? plain(input) : input;
  const prefix = parsePrefix(text);
  if (prefix === null) {
    const alone = parseAddress(text);
    const hint =
      alone === null
        ? 'Write it as in 192.0.2.10/24 or 2001:db8:a::10/64.'
        : `Write the prefix length: ${text}/${alone.family === 4 ? 24 : 64}.`;
    const at = markAt(tree, typeof input === 'string' ? path : [...path, 'address']);
    faults.add(at, 'bad-address', `${text} is not an address with prefix length`, hint);
    return null;
  }
  const { family, address, prefixLength } = prefix;
  if (label !== undefined) checkLabel(tree, [...path, 'label'], device, family, label, faults);
  return {
    family,
    address: address.text,
    prefixLength,
    dynamic: dynamic ?? false,
    peer: peer === undefined ? null : peerOf(tree, [...path, 'peer'], family, peer, faults),
    label: label ?? null,
  };
}

function plain(address: string): Exclude<AddressInput, string> {
  return { address };
}

function peerOf(tree: Tree, path: Path, family: number, text: string, faults: Faults): string | null {
  const peer = parseAddress(text);
  if (peer === null) {
    const hint = 'Write an address without prefix length: that of `address` is its.';
    faults.add(markAt(tree, path), 'bad-address', `${text} is not an address`, hint);
  } else if (peer.family !== family) {
    const hint = 'Write two addresses of one family.';
    faults.add(
      markAt(tree, path),
      'mixed-families',
      `the address is of IPv${family}, and its peer is not`,
      hint,
    );
  }
  return peer?.text ?? null;
}

/** ip-address(8); IFA_LABEL is of IPv4 alone. */
function checkLabel(
  tree: Tree,
  path: Path,
  device: string,
  family: number,
  label: string,
  faults: Faults,
): void {
  const at = markAt(tree, path);
  const hint = `Write it as in ${device}:1, with 15 characters at most.`;
  if (family === 6) {
    const remove = 'Remove it: such an address is one more of its interface.';
    faults.add(at, 'interface-name', 'an IPv6 address has no label', remove);
  } else if (!label.startsWith(`${device}:`) || !/^[A-Za-z0-9._:-]{1,15}$/.test(label)) {
    faults.add(at, 'interface-name', `the label ${label} is none of ${device}`, hint);
  }
}
