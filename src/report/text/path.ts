import type { Hop } from '../../model/flow-result.js';
import { type Line, line, noted, type Span, span } from './line.js';
import type { HopNotes } from './wrong-hop.js';

/** What one node saw of a packet until it left. */
interface Passage {
  readonly node: string;
  readonly hops: readonly { readonly interface: string; readonly note: string | undefined }[];
  /** The source address with which the packet was sighted last here. */
  readonly address: string;
}

const NO_NOTES: HopNotes = new Map();

/**
 * A path as pieces for `fill`, one for each node that the packet passed:
 * `client:eth0`, `→ isp2:wan›lan`, `→ server:eth1`. Interfaces are in order of passage; where the
 * source address is another than before (NAT), it is given. `lost` ends the path with a cross.
 */
export function pathPieces(path: readonly Hop[], lost: boolean, notes = NO_NOTES): readonly Line[] {
  let address: string | null = null;
  const pieces = passages(path, notes).map((passage, index): Line => {
    const translated = address !== null && address !== passage.address ? ` [from ${passage.address}]` : '';
    address = passage.address;
    return [
      span(`${index === 0 ? '' : '→ '}${passage.node}:`),
      ...passage.hops.flatMap((hop, position): Span[] => [
        ...(position === 0 ? [] : [span('›')]),
        hop.note === undefined ? span(hop.interface) : noted(hop.interface, hop.note),
      ]),
      span(translated),
    ];
  });
  if (pieces.length === 0) pieces.push(line('never sighted', 'faint'));
  return lost ? [...pieces, line('→ ✗', 'bad')] : pieces;
}

/** Joins what one node saw of a packet until it left; entering the node again begins another passage. */
function passages(path: readonly Hop[], notes: HopNotes): readonly Passage[] {
  const found: Passage[] = [];
  let previous: Hop | null = null;
  for (const [index, hop] of path.entries()) {
    const { node, address } = hop;
    const here = { interface: hop.interface, note: notes.get(index) };
    const last = found.at(-1);
    const left = previous?.direction === 'out' && hop.direction === 'in';
    if (last !== undefined && last.node === node && !left) {
      found[found.length - 1] = { node, hops: [...last.hops, here], address };
    } else {
      found.push({ node, hops: [here], address });
    }
    previous = hop;
  }
  return found;
}
