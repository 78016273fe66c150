import { addressesOf, type Lab, nodeWith, type Scene } from './lab.js';
import { type Exchange, type Identity, identityOf, isBeginning, observe, type Terms } from './observe.js';
import type { Packet } from './packets.js';
import type { ReportedFlow, Way } from './report.js';

/** What became of comparing one flow. */
export interface Comparison {
  readonly lab: string;
  readonly flow: ReportedFlow;
  /** Why the peers cannot say anything about it; null where it was compared. */
  readonly skipped: string | null;
  readonly disagreements: readonly string[];
}

/** What the scenario says of the nth flow of a step that asks the same. */
export type TermsOf = (
  step: string,
  flow: ReportedFlow,
  nth: number,
) => Omit<Terms, 'answeredBy'> & { readonly answeredBy?: string };

/** Compares all flows of a lab with what its captures show. */
export function compareLab(lab: Lab, packets: readonly Packet[], termsOf: TermsOf): Comparison[] {
  return lab.steps.flatMap(({ step, begin, down }, i) => {
    const end = lab.steps[i + 1]?.begin ?? Number.POSITIVE_INFINITY;
    const during = packets.filter(({ time }) => time >= begin && time < end);
    const identities = identitiesOf(lab, step.flows, during);
    const later = packets.filter(({ time }) => time >= begin);
    return [...identities].flatMap(([key, found]) => {
      const alike = step.flows.filter((flow) => keyOf(flow) === key);
      const terms = alike.map((flow, nth): Terms => {
        return { answeredBy: nodeWith(lab, flow.to), ...termsOf(step.title, flow, nth) };
      });
      return compareAlike({ lab, down }, alike, terms, found, later);
    });
  });
}

/**
 * Compares flows of a step that ask the same of the same node. Which of them is which only shows by what came
 * of them: they agree if there is a way to assign them so that all do.
 */
function compareAlike(
  scene: Scene,
  flows: readonly ReportedFlow[],
  terms: readonly Terms[],
  found: readonly Identity[],
  packets: readonly Packet[],
): Comparison[] {
  const { lab } = scene;
  if (terms[0]?.answeredBy === flows[0]?.from) {
    return flows.map((flow) => ({
      lab: lab.id,
      flow,
      skipped: 'it never leaves the node',
      disagreements: [],
    }));
  }
  // A flow of which nobody saw anything has no identity.
  const unseen = Math.max(0, flows.length - found.length);
  const identities: (Identity | null)[] = [...found, ...Array.from({ length: unseen }, () => null)];
  const surplus =
    identities.length > flows.length ? [`${found.length} of ${flows.length} flows were sent`] : [];
  const table = flows.map((flow, i) =>
    identities.map((identity) =>
      disagreementsOf(flow, observe(scene, packets, flow, identity, terms[i] as Terms)),
    ),
  );
  const assigned = bestAssignment(table.map((row) => row.map(({ length }) => length)));
  return flows.map((flow, i) => {
    const disagreements = [...lab.faults, ...surplus, ...(table[i]?.[assigned[i] ?? -1] ?? [])];
    return { lab: lab.id, flow, skipped: null, disagreements };
  });
}

/** A column for each row, none twice, with the least sum. There are few flows that ask the same: all are tried. */
function bestAssignment(costs: readonly (readonly number[])[]): readonly number[] {
  let best: readonly number[] = [];
  let least = Number.POSITIVE_INFINITY;
  const assign = (chosen: readonly number[], sum: number) => {
    if (sum >= least) return;
    const row = costs[chosen.length];
    if (row === undefined) {
      [best, least] = [chosen, sum];
      return;
    }
    row.forEach((cost, column) => {
      if (!chosen.includes(column)) assign([...chosen, column], sum + cost);
    });
  };
  assign([], 0);
  return best;
}

const keyOf = ({ from, to, probe, family }: ReportedFlow): string => [from, to, probe, family].join(' ');

/** The identities that each flow of a step may have: what its node began to send to the address and port asked. */
function identitiesOf(
  lab: Lab,
  flows: readonly ReportedFlow[],
  packets: readonly Packet[],
): Map<string, Identity[]> {
  const distinct = new Map(flows.map((flow) => [keyOf(flow), flow]));
  const found = new Map<string, Identity[]>();
  const claimed = new Set<string>();
  const search = (flow: ReportedFlow, addresses: readonly string[] | null) => {
    const identities = new Map<string, Identity>();
    // What a node forwards enters it too.
    const forwarded = new Set<string>();
    for (const packet of packets) {
      if (!isBeginning(packet, flow, addresses)) continue;
      const identity = identityOf(packet);
      const text = JSON.stringify(identity);
      if (lab.owners.get(packet.to)?.node === flow.from) forwarded.add(text);
      if (lab.owners.get(packet.from)?.node !== flow.from) continue;
      if (addresses !== null || !claimed.has(text)) identities.set(text, identity);
    }
    for (const text of forwarded) identities.delete(text);
    for (const text of identities.keys()) claimed.add(text);
    found.set(keyOf(flow), [...identities.values()]);
  };
  for (const flow of distinct.values()) search(flow, addressesOf(lab, flow));
  // Where a node translates what it sends itself, the address asked is not the one on the wire.
  for (const flow of distinct.values()) if (found.get(keyOf(flow))?.length === 0) search(flow, null);
  return found;
}

function disagreementsOf(flow: ReportedFlow, exchanges: readonly Exchange[]): string[] {
  const said: string[] = [];
  if (flow.verdict === 'inconclusive') return [`the report is inconclusive: ${flow.cause?.text}`];
  const sent = exchanges.filter((exchange) => exchange.sent).length;
  if (flow.sent !== sent) said.push(`sent: report ${flow.sent}; observer ${sent}`);
  const received = exchanges.filter((exchange) => exchange.received).length;
  if (flow.received !== received) said.push(`received: report ${flow.received}; observer ${received}`);
  for (const exchange of exchanges) {
    const { number, verdicts, request, reply, by, source } = exchange;
    const packet = flow.packets.find(({ sequence }) => sequence === number);
    if (flow.packets.length > 0 && packet === undefined) {
      said.push(`report: nothing of request ${number}; observer: ${[...verdicts].join(' or ')}`);
      continue;
    }
    const { verdict, request: asked, reply: answered } = packet ?? flow;
    const differ = (what: string, reported: string | null, observed: ReadonlySet<string>) => {
      if (observed.size === 0 ? reported !== null : reported === null || !observed.has(reported)) {
        said.push(
          `request ${number}, ${what}: report ${reported}; observer ${[...observed].join(' or ') || null}`,
        );
      }
    };
    differ('verdict', verdict, verdicts);
    const keys = (way: 'request' | 'reply'): readonly (keyof Way)[] => {
      if (flow.role === 'forwarder') return ['in', 'out'];
      return (flow.role === 'responder') === (way === 'request') ? ['in'] : ['out'];
    };
    for (const key of keys('request')) differ(`request ${key}`, asked[key], request[key]);
    // A node that refuses its own request says so by loopback, where no peer sees it.
    if (verdict === 'refused' && flow.by === flow.from) continue;
    for (const key of keys('reply')) differ(`reply ${key}`, answered[key], reply[key]);
    if (flow.packets.length > 0) continue;
    if (verdict === 'refused') differ('refused by', flow.by, by);
    if (exchange.received && verdict !== 'refused' && number === 1)
      differ('source of the reply', flow.reply.source, new Set(source === null ? [] : [source]));
  }
  return said;
}
