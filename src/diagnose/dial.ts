import type { Repair } from '../model/diagnosis.js';
import type { DialEvent } from '../model/scenario.js';
import { type Endpoint, endpointText, type PppEnd } from '../model/topology.js';
import type { Facts } from './facts.js';
import { isOwn } from './repair.js';

/** Dials the ppp link of which an interface is an end, with the addresses that this gives both; null where it is on none. */
export function dialRepair(facts: Facts, endpoint: Endpoint): Repair | null {
  const ends = pppEnds(facts, endpoint);
  if (ends === null) return null;
  const event: DialEvent = { kind: 'connect', endpoint, ends, place: facts.flow.place };
  return { text: 'dial it', deeds: [{ event }], isAdvice: isOwn(facts, endpoint.node) };
}

/** Both ends of a ppp link, the one named first. */
function pppEnds({ plan: { scenario } }: Facts, endpoint: Endpoint): DialEvent['ends'] | null {
  const { links, segments, nodes } = scenario.topology;
  const all = [
    ...links.flatMap(({ kind, a, b }) => (kind === 'ppp' ? [[a, b]] : [])),
    ...segments.flatMap(({ link, ports }) => (link === 'ppp' ? [ports] : [])),
  ];
  const own = all.find((ends) => ends.some((each) => endpointText(each) === endpointText(endpoint)));
  const other = own?.find((each) => endpointText(each) !== endpointText(endpoint));
  if (other === undefined) return null;
  const end = ({ node, interface: name }: Endpoint): PppEnd => {
    const face = nodes.find((each) => each.name === node)?.interfaces.find((each) => each.name === name);
    return { node, interface: name, addresses: face?.addresses ?? [] };
  };
  return [end(endpoint), end(other)];
}
