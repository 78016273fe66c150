import type { Icmp, Transport } from '../model/packet.js';
import { parsePayload } from '../net/payload.js';
import { exchangeNumber, type FlowTraffic } from './traffic.js';

/** What a packet is to a flow. */
export interface Recognised {
  readonly traffic: FlowTraffic;
  readonly kind: 'request' | 'reply';
  readonly number: number;
}

/** Finds a flow by the token that its packets carry in their payload, whatever their addresses and ports. */
export type TokenReader = (transport: Transport | null) => Recognised | null;

const ECHO_REQUESTS: ReadonlySet<number> = new Set([8, 128]);

export function tokenReader(flows: readonly FlowTraffic[]): TokenReader {
  const byToken = new Map(flows.map((traffic) => [traffic.observed.plan.token, traffic]));
  const pings = flows.filter((traffic) => traffic.observed.plan.flow.probe.protocol === 'icmp');
  const needles = pings.map((traffic) => ({
    traffic,
    needle: Buffer.from(traffic.observed.plan.token, 'hex'),
  }));

  function readEcho({ type, echo, data }: Icmp): Recognised | null {
    if (echo === null) return null;
    const found = needles.find(({ needle }) => asBuffer(data).includes(needle));
    if (found === undefined) return null;
    return {
      traffic: found.traffic,
      kind: ECHO_REQUESTS.has(type) ? 'request' : 'reply',
      number: echo.sequence,
    };
  }

  return (transport) => {
    if (transport === null) return null;
    if (transport.kind === 'icmp') return readEcho(transport);
    const payload = parsePayload(transport.data);
    const traffic = payload === null ? undefined : byToken.get(payload.token);
    if (payload === null || traffic === undefined) return null;
    if (traffic.observed.plan.flow.probe.protocol !== transport.kind) return null;
    const number = exchangeNumber(traffic.observed, payload.number);
    return { traffic, kind: payload.kind === 'q' ? 'request' : 'reply', number };
  };
}

function asBuffer(data: Uint8Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
