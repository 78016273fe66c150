import type { Lab, LabNode } from '../build/lab.js';
import type { CounterDeltas, FlowEvidence, Journey, LookUp, NodeState, Passage } from '../model/evidence.js';
import { type Counters, deltasOf, readCounters } from './counters.js';
import { lookUp } from './look-up.js';
import { readState } from './state.js';

/** What a node is asked takes milliseconds, unless the machine is busy with other things. */
const TIMEOUT_MS = 5_000;

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
  const states = await statesOf(lab, journeys);
  const counters = risesOf(before, after);
  const lookUps = await lookUpsOf(lab, journeys, states);
  return journeys.map((journey) => ({
    journey,
    states,
    lookUps: journey.passages.flatMap((passage) => lookUps.get(passage) ?? []),
    counters,
    repeat: null,
    missing: [],
  }));
}

/** Each node is asked once for all that came through it. */
async function lookUpsOf(
  { nodes }: Lab,
  journeys: readonly Journey[],
  states: ReadonlyMap<string, NodeState>,
): Promise<ReadonlyMap<Passage, readonly LookUp[]>> {
  const passages = journeys.flatMap((journey) => journey.passages);
  const found = await Promise.all(
    [...states].map(async ([name, state]) => {
      const node = nodes.get(name);
      const here = passages.filter((passage) => passage.node === name);
      return node === undefined ? [] : [...(await lookUp(node, here, state, TIMEOUT_MS))];
    }),
  );
  return new Map(found.flat());
}

/** Those of nodes that are on the way of one, and of the node under test. */
async function statesOf(
  { nodes, plan }: Lab,
  journeys: readonly Journey[],
): Promise<ReadonlyMap<string, NodeState>> {
  const names = new Set(
    journeys.flatMap(({ passages, result }) => [...passages.map(({ node }) => node), result.at]),
  );
  const { nodeUnderTest } = plan.scenario.topology;
  if (nodeUnderTest !== null) names.add(nodeUnderTest);
  const wanted = [...nodes.values()].filter(({ name }) => names.has(name));
  const read = async (node: LabNode) => [node.name, await readState(node, TIMEOUT_MS)] as const;
  return new Map(await Promise.all(wanted.map(read)));
}
