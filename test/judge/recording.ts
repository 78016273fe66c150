import type { NodeCapture, ObservedFlow, StepObservation } from '../../src/model/observation.js';
import type { Frame, Icmp, Ip, PacketType, Tcp, Transport, Udp } from '../../src/model/packet.js';
import type { FlowPlan, InterfacePlan, LabPlan } from '../../src/model/plan.js';
import type { Expectation, Probe } from '../../src/model/scenario.js';
import type { Endpoint } from '../../src/model/topology.js';
import { payloadText } from '../../src/net/payload.js';

/** Links of a made-up dual-isp lab, and a segment with two of the server's interfaces. */
const LINKS: readonly (readonly string[])[] = [
  ['client:eth0', 'internet:client'],
  ['internet:isp1', 'isp1:up'],
  ['internet:isp2', 'isp2:up'],
  ['isp1:lan', 'server:eth0'],
  ['isp2:lan', 'server:eth1'],
  ['server:eth2', 'web:eth0'],
  ['server:lan0', 'server:lan1', 'desk:eth0'],
];

export const VIA_ISP1 = 'client:eth0 internet:client internet:isp1 isp1:up isp1:lan server:eth0';
export const VIA_ISP2 = 'client:eth0 internet:client internet:isp2 isp2:up isp2:lan server:eth1';

export const CLIENT = '203.0.113.9';
export const ETH0 = '192.0.2.10';
export const ETH1 = '198.51.100.10';
export const TOKEN = '0123456789abcdef';

/** The way back. */
export function back(path: string): string {
  return path.split(' ').reverse().join(' ');
}

function endpoint(text: string): Endpoint {
  const [node = '', device = ''] = text.split(':');
  return { node, interface: device };
}

function makeInterfaces(): Map<number, InterfacePlan> {
  const interfaces = new Map<number, InterfacePlan>();
  for (const ends of LINKS) {
    for (const end of ends) {
      const index = 10 + interfaces.size;
      interfaces.set(index, {
        index,
        endpoint: endpoint(end),
        mac: `02:00:00:00:00:${index.toString(16)}`,
        addresses: [],
        neighbours: ends.filter((other) => other !== end).map(endpoint),
        pointToPoint: ends.length === 2,
      });
    }
  }
  return interfaces;
}

const place = { file: 'made-up.yaml', line: 1, column: 1, frame: '' };
const INTERFACES = makeInterfaces();

/** When the flows of every recording begin. */
export const BEGUN = 1_000_000_000_000n;
export const NODES = ['client', 'internet', 'isp1', 'isp2', 'server', 'web', 'desk'];

export function makePlan(nodeUnderTest: string | null = 'server'): LabPlan {
  return {
    scenario: {
      id: 'made-up',
      name: 'made-up',
      file: place.file,
      title: 'made up',
      tags: [],
      source: null,
      claim: null,
      finding: null,
      lesson: null,
      variant: {},
      requires: [],
      topology: { name: 'made-up', nodeUnderTest, nodes: [], links: [], segments: [] },
      parameters: {},
      steps: [],
    },
    ports: new Map(),
    events: new Map(),
    dials: new Map(),
    switchCommands: [],
    trafficCommands: [],
    lossRuleset: null,
    nodes: NODES.map((name) => ({
      name,
      privateFiles: false,
      earlySysctls: [],
      deviceCommands: [],
      lateSysctls: [],
      commands: [],
    })),
    linkCommands: [],
    interfaces: INTERFACES,
  };
}

export interface FlowOptions {
  readonly from?: string;
  readonly to?: string;
  readonly address?: string;
  readonly answeredBy?: string | null;
  readonly at?: string;
  readonly family?: 4 | 6;
  readonly token?: string;
  readonly sourcePort?: number | null;
  readonly errno?: string;
  /** All requests where the system refused and this is not given. */
  readonly refused?: readonly number[] | null;
  /** What the program handed to its system: all, unless given. */
  readonly sent?: number;
  /** What it got in answer; it does not tell, unless given. */
  readonly answers?: number;
  readonly probe?: Partial<Probe>;
  readonly expected?: Partial<Expectation>;
}

/** A flow from the client to the server's eth1, a single ping unless said otherwise. */
export function makeFlow(options: FlowOptions = {}): ObservedFlow {
  const protocol = options.probe?.protocol ?? 'icmp';
  const probe: Probe = {
    protocol,
    port: protocol === 'icmp' ? null : 22,
    count: 1,
    stream: null,
    size: 56,
    timeoutMs: 1000,
    bindAddress: null,
    bindDevice: null,
    sourcePort: null,
    responder: 'wildcard',
    text: protocol === 'icmp' ? 'ping' : `${protocol}/22`,
    ...options.probe,
  };
  const plan: FlowPlan = {
    flow: {
      from: options.from ?? 'client',
      to: options.to ?? 'server:eth1',
      family: options.family ?? 4,
      address: options.address ?? ETH1,
      answeredBy: options.answeredBy === undefined ? 'server' : options.answeredBy,
      at: options.at ?? null,
      probe,
      expected: { verdict: 'symmetric', intended: false, ...options.expected },
      place,
    },
    token: options.token ?? TOKEN,
    sourcePort: protocol === 'icmp' ? null : options.sourcePort === undefined ? 40_000 : options.sourcePort,
    destinationPort: probe.port,
  };
  const all = Array.from({ length: probe.count }, (_, i) => i + 1);
  const refused = options.refused === undefined ? all : options.refused;
  const { errno = null, sent = probe.count, answers = null } = options;
  return { plan, sender: { errno, refused: errno === null ? [] : refused, sent, answers, text: '' } };
}

export function echo(type: number, sequence = 1, token = TOKEN, id = 7): Icmp {
  const data = Buffer.concat([Buffer.alloc(16), ...Array(5).fill(Buffer.from(token, 'hex'))]);
  return { kind: 'icmp', type, code: 0, echo: { id, sequence }, quoted: null, neighbourTarget: null, data };
}

export function udp(kind: 'q' | 'r', number = 1, token = TOKEN): Udp {
  const [sourcePort, destinationPort] = kind === 'q' ? [40_000, 22] : [22, 40_000];
  return { kind: 'udp', sourcePort, destinationPort, data: Buffer.from(payloadText(token, kind, number)) };
}

/** Initial sequence numbers of client and server; the server's is next to overflowing. */
export const CLIENT_ISN = 1_000_000;
export const SERVER_ISN = 0xffff_ffff;

type Flags = Partial<Tcp['flags']>;

export function tcp(
  side: 'q' | 'r',
  flags: Flags,
  sequence: number,
  acknowledgement: number,
  text = '',
): Tcp {
  const [sourcePort, destinationPort] = side === 'q' ? [40_000, 22] : [22, 40_000];
  return {
    kind: 'tcp',
    sourcePort,
    destinationPort,
    sequence: sequence >>> 0,
    acknowledgement: acknowledgement >>> 0,
    flags: { syn: false, ack: false, fin: false, rst: false, psh: false, ...flags },
    data: Buffer.from(text),
    dataLength: text.length,
  };
}

export const SYN = tcp('q', { syn: true }, CLIENT_ISN, 0);
export const SYN_ACK = tcp('r', { syn: true, ack: true }, SERVER_ISN, CLIENT_ISN + 1);
export const ACK = tcp('q', { ack: true }, CLIENT_ISN + 1, SERVER_ISN + 1);
export const DATA = tcp(
  'q',
  { ack: true, psh: true },
  CLIENT_ISN + 1,
  SERVER_ISN + 1,
  payloadText(TOKEN, 'q', 1),
);
export const ANSWER = tcp(
  'r',
  { ack: true, psh: true },
  SERVER_ISN + 1,
  CLIENT_ISN + 24,
  payloadText(TOKEN, 'r', 1),
);
export const RST = tcp('r', { rst: true, ack: true }, 0, CLIENT_ISN + 1);

export function icmpError(quoted: Ip, type = 3, code = 1): Icmp {
  return { kind: 'icmp', type, code, echo: null, quoted, neighbourTarget: null, data: new Uint8Array(0) };
}

export function makeIp(source: string, destination: string, transport: Transport | null, ttl = 64): Ip {
  return {
    kind: 'ip',
    family: source.includes(':') ? 6 : 4,
    source,
    destination,
    ttl,
    identification: 1,
    protocol: 0,
    fragmentOffset: 0,
    moreFragments: false,
    transport,
  };
}

/** What changes in a packet from a sighting on, by the sighting's text (`server:eth2`): address translation. */
export type Translations = Readonly<Record<string, Partial<Ip>>>;

type Completeness = Omit<NodeCapture, 'node' | 'frames' | 'devices'>;

const COMPLETE: Completeness = { liveBefore: true, alive: true, dropped: 0, sentinel: true };

/** Writes down what the captures of the made-up lab would see. */
export class Recording {
  readonly #frames = new Map<string, Frame[]>(NODES.map((node) => [node, []]));
  #time = BEGUN;

  /** A packet over sightings that are by turns out and in, its TTL falling at each node. */
  packet(path: string, ip: Ip, translations: Translations = {}): this {
    let current = ip;
    for (const [i, at] of path.split(' ').entries()) {
      current = { ...current, ...translations[at] };
      if (i > 0 && i % 2 === 0) current = { ...current, ttl: current.ttl - 1 };
      const sender = path.split(' ')[i - (i % 2)] ?? at;
      this.frame(at, i % 2 === 0 ? 'outgoing' : 'host', current, sender);
    }
    return this;
  }

  frame(at: string, packetType: PacketType, packet: Frame['packet'], sender = at): this {
    const { node } = endpoint(at);
    this.#time += 10_000n;
    this.#frames.get(node)?.push({
      time: this.#time,
      interfaceIndex: indexOf(at),
      packetType,
      linkSource: macOf(sender),
      linkDestination: null,
      vlans: [],
      etherType: 0x0800,
      packet,
      payload: new Uint8Array(0),
    });
    return this;
  }

  wait(nanoseconds: bigint): this {
    this.#time += nanoseconds;
    return this;
  }

  /** Both ways of a ping: type 8 there, type 0 back. */
  ping(there: string, home: string, sequence = 1): this {
    this.packet(there, makeIp(CLIENT, ETH1, echo(8, sequence)));
    return this.packet(home, makeIp(ETH1, CLIENT, echo(0, sequence)));
  }

  arpRequest(at: string, sender: string, target: string): this {
    return this.frame(at, 'outgoing', {
      kind: 'arp',
      operation: 'request',
      senderLink: macOf(at),
      sender,
      targetLink: '00:00:00:00:00:00',
      target,
    });
  }

  arpReply(at: string, sender: string, target: string): this {
    return this.frame(at, 'host', {
      kind: 'arp',
      operation: 'reply',
      senderLink: '02:00:00:00:00:ff',
      sender,
      targetLink: macOf(at),
      target,
    });
  }

  /** A frame on an interface number that the plan does not have. */
  unmapped(node: string, packet: Ip): this {
    this.frame(`${node}:?`, 'host', packet);
    return this;
  }

  captures(flaws: Readonly<Record<string, Partial<Completeness>>> = {}): NodeCapture[] {
    return NODES.map((node) => ({
      node,
      frames: this.#frames.get(node) ?? [],
      devices: [],
      ...COMPLETE,
      ...flaws[node],
    }));
  }

  observe(...flows: ObservedFlow[]): StepObservation {
    return { begun: BEGUN, connections: [], flows, captures: this.captures() };
  }
}

function indexOf(at: string): number {
  if (at.endsWith(':lo')) return 1;
  const found = [...INTERFACES.values()].find(
    (each) => `${each.endpoint.node}:${each.endpoint.interface}` === at,
  );
  return found?.index ?? 99;
}

export function macOf(at: string): string {
  return INTERFACES.get(indexOf(at))?.mac ?? '00:00:00:00:00:00';
}
