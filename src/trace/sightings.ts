import type { Lab } from '../build/lab.js';
import { Devices } from '../judge/device.js';
import { type Sighting, sightingsOf } from '../judge/sighting.js';
import type { Passage } from '../model/evidence.js';
import type { Frame, Ip } from '../model/packet.js';
import type { TracedSighting } from './anchor.js';

/** How many frames each capture of a lab has. */
export type Position = ReadonlyMap<string, number>;

export function positionIn({ nodes }: Lab): Position {
  return new Map([...nodes.values()].map(({ name, capture }) => [name, capture.frames.length]));
}

/** What the captures have since then, with what of it is of the packets of a flow, by the clock of the kernel's trace. */
export function sightingsSince(
  { plan, nodes }: Lab,
  start: Position,
  passages: readonly Passage[],
): TracedSighting[] {
  const captures = [...nodes.values()].map(({ name, capture }) => ({
    ...{ node: name, frames: capture.frames.slice(start.get(name)), devices: capture.devices },
    ...{ liveBefore: true, alive: true, dropped: 0, sentinel: true },
  }));
  const devices = new Devices(plan, captures);
  const boot = wallClockOffset();
  return captures
    .flatMap((capture) => sightingsOf(devices, capture))
    .map((sighting) => {
      const { interface: device, direction, frame, ip } = sighting;
      const passage = passages.find((each) => isOf(sighting, each)) ?? null;
      return { passage, device, direction, time: frame.time - boot, length: lengthOf(frame, ip) };
    });
}

/** From CLOCK_MONOTONIC, by which the trace tells the time, to the wall clock of the captures; in nanoseconds. */
function wallClockOffset(): bigint {
  const wall = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
  return wall - process.hrtime.bigint();
}

function isOf({ node, direction, ip, ...sighting }: Sighting, passage: Passage): boolean {
  const { packet } = passage;
  if (node !== passage.node || ip.protocol !== packet.protocol) return false;
  const [source, destination] = portsOf(ip);
  if (direction === 'in') {
    return sighting.interface === passage.in && ip.source === packet.source && source === packet.sourcePort;
  }
  return (
    sighting.interface === passage.out &&
    ip.destination === packet.destination &&
    destination === packet.destinationPort
  );
}

function portsOf({ transport }: Ip): readonly (number | null)[] {
  if (transport === null || transport.kind === 'icmp') return [null, null];
  return [transport.sourcePort, transport.destinationPort];
}

/** From its header: a capture has the beginning of a packet. RFC 791, "Total Length"; RFC 8200, "Payload Length". */
function lengthOf({ payload }: Frame, { family }: Ip): number {
  const field = (at: number) => ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
  return family === 4 ? field(2) : 40 + field(4);
}
