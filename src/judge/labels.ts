import type { Frame } from '../model/packet.js';
import type { FlowPlan } from '../model/plan.js';
import type { Flow } from '../model/scenario.js';
import { type Carriage, withCarriages } from './carriage.js';
import { type Chain, chainsOf } from './chain.js';
import { exchangesOf } from './exchange.js';
import type { Matching } from './matching.js';
import type { Sighting } from './sighting.js';
import type { FlowTraffic } from './traffic.js';

/** What is to be said of frames that belong to flows: a sentence for each time that one was sighted. */
export type Labels = ReadonlyMap<Frame, readonly string[]>;

/**
 * Names the flow of each frame that has one, which of its packets it is, and which hop of that packet's path.
 *
 * @param before how many flows the steps before had: they are counted through the scenario, from 1
 */
export function labelsOf({ traffics, carriage }: Matching, before: number): Labels {
  const writer = new LabelWriter(carriage);
  const numbers = new Map<Flow, number>();
  for (const traffic of traffics) {
    const { plan } = traffic.observed;
    const number = numbers.get(plan.flow) ?? before + numbers.size + 1;
    numbers.set(plan.flow, number);
    writer.addFlow(`flow ${number} ${flowText(plan)}`, traffic);
  }
  return writer.labels;
}

function flowText({ flow, sourcePort }: FlowPlan): string {
  const tuple = flow.tuples === undefined ? '' : ` from port ${sourcePort}`;
  return `${flow.from} → ${flow.to} ${flow.probe.text}${tuple}`;
}

class LabelWriter {
  readonly labels = new Map<Frame, string[]>();

  constructor(private readonly carriage: Carriage) {}

  addFlow(flow: string, traffic: FlowTraffic): void {
    for (const { number, request, reply } of exchangesOf(traffic)) {
      this.#addPath(`${flow}: request ${number}`, request);
      const [first] = reply;
      const isReply = first !== undefined && traffic.replies.get(number)?.includes(first);
      // What came instead of a reply is named as what it is, below.
      if (isReply) this.#addPath(`${flow}: reply ${number}`, reply);
    }
    const { from, answeredBy } = traffic.observed.plan.flow;
    this.#addRest(flow, 'request', traffic.requests, from);
    this.#addRest(flow, 'reply', traffic.replies, answeredBy);
    this.#addRest(flow, 'ICMP error about request', traffic.errors, null);
    this.#addChains(`${flow}: TCP reset`, chainsOf(traffic.resets, null));
  }

  /** What goes through tunnels goes on with the hops of the outer packets, as in a report. */
  #addPath(what: string, path: Chain): void {
    const hops = withCarriages(path, this.carriage);
    for (const [index, { hop, tunnel }] of hops.entries()) {
      const carrier = tunnel === null ? '' : `, carried by ${tunnel}`;
      this.#add(hop, `${what}${carrier}, ${whereText(hop)} (hop ${index + 1} of ${hops.length})`);
    }
  }

  /** Copies, and what is on no path that was judged. */
  #addRest(
    flow: string,
    what: string,
    packets: ReadonlyMap<number, readonly Sighting[]>,
    origin: string | null,
  ): void {
    for (const [number, sightings] of packets) {
      const rest = sightings.filter(({ frame }) => !this.labels.has(frame));
      const again = rest.length < sightings.length ? ' once more' : '';
      this.#addChains(`${flow}: ${what} ${number}${again}`, chainsOf(rest, origin));
    }
  }

  #addChains(what: string, chains: readonly Chain[]): void {
    for (const chain of chains) this.#addPath(what, chain);
  }

  #add({ frame }: Sighting, text: string): void {
    const labels = this.labels.get(frame);
    if (labels === undefined) this.labels.set(frame, [text]);
    else labels.push(text);
  }
}

function whereText({ node, interface: name, direction }: Sighting): string {
  return `${direction === 'in' ? 'into' : 'out of'} ${node}:${name}`;
}
