import pLimit from 'p-limit';
import type { Lab, LabNode } from '../build/lab.js';
import { countersOf, type LabCounters, risesOf } from '../evidence/gather.js';
import type { FlowEvidence, Journey, NodeState, Repeat, TracedMark } from '../model/evidence.js';
import type { Scenario } from '../model/scenario.js';
import { type KernelTrace, startKernelTrace, TraceError } from '../system/kernel-trace.js';
import { type Attributed, attribute } from '../trace/attribute.js';
import { EVENTS, parseEvent } from '../trace/event.js';
import { MarkTrace } from '../trace/mark-trace.js';
import { positionIn, sightingsSince } from '../trace/sightings.js';
import { type RerunMeans, rerunStep } from './rerun.js';

/** What traces the whole machine is done for one flow at a time: the events of two could not be told apart. */
const oneByOne = pLimit(1);

/**
 * Repeats a flow alone, in a lab of its own, with all around it that would have disturbed the others: the kernel's trace
 * events where we are root, and the marks of its packets where a node has to do with marks. Gives the evidence with
 * what that showed, and what it could not show among what is missing. Never rejects.
 *
 * @param scenario of which the flow is one
 */
export function repeatFlow(
  scenario: Scenario,
  evidence: FlowEvidence,
  means: RerunMeans,
): Promise<FlowEvidence> {
  return oneByOne(async () => {
    const { flow } = evidence.journey.plan;
    const step = scenario.steps.findIndex(({ flows }) => flows.includes(flow));
    const missing: string[] = [];
    let repeat: Repeat | null = null;
    const rerun = { scenario, step, deeds: [], flows: [flow] };
    const { reason } = await rerunStep(rerun, means, async (lab, _flows, probe) => {
      const watch = new Watch(lab, await nodesWithMarks(lab, evidence));
      try {
        await watch.begin();
        const end = await probe();
        const [journey] = end.journeys;
        if (journey !== undefined) repeat = await watch.end(journey);
        return end;
      } finally {
        missing.push(...watch.missing);
        await watch.close();
      }
    });
    if (reason !== null) missing.push(`the flow could not be repeated: ${reason.text}`);
    return { ...evidence, repeat, missing: [...evidence.missing, ...missing] };
  });
}

/** All that is watched while one flow runs. */
class Watch {
  readonly missing: string[] = [];
  readonly #lab: Lab;
  readonly #marks: readonly MarkTrace[];
  #trace: KernelTrace | null = null;
  #before: LabCounters = new Map();
  #start: ReturnType<typeof positionIn> = new Map();

  constructor(lab: Lab, marking: readonly Marking[]) {
    this.#lab = lab;
    this.#marks = marking.map(({ node }) => new MarkTrace(node));
    for (const { node, hasLegacyTables } of marking)
      if (hasLegacyTables) this.missing.push(`${node.name}: ${LEGACY_RULES}`);
  }

  async begin(): Promise<void> {
    const [begun] = await Promise.all([
      Promise.all(this.#marks.map((each) => each.begin())),
      this.#traced(async () => {
        this.#trace = await startKernelTrace(EVENTS);
      }),
    ]);
    if (begun.includes(false)) this.missing.push(NO_MARKS);
    this.#before = await countersOf(this.#lab);
    this.#start = positionIn(this.#lab);
  }

  async end({ result, passages }: Journey): Promise<Repeat> {
    const after = await countersOf(this.#lab);
    const attributed = await this.#attributed(passages);
    const marks = await Promise.all(this.#marks.map((each) => each.marks(passages)));
    if (marks.includes(null) && !this.missing.includes(NO_MARKS)) this.missing.push(NO_MARKS);
    return {
      verdict: result.verdict,
      drops: attributed.drops,
      fibLookUps: attributed.fibLookUps,
      marks: marks.flatMap((each): readonly TracedMark[] => each ?? []),
      counters: risesOf(this.#before, after),
    };
  }

  async #attributed(passages: Journey['passages']): Promise<Omit<Attributed, 'missing'>> {
    let lines: readonly string[] = [];
    await this.#traced(async () => {
      lines = (await this.#trace?.lines()) ?? [];
    });
    const events = lines.flatMap((line) => parseEvent(line) ?? []);
    const sightings = sightingsSince(this.#lab, this.#start, passages);
    const { missing, ...attributed } = attribute(events, sightings, passages);
    this.missing.push(...missing);
    if (lines.some((line) => line.includes('LOST'))) this.missing.push(LOST_EVENTS);
    return attributed;
  }

  async #traced(deed: () => Promise<void>): Promise<void> {
    try {
      await deed();
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      this.missing.push(error.message);
    }
  }

  async close(): Promise<void> {
    await this.#trace?.close();
  }
}

const NO_MARKS = 'the marks of packets could not be traced: nft monitor trace does not work in a node';
const LEGACY_RULES = 'which rule of iptables-legacy sets a mark is not shown, only the mark after each hook';
const LOST_EVENTS = "the machine was too busy for some of the kernel's trace events to be read";

/** Tables of iptables-legacy(8) that are in use in the network namespace of whoever reads it, a line each. */
const LEGACY_TABLES = ['/proc/net/ip_tables_names', '/proc/net/ip6_tables_names'];

interface Marking {
  readonly node: LabNode;
  /** Whether rules of its may set marks of which nft(8) knows nothing. */
  readonly hasLegacyTables: boolean;
}

/** Nodes on the way that have to do with marks: a rule of theirs asks for one, or something filters. */
async function nodesWithMarks(
  { nodes }: Lab,
  { journey, states }: FlowEvidence,
): Promise<readonly Marking[]> {
  const onTheWay = new Set(journey.passages.map(({ node }) => node));
  const marking = [...nodes.values()].map(async (node) => {
    const state = states.get(node.name);
    if (!onTheWay.has(node.name) || state === undefined) return [];
    const tables = await Promise.all(LEGACY_TABLES.map((file) => node.agent.read(file)));
    const hasLegacyTables = tables.some((names) => names !== null && names !== '');
    return hasLegacyTables || hasToDoWithMarks(state) ? [{ node, hasLegacyTables }] : [];
  });
  return (await Promise.all(marking)).flat();
}

function hasToDoWithMarks({ rules, ruleset }: NodeState): boolean {
  return ruleset !== '' || rules.some(({ mark }) => mark !== undefined);
}
