import type { HeldAddress, NeighbourEntry, NodeDevice } from '../model/evidence.js';
import { type Row, rows } from './output.js';

/** From what `ip -j -d address` prints. */
export function parseDevices(json: string): NodeDevice[] {
  return rows(json).map((row) => ({
    name: row.text('ifname') ?? '',
    index: row.number('ifindex') ?? 0,
    flags: row.texts('flags'),
    kind: row.row('linkinfo')?.text('info_kind') ?? '',
    master: row.text('master'),
    mtu: row.number('mtu') ?? 0,
    mac: row.text('address') ?? '',
    vlan: vlanOf(row),
  }));
}

function vlanOf(row: Row): NodeDevice['vlan'] {
  const information = row.row('linkinfo');
  const id = information?.text('info_kind') === 'vlan' ? information.row('info_data')?.number('id') : null;
  return id === null || id === undefined ? null : { id, on: row.text('link') ?? '' };
}

/** From the same. */
export function parseAddresses(json: string): HeldAddress[] {
  return rows(json).flatMap((row) => {
    const device = row.text('ifname') ?? '';
    return row.rows('addr_info').flatMap((info): HeldAddress[] => {
      const address = info.text('local');
      if (address === null) return [];
      return [
        {
          device,
          family: info.text('family') === 'inet6' ? 6 : 4,
          address,
          prefixLength: info.number('prefixlen') ?? 0,
          scope: info.text('scope') ?? 'global',
          peer: info.text('address'),
        },
      ];
    });
  });
}

/** From what `ip -j neighbour` prints. */
export function parseNeighbours(json: string): NeighbourEntry[] {
  return rows(json).map((row) => ({
    device: row.text('dev') ?? '',
    address: row.text('dst') ?? '',
    mac: row.text('lladdr'),
    state: row.texts('state').join(' '),
  }));
}
