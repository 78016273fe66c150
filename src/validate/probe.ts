import { milliseconds } from '../format/common.js';
import type { FlowInput, ProbeSettings } from '../format/flow.js';
import { markAt, type Tree } from '../load/tree.js';
import type { Expectation, Probe } from '../model/scenario.js';
import type { VerdictName } from '../model/verdict.js';
import type { Faults } from './faults.js';
import { streamOf } from './stream.js';

/** What a probe is unless the flow or the scenario's `defaults` say otherwise. Timeout in milliseconds. */
const DEFAULTS = { count: 1, size: 56, timeoutMs: 1000 } as const;

const MINIMUM_TIMEOUT_MS = 10;

/** What comes back to the asking program, from whatever address. */
const ANSWERED: ReadonlySet<VerdictName> = new Set(['symmetric', 'asymmetric', 'wrong-source', 'refused']);

export type UnboundProbe = Omit<Probe, 'bindAddress' | 'bindDevice'>;

/** The probe of a flow, without what depends on the family; null, reported, where its settings do not go together. */
export function probeOf(
  tree: Tree,
  path: readonly PropertyKey[],
  flow: FlowInput,
  defaults: ProbeSettings,
  faults: Faults,
): UnboundProbe | null {
  const before = faults.count;
  const settings = typeof flow.probe === 'string' ? { ...fromText(flow.probe) } : flow.probe;
  const protocol = settings.protocol === 'ping' ? 'icmp' : settings.protocol;
  const fault = (key: string, message: string, hint: string) =>
    faults.add(markAt(tree, [...path, key]), 'bad-probe', message, hint);

  if (protocol === 'icmp' && settings.port !== undefined)
    fault('probe', 'a ping has no port', 'Remove the port.');
  if (protocol !== 'icmp' && (settings.port === undefined || settings.port < 1 || settings.port > 65535)) {
    fault('probe', `${protocol} needs a port from 1 to 65535`, `Write it as in ${protocol}/22.`);
  }
  if (protocol === 'icmp' && flow.sourcePort !== undefined)
    fault('sourcePort', 'a ping has no source port', 'Remove it.');
  if (protocol === 'icmp' && flow.responder !== undefined) {
    fault('responder', 'a ping is answered by the kernel, not by a program', 'Remove responder.');
  }
  if (flow.responder === 'pktinfo' && protocol === 'tcp') {
    fault(
      'responder',
      'pktinfo is of UDP alone: a TCP connection keeps its address',
      'Use wildcard or address.',
    );
  }
  const paced =
    settings.stream === undefined
      ? null
      : streamOf(tree, [...path, 'probe', 'stream'], settings.stream, faults);
  if (settings.stream !== undefined && settings.count !== undefined) {
    const hint = 'Remove count: every and for say how many there are.';
    fault('probe', 'a probe has either a count of requests or a stream of them', hint);
  }
  if (flow.tuples !== undefined && protocol === 'icmp') {
    const hint = 'Ask by udp or tcp; a ping is one tuple, whatever its identifier.';
    fault('tuples', 'a ping has no source ports to be sent from', hint);
  }
  if (flow.tuples !== undefined && flow.sourcePort !== undefined)
    fault('sourcePort', 'tuples have source ports of their own', 'Remove sourcePort, or tuples.');
  if (flow.tuples !== undefined && paced !== null) {
    const hint = 'Remove stream, or tuples; for requests after one another to each tuple there is count.';
    fault('tuples', 'a stream is of one tuple', hint);
  }
  const timeout = settings.timeout ?? defaults.timeout;
  const timeoutMs = timeout === undefined ? DEFAULTS.timeoutMs : milliseconds(timeout);
  if (timeoutMs < MINIMUM_TIMEOUT_MS) {
    fault('probe', `a timeout of ${timeoutMs} ms is too short`, `Give it ${MINIMUM_TIMEOUT_MS}ms or more.`);
  }
  if (faults.count > before) return null;
  return {
    protocol,
    port: settings.port ?? null,
    count: paced?.count ?? settings.count ?? defaults.count ?? DEFAULTS.count,
    stream: paced?.stream ?? null,
    size: settings.size ?? defaults.size ?? DEFAULTS.size,
    timeoutMs,
    sourcePort: flow.sourcePort ?? null,
    responder: flow.responder ?? 'wildcard',
    text: protocol === 'icmp' ? 'ping' : `${protocol}/${settings.port}`,
  };
}

/**
 * A probe that is answered does not wait for its timeout. So the `defaults` shorten it only where no answer is
 * expected: on a machine that is busy an answer may take longer than what is enough to see that none comes.
 */
export function patient(probe: Probe, flow: FlowInput, { verdict }: Expectation): Probe {
  const own = typeof flow.probe === 'string' ? undefined : flow.probe.timeout;
  if (own !== undefined || verdict === undefined || !ANSWERED.has(verdict)) return probe;
  return { ...probe, timeoutMs: Math.max(probe.timeoutMs, DEFAULTS.timeoutMs) };
}

function fromText(text: string): Extract<FlowInput['probe'], object> {
  const [protocol, port] = text.split('/');
  if (protocol === 'tcp' || protocol === 'udp') return { protocol, port: Number(port) };
  return { protocol: 'ping' };
}
