import type { Hop } from '../../model/flow-result.js';

/** Between the nodes of a path. */
export const ARROW = ' → ';

/**
 * A path in one line: `client:eth0 → isp2:wan›lan → server:eth1`. Two paths have the same text only where
 * they have the same nodes, interfaces and directions: what is not plain (out of the first node, into and out of each
 * other one, into the last) is said, as in `isp2:wan in, lan in`. Null where there is no hop.
 */
export function pathText(path: readonly Hop[]): string | null {
  const nodes: { readonly node: string; readonly hops: Hop[] }[] = [];
  for (const hop of path) {
    const last = nodes.at(-1);
    if (last?.node === hop.node) last.hops.push(hop);
    else nodes.push({ node: hop.node, hops: [hop] });
  }
  const texts = nodes.map(({ node, hops }, index) => {
    const directions = hops.map(({ direction }) => direction).join(' ');
    const plain = index === 0 ? 'out' : index === nodes.length - 1 ? 'in' : 'in out';
    const names =
      directions === plain || directions === 'in out'
        ? hops.map((hop) => hop.interface).join('›')
        : hops.map((hop) => `${hop.interface} ${hop.direction}`).join(', ');
    return `${node}:${names}`;
  });
  return texts.length === 0 ? null : texts.join(ARROW);
}
