import type { Hop } from '../../model/flow-result.js';
import { type Line, line } from './line.js';

interface Passage {
  readonly node: string;
  readonly interfaces: readonly string[];
  /** The source address with which the packet was sighted last here. */
  readonly address: string;
}

/**
 * A path as pieces for `fill`, one for each node that the packet passed:
 * `client:eth0`, `→ isp2:wan›lan`, `→ server:eth1`. Interfaces are in order of passage; where the
 * source address is another than before (NAT), it is given. `lost` ends the path with a cross.
 */
export function pathPieces(path: readonly Hop[], lost: boolean): readonly Line[] {
  let address: string | null = null;
  const pieces = passages(path).map((passage, index) => {
    const translated = address !== null && address !== passage.address ? ` [from ${passage.address}]` : '';
    address = passage.address;
    return line(`${index === 0 ? '' : '→ '}${passage.node}:${passage.interfaces.join('›')}${translated}`);
  });
  if (pieces.length === 0) pieces.push(line('never sighted', 'faint'));
  return lost ? [...pieces, line('→ ✗', 'bad')] : pieces;
}

/** Joins what one node saw of a packet until it left; entering the node again begins another passage. */
function passages(path: readonly Hop[]): readonly Passage[] {
  const found: Passage[] = [];
  let previous: Hop | null = null;
  for (const hop of path) {
    const last = found.at(-1);
    const left = previous?.direction === 'out' && hop.direction === 'in';
    if (last !== undefined && last.node === hop.node && !left) {
      found[found.length - 1] = {
        node: last.node,
        interfaces: [...last.interfaces, hop.interface],
        address: hop.address,
      };
    } else {
      found.push({ node: hop.node, interfaces: [hop.interface], address: hop.address });
    }
    previous = hop;
  }
  return found;
}
