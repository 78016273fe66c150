import type { ObservedFlow } from '../model/observation.js';
import { addConnections } from './connection.js';
import { addErrors } from './quote.js';
import type { Sighting } from './sighting.js';
import { tokenReader } from './token.js';
import { addTo, emptyTraffic, type FlowTraffic, isOnItsWay } from './traffic.js';

/** Gives every sighting to the flow that it belongs to, if any; the flows come back in their order. */
export function matchFlows(flows: readonly ObservedFlow[], sightings: readonly Sighting[]): FlowTraffic[] {
  const traffics = flows.map(emptyTraffic);
  const readToken = tokenReader(traffics);
  for (const sighting of sightings) {
    const found = readToken(sighting.ip.transport);
    if (found === null || !isOnItsWay(found.traffic.observed, sighting)) continue;
    addTo(found.kind === 'request' ? found.traffic.requests : found.traffic.replies, found.number, sighting);
  }
  addConnections(traffics, sightings);
  addErrors(traffics, sightings, readToken);
  return traffics;
}
