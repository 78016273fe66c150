import type { Mark } from '../load/source.js';
import type { PolicyItem } from '../model/policy.js';
import type { DialEvent } from '../model/scenario.js';
import { type Endpoint, endpointText, type Link } from '../model/topology.js';
import type { Faults } from './faults.js';
import type { Network } from './network.js';

/** What is known of links once all ends are. */
interface Wired {
  readonly links: readonly Link[];
  readonly network: Network;
  readonly faults: Faults;
}

/** Both ends of a ppp link, the one named first; null, reported, where it is an end of none. */
export function pppEnds(
  endpoint: Endpoint,
  at: Mark,
  { links, network, faults }: Wired,
): DialEvent['ends'] | null {
  const ppp = links.filter((link) => link.kind === 'ppp');
  const link = ppp.find(({ a, b }) => isSame(a, endpoint) || isSame(b, endpoint));
  if (link === undefined) {
    const known = ppp.map(({ a }) => endpointText(a));
    const hint =
      known.length === 0
        ? 'Give the link as a map with `kind: ppp`.'
        : `Name an end of such a link: ${known.join(', ')}.`;
    const message = `${endpointText(endpoint)} is no end of a ppp link`;
    faults.add(at, 'not-ppp', message, hint);
    return null;
  }
  const end = (one: Endpoint) => ({ ...one, addresses: network.addresses(one) });
  const other = isSame(link.a, endpoint) ? link.b : link.a;
  return [end(endpoint), end(other)];
}

/** What dials links is told whose the other ends are. */
export function withPppEnds(item: PolicyItem, node: string, at: Mark, wired: Wired): PolicyItem {
  if (item.kind !== 'configure' || item.tool !== 'ppp-hooks') return item;
  const links = item.interfaces.flatMap((name) => {
    const ends = pppEnds({ node, interface: name }, at, wired);
    return ends === null ? [] : [ends];
  });
  return { ...item, links };
}

export function isSame(a: Endpoint, b: Endpoint): boolean {
  return endpointText(a) === endpointText(b);
}
