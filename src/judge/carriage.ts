import { type Chain, chainsOf } from './chain.js';
import { LOOPBACK } from './device.js';
import type { Sighting } from './sighting.js';

/** The hops of the outer packet that brought a packet through a tunnel; none where it is not known. */
export type Carriage = (entrance: Sighting, exit: Sighting) => Chain;

/**
 * Finds outer packets among sightings that belong to no flow, which are asked for once there is a tunnel. An outer packet may be encrypted, so that nothing in it
 * tells what is inside: it is the last one that came to the node of the exit before the packet came out there, of
 * those that the node of the entrance sent after the packet went in, and it is no shorter.
 */
export function carriageFinder(sightings: () => readonly Sighting[]): Carriage {
  let known: readonly Chain[] | null = null;
  return (entrance, exit) => {
    known ??= chainsOfEach(sightings()).sort((a, b) => (arrival(a) < arrival(b) ? -1 : 1));
    for (let i = countUntil(known, exit.frame.time) - 1; i >= 0; i--) {
      const chain = known[i] ?? [];
      if (arrival(chain) < entrance.frame.time) break;
      if (carries(chain, entrance, exit)) return chain;
    }
    return [];
  };
}

/** How many of them, which are in the order of their arrival, had come by then: there may be many, and a question for each packet. */
function countUntil(chains: readonly Chain[], time: bigint): number {
  let [low, high] = [0, chains.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (arrival(chains[middle] ?? []) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What passes several hops is the same packet where its content is, which translation of addresses does not change. */
function chainsOfEach(sightings: readonly Sighting[]): Chain[] {
  const packets = new Map<string, Sighting[]>();
  for (const sighting of sightings) {
    if (sighting.interface === LOOPBACK) continue;
    const content = contentOf(sighting);
    const same = packets.get(content);
    if (same === undefined) packets.set(content, [sighting]);
    else same.push(sighting);
  }
  return [...packets.values()].flatMap((each) => chainsOf(each, null));
}

function carries(chain: Chain, entrance: Sighting, exit: Sighting): boolean {
  const [first, last] = [chain[0], chain.at(-1)];
  if (first?.direction !== 'out' || !isAnEnd(first, entrance)) return false;
  if (last?.direction !== 'in' || !isAnEnd(last, exit) || last.node === first.node) return false;
  if (first.frame.time < entrance.frame.time) return false;
  return first.frame.payload.length >= entrance.frame.payload.length;
}

/** Whether an outer packet is where what is inside was seen, or where a bridge on the way there has the tunnel's end. */
function isAnEnd(outer: Sighting, { node, interface: name, device }: Sighting): boolean {
  if (!device.isTunnel) return device.tunnelEnds.includes(outer.node);
  return outer.node === node && outer.interface !== name;
}

function arrival(chain: Chain): bigint {
  return chain.at(-1)?.frame.time ?? -1n;
}

const IPV6_HEADER = 40;

/** What address translation leaves as it is: the data of UDP and TCP, of other protocols all after the IP header (RFC 791, RFC 8200). */
function contentOf({ ip, frame: { payload } }: Sighting): string {
  const { transport } = ip;
  const sequence = transport?.kind === 'tcp' ? transport.sequence : '';
  const header = ip.family === 4 ? ((payload[0] ?? 0) & 0x0f) * 4 : IPV6_HEADER;
  const data = transport === null || transport.kind === 'icmp' ? payload.subarray(header) : transport.data;
  return `${ip.protocol} ${sequence} ${ip.fragmentOffset} ${Buffer.from(data).toString('latin1')}`;
}

/** A path with the outer packets' hops where it goes through tunnels, each hop with the tunnel that it is in, if any. */
export function withCarriages(path: Chain, carriage: Carriage): readonly CarriedHop[] {
  return path.flatMap((hop, index) => {
    const next = path[index + 1];
    const own = { hop, tunnel: null };
    if (hop.device.tunnelEnds.length === 0 || hop.direction !== 'out' || next?.direction !== 'in')
      return [own];
    const outer = withCarriages(carriage(hop, next), carriage);
    return [own, ...outer.map((each) => ({ hop: each.hop, tunnel: each.tunnel ?? hop.interface }))];
  });
}

export interface CarriedHop {
  readonly hop: Sighting;
  /** The device by which what is inside went into the tunnel; null outside of any. */
  readonly tunnel: string | null;
}
