import type { DirectionReport, Hop } from '../model/flow-result.js';
import type { Role } from '../model/verdict.js';
import { type Carriage, type CarriedHop, withCarriages } from './carriage.js';
import type { Chain } from './chain.js';

/** A direction of an exchange as the judged node had it. */
export interface Passage {
  readonly path: Chain;
  /** The node where the direction ends, if it gets there. */
  readonly terminal: string | null;
  /** The address that the judged node asked for in vain instead of sending on. */
  readonly unresolved: string | null;
  /** Finds what brought it through tunnels. */
  readonly carriage: Carriage;
}

export function directionReport(
  { path, terminal, unresolved, carriage }: Passage,
  at: string,
): DirectionReport {
  const { entry, exit } = passageAt(path, at, terminal);
  const into = entry === null ? undefined : path[entry];
  const out = exit === null ? undefined : path[exit];
  const next = exit === null ? undefined : path[exit + 1];
  const previous = entry === null || entry === 0 ? undefined : path[entry - 1];
  return {
    in: into?.interface ?? null,
    out: out?.interface ?? null,
    nexthop: endpointText(next),
    unresolved,
    previousHop: endpointText(previous),
    mac:
      (next === undefined ? into?.frame.linkSource : (out?.frame.linkDestination ?? next.device.mac)) || null,
    vlan: (into ?? out)?.vlan ?? null,
    path: withCarriages(path, carriage).map(toHop),
  };
}

/** Positions in the path of the sightings by which it entered and left the node; a node passed twice counts by its first passage. */
function passageAt(
  path: Chain,
  at: string,
  terminal: string | null,
): { entry: number | null; exit: number | null } {
  const begins = path[0]?.node === at && path[0].direction === 'out';
  if (begins && at !== terminal) return { entry: null, exit: 0 };
  if (at === terminal) {
    const entry = path.findLastIndex((hop) => hop.node === at && hop.direction === 'in');
    return { entry: entry < 0 ? null : entry, exit: begins ? 0 : null };
  }
  const entry = path.findIndex((hop) => hop.node === at && hop.direction === 'in');
  if (entry < 0) return { entry: null, exit: null };
  const following = path[entry + 1];
  return { entry, exit: following?.node === at && following.direction === 'out' ? entry + 1 : null };
}

function endpointText(hop: Chain[number] | undefined): string | null {
  return hop === undefined ? null : `${hop.node}:${hop.interface}`;
}

function toHop({ hop, tunnel }: CarriedHop): Hop {
  const { node, direction, ip } = hop;
  const plain = { node, interface: hop.interface, direction, address: ip.source };
  return tunnel === null ? plain : { ...plain, tunnel };
}

/** CONTRACTS, "Symmetric means". An interface that is not known equals none. */
export function isSymmetric(role: Role, request: DirectionReport, reply: DirectionReport): boolean {
  const back = request.in !== null && request.in === reply.out;
  const forth = request.out !== null && request.out === reply.in;
  if (role === 'responder') return back;
  return role === 'initiator' ? forth : back && forth;
}

/** Whether each direction's next hop is the other's previous one, as far as the role knows both; null where either is unknown. */
export function hasSameNexthop(role: Role, request: DirectionReport, reply: DirectionReport): boolean | null {
  const back = same(reply.nexthop, request.previousHop);
  const forth = same(request.nexthop, reply.previousHop);
  if (role === 'responder') return back;
  if (role === 'initiator') return forth;
  if (back === false || forth === false) return false;
  return back === null || forth === null ? null : true;
}

function same(a: string | null, b: string | null): boolean | null {
  return a === null || b === null ? null : a === b;
}
