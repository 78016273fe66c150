import { passage, type Scene } from './lab.js';
import type { Packet } from './packets.js';
import type { ReportedFlow } from './report.js';

/** What the observer has to be told of a flow beside the report: it stands in the scenario. */
export interface Terms {
  readonly answeredBy: string | null;
  readonly count: number;
  readonly size: number;
  /** Seconds. */
  readonly timeout: number;
}

/** By what the packets of one flow are known: its token, or the first sequence number of its connection. */
export interface Identity {
  readonly token: string | null;
  readonly firstSequence: number | null;
}

export interface Direction {
  readonly in: ReadonlySet<string>;
  readonly out: ReadonlySet<string>;
}

/** One request and what came of it. `unsent`: no peer saw it leave `from`. */
export interface Exchange {
  readonly number: number;
  readonly verdicts: ReadonlySet<string>;
  readonly request: Direction;
  readonly reply: Direction;
  /** Whether a peer saw the request leave `from`, and a reply enter it in time. */
  readonly sent: boolean;
  readonly received: boolean;
  readonly source: string | null;
  /** When a reply first entered `from`; infinity where none did. */
  readonly answeredAt: number;
  /** Who may have refused it: nodes that the refusal left and did not enter. */
  readonly by: ReadonlySet<string>;
}

const [FIN_OR_SYN, RST, ACK, SYN] = [0x03, 0x04, 0x10, 0x02];

/** Candidates for being the flow: everything that `from` began to send to its address and port. */
export function isBeginning(
  packet: Packet,
  flow: ReportedFlow,
  addresses: readonly string[] | null,
): boolean {
  const { content, destination } = packet;
  const [protocol, port] = flow.probe.split('/');
  if (
    addresses !== null ? !addresses.includes(destination) : destination.includes(':') !== (flow.family === 6)
  )
    return false;
  if (content.kind === 'echo') return protocol === 'ping' && content.isRequest;
  if (content.kind === 'error' || content.kind !== protocol) return false;
  if (addresses !== null && content.destinationPort !== Number(port)) return false;
  return content.kind === 'udp' ? content.isRequest : (content.flags & (SYN | ACK)) === SYN;
}

export function identityOf({ content }: Packet): Identity {
  if (content.kind === 'echo' || content.kind === 'udp') return { token: content.token, firstSequence: null };
  return { token: null, firstSequence: content.kind === 'tcp' ? content.sequence : null };
}

/** Observes each exchange of a flow, and such as it should not have; without an identity the peers saw nothing of it. */
export function observe(
  scene: Scene,
  packets: readonly Packet[],
  flow: ReportedFlow,
  identity: Identity | null,
  terms: Terms,
): Exchange[] {
  const { requests, replies, errors, resets } = recognise(packets, flow, identity, terms);
  const rounds = flow.probe.startsWith('tcp/') ? terms.count + 1 : terms.count;
  const exchanges: Exchange[] = [];
  for (let number = 1; number <= Math.max(rounds, ...requests.keys()); number++) {
    // The next round takes place only once the one before is answered, by the address asked.
    const isBroken = exchanges.some(
      ({ received, verdicts }) => !received || verdicts.has('refused') || verdicts.has('wrong-source'),
    );
    const about = requests.get(number) ?? [];
    if (flow.probe.startsWith('tcp/') && number > 1 && isBroken && about.length === 0) break;
    const refusals = [errors.get(number) ?? [], isBroken ? [] : resets];
    const since = exchanges.at(-1)?.answeredAt ?? Number.POSITIVE_INFINITY;
    exchanges.push(
      exchangeOf(scene, flow, terms, number, { about, replies: replies.get(number) ?? [], refusals, since }),
    );
  }
  return exchanges;
}

interface Material {
  readonly about: readonly Packet[];
  readonly replies: readonly Packet[];
  readonly refusals: readonly (readonly Packet[])[];
  /** When the exchange before was answered, in seconds since 1970: from then on it was waited for this one. */
  readonly since: number;
}

function exchangeOf(
  scene: Scene,
  flow: ReportedFlow,
  terms: Terms,
  number: number,
  { about, replies: found, refusals, since }: Material,
): Exchange {
  const { from, at, role } = flow;
  const { answeredBy } = terms;
  const request = passage(scene, at, about);
  const replies = ownReplies(scene, at, answeredBy, found);
  const answer = passage(scene, at, replies);
  const sent = request.leaving(from);
  const arrived = answeredBy !== null && request.entering(answeredBy).length > 0;
  const answered = answeredBy !== null && answer.leaving(answeredBy).length > 0;
  const begin = sent.length > 0 ? Math.min(...sent.map(({ time }) => time)) : since;
  const isInTime = ({ time }: Packet) => time - begin <= terms.timeout;
  const back = answer.entering(from).filter(isInTime);
  const received = answered && back.length > 0;
  const source = back.at(-1)?.source ?? null;
  const asked = sent[0]?.destination;
  // What comes after the probe has given up may be of its end, not of the request.
  const timely = refusals.map((some) => some.filter(({ time }) => !(time - begin > terms.timeout)));
  const refusal = timely
    .map((some) => some.filter(isInTime))
    .map((some) => some.filter(({ content }) => !(received && content.kind === 'error' && content.isTooBig)))
    .filter((some) => !received || source !== asked || some.every(({ content }) => content.kind === 'error'))
    .find((some) => passage(scene, at, some).entering(from).length > 0);
  // A refusal by the answering node that is lost on its way is an answer that is lost.
  const lost = timely.find(
    (some) => answeredBy !== null && passage(scene, at, some).leaving(answeredBy).length > 0,
  );
  const returning = refusal ?? (replies.length > 0 ? replies : (lost ?? []));
  const reply = directionOf(scene, at, returning);
  const requested = directionOf(scene, at, about);
  const verdicts = (): readonly string[] => {
    if (refusal !== undefined) return ['refused'];
    if (sent.length === 0) return ['send-failed', 'request-lost', 'refused'];
    if (!arrived) return ['request-lost'];
    if (!answered) return [lost === undefined ? 'no-reply' : 'reply-lost'];
    if (!received) return ['reply-lost'];
    if (source !== asked) return ['wrong-source'];
    return agreement(role, requested, reply);
  };
  return {
    number,
    verdicts: new Set(verdicts()),
    request: requested,
    reply,
    sent: sent.length > 0,
    received,
    source,
    answeredAt: Math.min(...back.map(({ time }) => time)),
    by: refusal === undefined ? new Set([from]) : originsOf(scene, at, refusal),
  };
}

/** Without what others answer in its place: all if nothing left the answering node, else a SYN proxy's SYN-ACKs. */
function ownReplies(
  scene: Scene,
  at: string,
  answeredBy: string | null,
  replies: readonly Packet[],
): readonly Packet[] {
  const firstSequence = ({ content }: Packet): number | null =>
    content.kind === 'tcp' && (content.flags & SYN) !== 0 ? content.sequence : null;
  const left = answeredBy === null ? [] : passage(scene, at, replies).leaving(answeredBy);
  const own = new Set(left.map(firstSequence));
  if (left.length === 0) return [];
  return replies.filter((packet) => firstSequence(packet) === null || own.has(firstSequence(packet)));
}

function directionOf(scene: Scene, at: string, packets: readonly Packet[]): Direction {
  const { leaving, entering, deviceOf } = passage(scene, at, packets);
  return {
    in: new Set(entering(at).map(({ to }) => deviceOf(to))),
    out: new Set(leaving(at).map(({ from }) => deviceOf(from))),
  };
}

/** Both words where a packet passed the judged node more than once, by different devices. */
function agreement(role: ReportedFlow['role'], request: Direction, reply: Direction): readonly string[] {
  const pairs: (readonly [ReadonlySet<string>, ReadonlySet<string>])[] = [];
  if (role !== 'initiator') pairs.push([request.in, reply.out]);
  if (role !== 'responder') pairs.push([request.out, reply.in]);
  const isCertain = pairs.every((pair) => pair.every(({ size }) => size < 2));
  if (!isCertain) return ['symmetric', 'asymmetric'];
  const agree = pairs.every(
    ([one, other]) => one.size === 1 && other.size === 1 && [...one].every((name) => other.has(name)),
  );
  return [agree ? 'symmetric' : 'asymmetric'];
}

function originsOf(scene: Scene, at: string, packets: readonly Packet[]): ReadonlySet<string> {
  const { leaving, entering } = passage(scene, at, packets);
  const nodes = new Set([...scene.lab.owners.values()].map(({ node }) => node));
  return new Set([...nodes].filter((node) => leaving(node).length > 0 && entering(node).length === 0));
}

interface Recognised {
  readonly requests: ReadonlyMap<number, Packet[]>;
  readonly replies: ReadonlyMap<number, Packet[]>;
  readonly errors: ReadonlyMap<number, Packet[]>;
  readonly resets: readonly Packet[];
}

/** Sorts a lab's packets into those of one flow, wherever they were seen and whatever addresses they then had. */
function recognise(
  packets: readonly Packet[],
  flow: ReportedFlow,
  identity: Identity | null,
  terms: Terms,
): Recognised {
  const [requests, replies, errors] = [new Map(), new Map(), new Map()] as Map<number, Packet[]>[] as [
    Map<number, Packet[]>,
    Map<number, Packet[]>,
    Map<number, Packet[]>,
  ];
  const resets: Packet[] = [];
  const put = (map: Map<number, Packet[]>, number: number, packet: Packet) =>
    map.set(number, [...(map.get(number) ?? []), packet]);
  const { token, firstSequence } = identity ?? { token: null, firstSequence: null };
  if (token !== null) {
    for (const packet of packets) {
      const { content } = packet;
      if (content.kind === 'echo' && content.token === token)
        put(content.isRequest ? requests : replies, content.sequence, packet);
      if (content.kind === 'udp' && content.token === token)
        put(content.isRequest ? requests : replies, content.number, packet);
      if (content.kind === 'error' && content.quoted.kind !== 'tcp' && content.quoted.token === token) {
        const { quoted } = content;
        put(errors, quoted.kind === 'echo' ? quoted.sequence : quoted.number, packet);
      }
    }
  } else if (firstSequence !== null && flow.probe.startsWith('tcp/')) {
    recogniseConnection(packets, firstSequence, terms, { requests, replies, errors, resets, put });
  }
  return { requests, replies, errors, resets };
}

interface Sorting {
  readonly requests: Map<number, Packet[]>;
  readonly replies: Map<number, Packet[]>;
  readonly errors: Map<number, Packet[]>;
  readonly resets: Packet[];
  readonly put: (map: Map<number, Packet[]>, number: number, packet: Packet) => void;
}

/** Sequence numbers stay what they are on the way through NAT: RFC 9293, 3.4 says which the parts of a connection have. */
function recogniseConnection(
  packets: readonly Packet[],
  first: number,
  { size, count }: Terms,
  sorting: Sorting,
): void {
  const { requests, replies, errors, resets, put } = sorting;
  const behind = (number: number, base: number) => (number - base) >>> 0;
  const length = size * count + 2;
  let answer: number | null = null;
  let token: string | null = null;
  for (const { content } of packets) {
    if (content.kind !== 'tcp') continue;
    const isSynAck = (content.flags & (SYN | ACK)) === (SYN | ACK);
    if (isSynAck && content.acknowledges === behind(first + 1, 0)) answer ??= content.sequence;
    if (content.isRequest === true && behind(content.sequence, first) === 1) token ??= content.token ?? null;
  }
  for (const packet of packets) {
    const { content } = packet;
    if (content.kind === 'error' && content.quoted.kind === 'tcp') {
      const offset = behind(content.quoted.sequence, first);
      if (offset < length) put(errors, offset === 0 ? 1 : Math.floor((offset - 1) / size) + 2, packet);
    }
    if (content.kind !== 'tcp') continue;
    const { flags, sequence, acknowledges } = content;
    const acknowledged = (flags & ACK) !== 0 ? behind(acknowledges, first) : 0;
    if ((flags & RST) !== 0) {
      const isOurs = acknowledged > 0 && acknowledged <= length;
      if (isOurs || (answer !== null && behind(sequence, answer) <= length)) resets.push(packet);
    } else if ((flags & FIN_OR_SYN) === SYN && (flags & ACK) === 0) {
      if (sequence === first) put(requests, 1, packet);
    } else if ((flags & SYN) !== 0) {
      if (acknowledged === 1) put(replies, 1, packet);
    } else if (content.token !== undefined && content.token === token && content.number !== undefined) {
      put(content.isRequest === true ? requests : replies, content.number + 1, packet);
    }
  }
}
