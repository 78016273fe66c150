import type { Hop } from '../../model/flow-result.js';
import { type Line, line, noted, type Span, span } from './line.js';
import { interfaceText } from './path-text.js';
import type { HopNotes } from './wrong-hop.js';

/** What one node saw of a packet until it left. */
interface Passage {
  readonly node: string;
  readonly hops: readonly { readonly text: string; readonly note: string | undefined }[];
  /** The source address with which the packet was sighted last here; null where only its carrier was. */
  readonly address: string | null;
}

const NO_NOTES: HopNotes = new Map();

/**
 * A path as pieces for `fill`, one for each node that the packet passed:
 * `client:eth0`, `→ isp2:wan›lan`, `→ server:eth1`. Interfaces are in order of passage; where the
 * source address is another than before (NAT), it is given. What carried it through a tunnel stands in
 * parentheses: `client:wg0›(eth0`, `→ server:eth1)›wg0`. `lost` ends the path with a cross.
 */
export function pathPieces(path: readonly Hop[], lost: boolean, notes = NO_NOTES): readonly Line[] {
  let address: string | null = null;
  const pieces = passages(path, notes).map((passage, index): Line => {
    const isTranslated = address !== null && passage.address !== null && address !== passage.address;
    const translated = isTranslated ? ` [from ${passage.address}]` : '';
    address = passage.address ?? address;
    return [
      span(`${index === 0 ? '' : '→ '}${passage.node}:`),
      ...passage.hops.flatMap((hop, position): Span[] => [
        ...(position === 0 ? [] : [span('›')]),
        hop.note === undefined ? span(hop.text) : noted(hop.text, hop.note),
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
    const { node } = hop;
    const here = { note: notes.get(index), text: interfaceText(path, index) };
    const address = hop.tunnel === undefined ? hop.address : null;
    const last = found.at(-1);
    const left = previous?.direction === 'out' && hop.direction === 'in';
    if (last !== undefined && last.node === node && !left) {
      found[found.length - 1] = { node, hops: [...last.hops, here], address: address ?? last.address };
    } else {
      found.push({ node, hops: [here], address });
    }
    previous = hop;
  }
  return found;
}
