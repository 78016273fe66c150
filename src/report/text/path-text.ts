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
    const directions = hops
      .flatMap((hop, i) => (isWrapped(hops[i - 1], hop) ? [] : [hop.direction]))
      .join(' ');
    const plain = index === 0 ? 'out' : index === nodes.length - 1 ? 'in' : 'in out';
    const text = (hop: Hop) => interfaceText(path, path.indexOf(hop));
    const names =
      directions === plain || directions === 'in out'
        ? hops.map(text).join('›')
        : hops.map((hop) => `${text(hop)} ${hop.direction}`).join(', ');
    return `${node}:${names}`;
  });
  return texts.length === 0 ? null : texts.join(ARROW);
}

/** Whether a hop is what the one before it is inside of, or came out of. */
function isWrapped(before: Hop | undefined, hop: Hop): boolean {
  return before?.direction === hop.direction && before.tunnel !== hop.tunnel;
}

/** The interface of a hop, with a parenthesis where what carried the packet through a tunnel begins or ends. */
export function interfaceText(path: readonly Hop[], index: number): string {
  const inTunnel = (position: number) => path[position]?.tunnel !== undefined;
  const name = path[index]?.interface ?? '';
  if (!inTunnel(index)) return name;
  return `${inTunnel(index - 1) ? '' : '('}${name}${inTunnel(index + 1) ? '' : ')'}`;
}
