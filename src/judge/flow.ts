import type { Journey } from '../model/evidence.js';
import type { Cause, DirectionReport, PacketVerdict, ReplyReport } from '../model/flow-result.js';
import type { LabPlan } from '../model/plan.js';
import type { Flow } from '../model/scenario.js';
import type { Role, VerdictName } from '../model/verdict.js';
import type { Carriage } from './carriage.js';
import { causeOf } from './cause.js';
import { directionReport, hasSameNexthop, isSymmetric } from './direction.js';
import { asAsked, type Exchange, exchangesOf } from './exchange.js';
import { differencesFrom } from './expectation.js';
import { passagesOf } from './journey.js';
import { type Stop, stopOf } from './loss.js';
import type { VainQuestion } from './neighbour.js';
import { type JudgedTuple, joinTuples } from './spread.js';
import { measureStream } from './stream.js';
import type { Tracking } from './tracked.js';
import type { FlowTraffic } from './traffic.js';

/** What one flow is judged by, beside its own packets. */
export interface Circumstances {
  readonly plan: LabPlan;
  /** Why the captures prove nothing; null where they do. */
  readonly incomplete: Cause | null;
  readonly questions: readonly VainQuestion[];
  readonly carriage: Carriage;
  readonly tracking: Tracking;
  /** When the flows of the step began, in nanoseconds since 1970. */
  readonly begun: bigint;
}

/** One exchange with all that is said of it. */
interface Judged extends PacketVerdict {
  readonly exchange: Exchange;
  readonly stop: Stop | null;
  readonly sameNexthop: boolean | null;
}

/** A flow from its packets: those of all its tuples, where it has many. */
export function judgeFlow(traffics: readonly FlowTraffic[], circumstances: Circumstances): Journey {
  const tuples = traffics.map((traffic) => judgeTuple(traffic, circumstances));
  const [first] = tuples;
  if (first === undefined) throw new Error('nothing was planned of a flow');
  const seeded = first.journey.plan.flow.tuples;
  return seeded === undefined ? first.journey : joinTuples(tuples, seeded);
}

function judgeTuple(traffic: FlowTraffic, circumstances: Circumstances): JudgedTuple {
  const { plan, sender } = traffic.observed;
  const { flow } = plan;
  const exchanges = exchangesOf(traffic);
  const at = judgedNode(flow, circumstances.plan, exchanges);
  const role = roleOf(flow, at);
  const judged = exchanges.map((exchange) =>
    judgeAt(exchange, flow, { at, role }, stopOf(exchange, plan, circumstances.questions), circumstances),
  );
  const agreed = circumstances.incomplete === null ? agreedVerdict(judged) : 'inconclusive';
  const stopped = judged.find(({ stop }) => stop !== null);
  const caused = judged
    .map(({ exchange, stop }) => causeOf(exchange, stop, traffic.observed))
    .find((each) => each);
  const refused = judged.find(({ exchange }) => exchange.outcome === 'refused')?.exchange;
  const [first] = judged;
  const told = judged.find(({ verdict, stop }) => verdict !== 'symmetric' || stop !== null) ?? first;
  const result = {
    from: flow.from,
    to: flow.to,
    at,
    role,
    probe: flow.probe.text,
    family: flow.family,
    line: flow.place.line,
    expected: flow.expected,
    verdict: agreed ?? 'mixed',
    intended: flow.expected.intended,
    sameNexthop: mergeNexthops(judged),
    by: refused?.reply[0]?.node ?? null,
    refusal: refused?.refusal ?? null,
    errno: sender.errno,
    packets: agreed === null && flow.probe.stream === null ? judged.map(toPacketVerdict) : [],
    sent: exchanges.filter(({ sent }) => sent).length,
    received: exchanges.filter(({ received }) => received).length,
    duplicates: exchanges.reduce((sum, { duplicates }) => sum + duplicates, 0),
    spread: null,
    stream: flow.probe.stream === null ? null : measureStream(flow.probe, judged, circumstances.begun),
    connections: circumstances.tracking(traffic),
    request: first?.request ?? NOWHERE,
    reply: first?.reply ?? { ...NOWHERE, source: null, asAsked: null },
    lost: stopped?.stop?.loss ?? null,
    cause: circumstances.incomplete ?? caused ?? null,
  };
  const differences = differencesFrom(flow.expected, result);
  return {
    journey: {
      plan,
      result: { ...result, status: differences.length === 0 ? 'passed' : 'failed', differences },
      askedInVain: stopped?.stop?.question?.target ?? null,
      passages: told === undefined ? [] : passagesOf(told.exchange, told.stop, plan),
    },
    strayed: hasStrayed(judged),
  };
}

/** Whether two packets in the same direction are known to have gone different ways; one that was lost is not. */
function hasStrayed(judged: readonly Judged[]): boolean {
  return (['request', 'reply'] as const).some((leg) =>
    (['in', 'out', 'nexthop'] as const).some(
      (field) => new Set(judged.flatMap((each) => each[leg][field] ?? [])).size > 1,
    ),
  );
}

const NOWHERE: DirectionReport = {
  in: null,
  out: null,
  nexthop: null,
  unresolved: null,
  previousHop: null,
  mac: null,
  vlan: null,
  path: [],
};

/** CONTRACTS: the node under test where the flow has to do with it, else the one that is to answer. */
function judgedNode(flow: Flow, { scenario }: LabPlan, exchanges: readonly Exchange[]): string {
  const { nodeUnderTest } = scenario.topology;
  if (flow.at !== null) return flow.at;
  if (nodeUnderTest !== null) {
    if (nodeUnderTest === flow.from || nodeUnderTest === flow.answeredBy) return nodeUnderTest;
    const passes = (exchange: Exchange) =>
      [...exchange.request, ...exchange.reply].some((hop) => hop.node === nodeUnderTest);
    if (exchanges.some(passes)) return nodeUnderTest;
  }
  return flow.answeredBy ?? flow.from;
}

function roleOf(flow: Flow, at: string): Role {
  if (at === flow.answeredBy) return 'responder';
  return at === flow.from ? 'initiator' : 'forwarder';
}

function judgeAt(
  exchange: Exchange,
  flow: Flow,
  { at, role }: { readonly at: string; readonly role: Role },
  stop: Stop | null,
  { carriage }: Circumstances,
): Judged {
  const unresolved = (leg: Stop['leg']) =>
    stop?.leg === leg && stop.loss.node === at ? (stop.question?.target ?? null) : null;
  const request = directionReport(
    { path: exchange.request, terminal: flow.answeredBy, unresolved: unresolved('request'), carriage },
    at,
  );
  const reply: ReplyReport = {
    ...directionReport(
      { path: exchange.reply, terminal: flow.from, unresolved: unresolved('reply'), carriage },
      at,
    ),
    source: exchange.reply.at(-1)?.ip.source ?? null,
    asAsked: exchange.refusal === null ? asAsked(exchange.reply, exchange.request, flow.address) : null,
  };
  return {
    sequence: exchange.number,
    verdict: verdictOf(exchange, role, request, reply),
    request,
    reply,
    exchange,
    stop,
    sameNexthop: hasSameNexthop(role, request, reply),
  };
}

function verdictOf(
  exchange: Exchange,
  role: Role,
  request: DirectionReport,
  reply: ReplyReport,
): VerdictName {
  if (exchange.outcome !== 'returned') return exchange.outcome;
  return isSymmetric(role, request, reply) ? 'symmetric' : 'asymmetric';
}

function toPacketVerdict({ sequence, verdict, request, reply }: Judged): PacketVerdict {
  return { sequence, verdict, request, reply };
}

/** The verdict that all exchanges share, with the same interfaces at the judged node; null where they differ. */
function agreedVerdict(judged: readonly Judged[]): VerdictName | null {
  const [first] = judged;
  if (first === undefined) return null;
  const ways = new Set(judged.map(wayText));
  return ways.size === 1 ? first.verdict : null;
}

function wayText({ verdict, request, reply }: Judged): string {
  return [verdict, request.in, request.out, reply.in, reply.out].join(' ');
}

/** False as soon as one exchange took another next hop, null where one does not know. */
function mergeNexthops(judged: readonly Judged[]): boolean | null {
  const known = new Set(judged.map(({ sameNexthop }) => sameNexthop));
  if (known.has(false)) return false;
  return known.has(null) || known.size === 0 ? null : true;
}
