import type { LinkInput, SegmentInput } from '../format/links.js';
import type { TopologyInput } from '../format/topology.js';
import { markAt, type Tree } from '../load/tree.js';
import {
  endpointText,
  type Link,
  type LinkKind,
  type Node,
  type PortVlans,
  type Segment,
} from '../model/topology.js';
import type { Faults } from './faults.js';
import { impairmentOf } from './impairment.js';
import { suggestion } from './nearest.js';
import type { Network } from './network.js';

/** Links and segments with their endpoints resolved; those that name what does not exist are reported and left out. */
export function connectionsOf(
  tree: Tree,
  input: TopologyInput,
  network: Network,
  faults: Faults,
): { links: Link[]; segments: Segment[] } {
  const links = (input.links ?? []).flatMap((link, index) => {
    const [first, second] = endsOf(link, ['links', index]);
    const a = network.endpoint(first.text, markAt(tree, first.path), faults);
    const b = network.endpoint(second.text, markAt(tree, second.path), faults);
    return a !== null && b !== null
      ? [{ a, b, kind: kindOf(link), impairment: impairmentOf(tree, ['links', index], link, faults) }]
      : [];
  });
  const segments = Object.entries(input.segments ?? {}).map(([name, segment]): Segment => {
    const known = portsOf(segment, ['segments', name]).flatMap(({ text, path }) => {
      const endpoint = network.endpoint(text, markAt(tree, path), faults);
      return endpoint === null ? [] : [{ endpoint, text }];
    });
    const vlans = segment === null || !('ports' in segment) ? undefined : segment.vlans;
    for (const port of Object.keys(vlans ?? {})) checkPort(tree, name, port, known, faults);
    return {
      name,
      link: null,
      impairment: null,
      ports: known.map(({ endpoint }) => endpoint),
      vlans: vlans === undefined ? null : known.map(({ text }) => vlansOf(vlans[text])),
    };
  });
  checkOnce(tree, input, faults);
  return { links, segments };
}

/** Every Ethernet interface is on one link or segment, and no other: reports what is not so. */
export function checkConnections(
  tree: Tree,
  nodes: readonly Pick<Node, 'name' | 'interfaces'>[],
  links: readonly Link[],
  segments: readonly Segment[],
  faults: Faults,
): void {
  const connected = new Set(
    [...links.flatMap(({ a, b }) => [a, b]), ...segments.flatMap(({ ports }) => ports)].map(endpointText),
  );
  for (const node of nodes) {
    for (const { name, kind } of node.interfaces) {
      const endpoint = endpointText({ node: node.name, interface: name });
      const isEthernet = kind === 'ethernet' || kind === 'ppp';
      if (connected.has(endpoint) === isEthernet) continue;
      if (!isEthernet) {
        const at = markAt(tree, ['nodes', node.name, 'interfaces', name], true);
        const message = `${endpoint} is of kind ${kind}, and on a link or segment`;
        faults.add(at, 'not-an-end', message, 'Remove its kind, or take it off there.');
        continue;
      }
      const hint = `Add a link, as in links: [[${endpoint}, other:eth0]], or a segment.`;
      const at = markAt(tree, ['nodes', node.name, 'interfaces', name], true);
      faults.add(at, 'interface-unconnected', `${endpoint} is on no link and in no segment`, hint);
    }
  }
}

function checkOnce(tree: Tree, input: TopologyInput, faults: Faults): void {
  const seen = new Set<string>();
  const visit = (endpoint: string, path: readonly PropertyKey[]) => {
    if (seen.has(endpoint)) {
      const hint = 'Give it one link or segment; to share a network among several, use a segment.';
      faults.add(markAt(tree, path), 'interface-connected-twice', `${endpoint} is connected already`, hint);
    }
    seen.add(endpoint);
  };
  for (const [index, link] of (input.links ?? []).entries()) {
    for (const { text, path } of endsOf(link, ['links', index])) visit(text, path);
  }
  for (const [name, segment] of Object.entries(input.segments ?? {})) {
    for (const { text, path } of portsOf(segment, ['segments', name])) visit(text, path);
  }
}

interface End {
  readonly text: string;
  readonly path: readonly PropertyKey[];
}

/** The ends of a link as they are written, each with its place. */
function endsOf(link: LinkInput, path: readonly PropertyKey[]): readonly [End, End] {
  const [a, b] = 'ends' in link ? link.ends : link;
  const above = 'ends' in link ? [...path, 'ends'] : path;
  return [
    { text: a, path: [...above, 0] },
    { text: b, path: [...above, 1] },
  ];
}

/** The ports of a segment as they are written, each with its place. */
function portsOf(segment: SegmentInput | null, path: readonly PropertyKey[]): readonly End[] {
  if (segment === null) return [];
  const above = 'ports' in segment ? [...path, 'ports'] : path;
  const ports = 'ports' in segment ? segment.ports : segment;
  return ports.map((text, index) => ({ text, path: [...above, index] }));
}

/** What a switch comes with: everything is in VLAN 1. */
function vlansOf(
  given: { tagged?: readonly number[] | undefined; untagged?: number | undefined } | undefined,
): PortVlans {
  if (given === undefined) return { tagged: [], untagged: 1 };
  return { tagged: given.tagged ?? [], untagged: given.untagged ?? null };
}

/** VLANs are of a port that the switch has. */
function checkPort(
  tree: Tree,
  segment: string,
  port: string,
  ports: readonly { readonly text: string }[],
  faults: Faults,
): void {
  const known = ports.map(({ text }) => text);
  if (known.includes(port)) return;
  const hint = suggestion(port, known, 'Write a port of the segment.');
  const at = markAt(tree, ['segments', segment, 'vlans', port], true);
  faults.add(at, 'unknown-interface', `${port} is no port of ${segment}`, hint);
}

function kindOf(link: LinkInput): LinkKind {
  return 'ends' in link ? (link.kind ?? 'veth') : 'veth';
}

/** What a link makes of its ends. */
export interface LinkEnd {
  readonly kind: LinkKind;
  readonly mtu: number | null;
}

/** What PPP over Ethernet leaves of 1500 bytes; RFC 2516. */
const PPP_MTU = 1492;

/** What links make of their ends, by endpoint. */
export function linkEndsOf(input: TopologyInput): ReadonlyMap<string, LinkEnd> {
  return new Map(
    (input.links ?? []).flatMap((link) => {
      const kind = kindOf(link);
      const given = 'ends' in link ? link.mtu : undefined;
      const end = { kind, mtu: given ?? (kind === 'ppp' ? PPP_MTU : null) };
      return endsOf(link, []).map(({ text }) => [text, end] as const);
    }),
  );
}
