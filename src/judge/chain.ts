import { LOOPBACK } from './device.js';
import type { Sighting } from './sighting.js';

/**
 * One copy of a packet from hop to hop: out of an interface, into a neighbour, out again. A packet sent once
 * gives one chain; a retransmission, a duplicate or a hop that is hidden from the captures begins another.
 */
export type Chain = readonly Sighting[];

/**
 * Orders the sightings of one packet into chains. What follows what is read from the topology, the
 * frame's layer-2 source and the falling TTL; time only decides between copies that are otherwise alike.
 * `origin` is the node that makes the packet, where known: nothing it sends continues an earlier
 * sighting, save one that it forwards in a loop.
 */
export function chainsOf(sightings: readonly Sighting[], origin: string | null): Chain[] {
  const next = new Map<Sighting, Sighting>();
  const heads: Sighting[] = [];
  for (const sighting of [...sightings].sort((a, b) => a.order - b.order)) {
    const previous =
      sighting.direction === 'in'
        ? sender(sighting, sightings, next)
        : entrance(sighting, sightings, next, sighting.node === origin);
    if (previous === null) heads.push(sighting);
    else next.set(previous, sighting);
  }
  return heads.sort(byTime).map((head) => follow(head, next));
}

function follow(head: Sighting, next: ReadonlyMap<Sighting, Sighting>): Chain {
  const chain: Sighting[] = [];
  for (let hop: Sighting | undefined = head; hop !== undefined; hop = next.get(hop)) chain.push(hop);
  return chain;
}

/** The sighting on the other side of the wire: the last one sent before, or the first where the clock does not tell. */
function sender(
  sighting: Sighting,
  sightings: readonly Sighting[],
  next: ReadonlyMap<Sighting, Sighting>,
): Sighting | null {
  const candidates = sightings.filter((each) => !next.has(each) && isAcross(each, sighting)).sort(byTime);
  return candidates.findLast((each) => each.frame.time <= sighting.frame.time) ?? candidates[0] ?? null;
}

function isAcross(out: Sighting, into: Sighting): boolean {
  if (out.direction !== 'out' || out.ip.ttl !== into.ip.ttl || out.device.segment !== into.device.segment)
    return false;
  if (!into.device.isTunnel && out.frame.linkSource !== into.frame.linkSource) return false;
  return out.node !== into.node || out.interface !== into.interface || into.interface === LOOPBACK;
}

/**
 * The sighting by which a packet entered the node that it leaves: the last one before with a greater TTL.
 * A node that raises the TTL (a mangle rule) is followed too, unless it makes such packets itself.
 */
function entrance(
  sighting: Sighting,
  sightings: readonly Sighting[],
  next: ReadonlyMap<Sighting, Sighting>,
  isOrigin: boolean,
): Sighting | null {
  const candidates = sightings
    .filter((each) => each.direction === 'in' && each.node === sighting.node && each.order < sighting.order)
    .filter((each) => !next.has(each))
    .sort((a, b) => a.order - b.order);
  const falling = candidates.findLast((each) => each.ip.ttl > sighting.ip.ttl);
  return falling ?? (isOrigin ? null : (candidates.at(-1) ?? null));
}

function byTime(a: Sighting, b: Sighting): number {
  if (a.frame.time !== b.frame.time) return a.frame.time < b.frame.time ? -1 : 1;
  return a.node === b.node ? a.order - b.order : a.node < b.node ? -1 : 1;
}

/** Whether a chain has a sighting inbound at a node. */
export function enters(chain: Chain, node: string): boolean {
  return chain.some((hop) => hop.direction === 'in' && hop.node === node);
}

/** Whether a chain begins with a node sending. */
export function beginsAt(chain: Chain, node: string): boolean {
  return chain[0]?.direction === 'out' && chain[0].node === node;
}

/**
 * The path of a packet from its origin: the first copy that reached `destination`, else the copy
 * that came furthest. Where the way there was hidden for a part (inside a tunnel), the visible
 * parts are put together.
 */
export function pathOf(chains: readonly Chain[], origin: string, destination: string | null): Chain {
  const own = chains.filter((chain) => beginsAt(chain, origin));
  const arriving = destination === null ? undefined : own.find((chain) => enters(chain, destination));
  if (arriving !== undefined) return arriving;
  const furthest = own.reduce<Chain>((best, chain) => (chain.length > best.length ? chain : best), []);
  if (furthest.length === 0 || destination === null) return furthest;
  const rest = chains.find((chain) => chain[0]?.direction === 'in' && enters(chain, destination));
  return rest === undefined ? furthest : [...furthest, ...rest];
}
