import { eventsOf, type Scenario, type WireEvent } from '../model/scenario.js';
import { endpointText, type Link, type Segment, type Topology } from '../model/topology.js';

const WIRE_EVENTS: ReadonlySet<string> = new Set<WireEvent>(['unplug', 'plug', 'silence', 'restore']);

/**
 * The scenario's topology as it is wired: a link that some event unplugs or silences, or that does something to
 * packets, is a segment with two ports, so that it happens between its ends, where a veth pair has nothing.
 *
 * @param every wires all links so, for a lab of which it is not known beforehand what will happen in it.
 */
export function breakable({ topology, steps }: Scenario, every = false): Topology {
  const broken = new Set(
    steps.flatMap((step) =>
      eventsOf(step).flatMap((event) =>
        event.kind !== 'shell' && WIRE_EVENTS.has(event.kind) ? [endpointText(event.endpoint)] : [],
      ),
    ),
  );
  const breaks = ({ a, b, impairment }: Link) =>
    every || impairment !== null || broken.has(endpointText(a)) || broken.has(endpointText(b));
  const segments = topology.links.filter(breaks).map(
    ({ a, b, kind, impairment }): Segment => ({
      name: `${endpointText(a)} ${endpointText(b)}`,
      link: kind === 'ppp' ? kind : null,
      ports: [a, b],
      vlans: null,
      impairment,
    }),
  );
  if (segments.length === 0) return topology;
  return {
    ...topology,
    links: topology.links.filter((link) => !breaks(link)),
    segments: [...topology.segments, ...segments],
  };
}
