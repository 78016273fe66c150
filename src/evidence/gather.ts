import type { Lab, LabNode } from '../build/lab.js';
import type { CounterDeltas, FlowEvidence, Journey, LookUp, NodeState, Passage } from '../model/evidence.js';
import type { Loss } from '../model/flow-result.js';
import type { LabPlan } from '../model/plan.js';
import { type Counters, deltasOf, readCounters } from './counters.js';
import { lookUp, type RoutedPassage } from './look-up.js';
import { readState, TIMEOUT_MS } from './state.js';

/** The counters of all nodes, by name. */
export type LabCounters = ReadonlyMap<string, Counters>;

export async function countersOf({ nodes }: Lab): Promise<LabCounters> {
  const read = async (node: LabNode) => [node.name, await readCounters(node)] as const;
  return new Map(await Promise.all([...nodes.values()].map(read)));
}

/** By node, what rose between two readings. */
export function risesOf(before: LabCounters, after: LabCounters): ReadonlyMap<string, CounterDeltas> {
  return new Map([...after].map(([name, counts]) => [name, deltasOf(before.get(name) ?? [], counts)]));
}

/**
 * What the nodes say of flows that have just ended, as the lab then is. It is only asked; what would change something
 * is left to a repeat.
 *
 * @param before counters of all nodes ahead of the flows.
 */
export async function gatherEvidence(
  lab: Lab,
  journeys: readonly Journey[],
  before: LabCounters,
): Promise<FlowEvidence[]> {
  const after = await countersOf(lab);
  const asked = await statesOf(lab, journeys);
  const states = new Map([...asked].flatMap(([name, state]) => (state === null ? [] : [[name, state]])));
  const silent = [...asked.keys()].filter((name) => !states.has(name));
  const missing = silent.map((name) => `${name} had not said how it is configured after ${TIMEOUT_MS} ms`);
  const counters = risesOf(before, after);
  const lookUps = await lookUpsOf(lab, journeys, states);
  return journeys.map((journey) => ({
    journey,
    states,
    lookUps: journey.passages.flatMap((passage) => lookUps.get(passage) ?? []),
    counters,
    repeat: null,
    missing,
  }));
}

/** Each node is asked once for all that came through it. */
async function lookUpsOf(
  { nodes }: Lab,
  journeys: readonly Journey[],
  states: ReadonlyMap<string, NodeState>,
): Promise<ReadonlyMap<Passage, readonly LookUp[]>> {
  const routed = journeys.flatMap(routedOf);
  const found = await Promise.all(
    [...states].map(async ([name, state]) => {
      const node = nodes.get(name);
      const here = routed.filter(({ passage }) => passage.node === name);
      return node === undefined ? [] : [...(await lookUp(node, here, state, TIMEOUT_MS))];
    }),
  );
  return new Map(found.flat());
}

/** SO_BINDTODEVICE of the probe's socket goes for what it sends; socket(7). */
function routedOf({ plan, passages }: Journey): readonly RoutedPassage[] {
  const { bindDevice } = plan.flow.probe;
  return passages.map((passage) => ({
    passage,
    boundTo: passage.leg === 'request' && passage.in === null ? bindDevice : null,
  }));
}

/** Those of nodes that are on the way of one, or on the link where it was lost, and of the node under test; null of what does not answer. */
async function statesOf(
  { nodes, plan }: Lab,
  journeys: readonly Journey[],
): Promise<ReadonlyMap<string, NodeState | null>> {
  const names = new Set(
    journeys.flatMap(({ passages, result }) => [
      ...passages.map(({ node }) => node),
      result.at,
      ...facing(plan, result.lost),
    ]),
  );
  const { nodeUnderTest } = plan.scenario.topology;
  if (nodeUnderTest !== null) names.add(nodeUnderTest);
  const wanted = [...nodes.values()].filter(({ name }) => names.has(name));
  const read = async (node: LabNode) => [node.name, await readState(node)] as const;
  return new Map(await Promise.all(wanted.map(read)));
}

/** The nodes that might have answered where a next hop was asked for in vain. */
function facing({ interfaces }: LabPlan, lost: Loss | null): readonly string[] {
  if (lost?.reason !== 'neighbour-unresolved') return [];
  const port = [...interfaces.values()].find(
    ({ endpoint }) => endpoint.node === lost.node && endpoint.interface === lost.interface,
  );
  return port?.neighbours.map(({ node }) => node) ?? [];
}
