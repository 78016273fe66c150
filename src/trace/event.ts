import type { Family } from '../model/family.js';

/** What all events of the kernel's trace have. */
interface Occurrence {
  /** Nanoseconds of CLOCK_MONOTONIC, to the microsecond. */
  readonly time: bigint;
  readonly processor: number;
  /** Number of the process that was at work there, or that was interrupted. */
  readonly process: number;
  /** Whether a packet was being received, and not a program sending one. */
  readonly isSoftInterrupt: boolean;
}

/** net:netif_receive_skb: a packet begins to be received; net:net_dev_queue: one is about to leave. */
export interface PassingEvent extends Occurrence {
  readonly kind: 'received' | 'queued';
  readonly device: string;
  /** A packet keeps it from namespace to namespace, until it is freed or copied. */
  readonly buffer: string;
  /** In bytes; of what is queued with its layer-2 header. */
  readonly length: number;
}

/** fib:fib_table_lookup or fib6:fib6_table_lookup: one table was looked in. */
export interface LookUpEvent extends Occurrence {
  readonly kind: 'look-up';
  readonly family: Family;
  readonly table: number;
  /** Number of the interface; 1, that of loopback, for what the node sends and for reverse paths. */
  readonly inputInterface: number;
  /** Numbers of protocol and ports; 0 where the look-up does not know them. */
  readonly protocol: number;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  /** `-` for none. */
  readonly device: string;
  /** Empty for none. */
  readonly gateway: string;
  /** 0, or the number of an error. */
  readonly error: number;
  /** As printed: `table 254 oif 0 iif 13 …`. */
  readonly text: string;
}

/** skb:kfree_skb: a packet was dropped. */
export interface DropEvent extends Occurrence {
  readonly kind: 'dropped';
  readonly buffer: string;
  readonly location: string;
  /** Empty on kernels before 5.17. */
  readonly reason: string;
}

export type TraceEvent = PassingEvent | LookUpEvent | DropEvent;

/** The events that are read, by their paths below `events`, with what they are filtered by in the kernel. */
export const EVENTS: readonly (readonly [event: string, filter: string])[] = [
  ['fib/fib_table_lookup', ''],
  ['fib6/fib6_table_lookup', ''],
  ['net/netif_receive_skb', ''],
  ['net/net_dev_queue', ''],
  // ETH_P_IP and ETH_P_IPV6.
  ['skb/kfree_skb', 'protocol == 0x0800 || protocol == 0x86dd'],
];

/** `ping-14378 [001] ..s1. 68863.362932: name: text`; https://docs.kernel.org/trace/ftrace.html */
const LINE = /-(\d+)\s+\[(\d+)\] (\S+) +(\d+)\.(\d{6}): (\w+): (.*)$/;
const PASSING = /^dev=(\S+) skbaddr=(\S+) len=(\d+)/;
const LOOK_UP =
  /^table +(\d+) oif -?\d+ iif (-?\d+) proto (\d+) ([\d.a-f:]+)\/(\d+) -> ([\d.a-f:]+)\/(\d+) .*==> dev (\S+) gw (\S+) err (-?\d+)/;
const DROP = /^skbaddr=(\S+) .*location=(\S+)(?: reason: (\S+))?/;

/** An event as trace_pipe prints it; null for what is none of those that are read. */
export function parseEvent(line: string): TraceEvent | null {
  const match = LINE.exec(line);
  if (match === null) return null;
  const [, process, processor, flags = '', seconds = '', micros = '', name = '', text = ''] = match;
  const occurrence: Occurrence = {
    time: (BigInt(seconds) * 1_000_000n + BigInt(micros)) * 1000n,
    processor: Number(processor),
    process: Number(process),
    isSoftInterrupt: /^..[sH]/i.test(flags),
  };
  switch (name) {
    case 'netif_receive_skb':
    case 'net_dev_queue':
      return parsePassing(occurrence, name === 'net_dev_queue' ? 'queued' : 'received', text);
    case 'fib_table_lookup':
    case 'fib6_table_lookup':
      return parseLookUp(occurrence, name === 'fib_table_lookup' ? 4 : 6, text);
    case 'kfree_skb':
      return parseDrop(occurrence, text);
    default:
      return null;
  }
}

function parsePassing(occurrence: Occurrence, kind: PassingEvent['kind'], text: string): PassingEvent | null {
  const match = PASSING.exec(text);
  if (match === null) return null;
  const [, device = '', buffer = '', length] = match;
  return { ...occurrence, kind, device, buffer, length: Number(length) };
}

function parseLookUp(occurrence: Occurrence, family: Family, text: string): LookUpEvent | null {
  const match = LOOK_UP.exec(text);
  if (match === null) return null;
  const [, table, input, protocol, source = '', sourcePort, destination = '', destinationPort, ...found] =
    match;
  const [device = '', gateways = '', error] = found;
  // Of IPv4 the gateway is one of either family: `192.0.2.1/::`.
  const gateway = gateways.split('/').find((each) => each !== '0.0.0.0' && each !== '::');
  return {
    ...occurrence,
    ...{ kind: 'look-up', family, table: Number(table), inputInterface: Number(input) },
    ...{ protocol: Number(protocol), source, sourcePort: Number(sourcePort) },
    ...{ destination, destinationPort: Number(destinationPort) },
    ...{ device, gateway: gateway ?? '', error: Math.abs(Number(error)), text },
  };
}

function parseDrop(occurrence: Occurrence, text: string): DropEvent | null {
  const match = DROP.exec(text);
  if (match === null) return null;
  const [, buffer = '', location = '', reason = ''] = match;
  return { ...occurrence, kind: 'dropped', buffer, location, reason };
}
