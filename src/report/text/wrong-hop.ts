import type { FlowResult, Hop } from '../../model/flow-result.js';
import { expectedWay, type Leg } from './expected-way.js';

/** What is wrong at one hop of a path, by the hop's position in it. */
export type HopNotes = ReadonlyMap<number, string>;

/** At which hops a path is not the one expected, and what was. */
export function wrongHops(flow: FlowResult, leg: Leg): HopNotes {
  const notes = new Map<number, string>();
  if (flow.status === 'passed' || flow.verdict === 'inconclusive') return notes;
  const { in: into, out, nexthop } = flow[leg];
  // An outer packet in a tunnel is none of the hops that were expected.
  const places = flow[leg].path.flatMap((hop, place) => (hop.tunnel === undefined ? [place] : []));
  const path = flow[leg].path.filter(({ tunnel }) => tunnel === undefined);
  const expected = expectedWay(flow)[leg];
  const entry = entryOf(path, flow.at, into);
  const exit = path.findIndex((hop) => isAt(hop, flow.at, out) && hop.direction === 'out');
  if (entry >= 0 && expected.in !== undefined && expected.in !== into) {
    notes.set(entry, `expected in ${expected.in}`);
  }
  if (exit >= 0 && expected.out !== undefined && expected.out !== out) {
    const via = expected.nexthop ? ` via ${expected.nexthop}` : '';
    notes.set(exit, `expected out ${expected.out}${via}`);
  } else if (exit >= 0 && expected.nexthop !== undefined && expected.nexthop !== nexthop) {
    const hop = nexthop === null ? exit : exit + 1;
    notes.set(hop, expected.nexthop === null ? 'expected no next hop' : `expected ${expected.nexthop}`);
  }
  for (const [hop, note] of [...otherNexthop(flow, leg, entry, exit), ...survived(flow, leg, path)]) {
    if (!notes.has(hop) && path[hop] !== undefined) notes.set(hop, note);
  }
  return new Map([...notes].map(([hop, note]) => [places[hop] ?? hop, note]));
}

function entryOf(path: readonly Hop[], at: string, into: string | null): number {
  const isEntry = (hop: Hop) => isAt(hop, at, into) && hop.direction === 'in';
  return path.at(-1)?.node === at ? path.findLastIndex(isEntry) : path.findIndex(isEntry);
}

function isAt(hop: Hop, node: string, name: string | null): boolean {
  return hop.node === node && hop.interface === name;
}

/** Where the reply's way is symmetric at the judged node, but by another neighbour than the request's. */
function otherNexthop(
  { expected, verdict, request, reply, role }: FlowResult,
  leg: Leg,
  entry: number,
  exit: number,
): readonly (readonly [hop: number, note: string])[] {
  if (leg === 'request' || expected.sameNexthop !== true || verdict !== expected.verdict) return [];
  const differ = (a: string | null, b: string | null) => a !== null && b !== null && a !== b;
  const notes: (readonly [number, string])[] = [];
  if (role !== 'initiator' && exit >= 0 && differ(reply.nexthop, request.previousHop)) {
    notes.push([exit + 1, `expected ${request.previousHop}, where the request came from`]);
  }
  if (role !== 'responder' && entry > 0 && differ(reply.previousHop, request.nexthop)) {
    notes.push([entry - 1, `expected ${request.nexthop}, where the request went`]);
  }
  return notes;
}

/** Where the packet should have been lost, and was not, or not there. */
function survived(
  { expected, lost }: FlowResult,
  leg: Leg,
  path: readonly Hop[],
): readonly (readonly [hop: number, note: string])[] {
  const { node, interface: name } = expected.lost ?? {};
  if (node === undefined || (expected.verdict === 'reply-lost' ? 'reply' : 'request') !== leg) return [];
  const isThere = (place: { readonly node: string; readonly interface: string | null }) =>
    place.node === node && (name === undefined || place.interface === name);
  if (lost !== null && isThere(lost)) return [];
  return [[path.findIndex(isThere), 'expected to be lost here']];
}
