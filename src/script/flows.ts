import type { FlowPlan } from '../model/plan.js';
import type { Expectation, ExpectedDirection } from '../model/scenario.js';
import { command, shown } from './shell.js';

/**
 * Listeners for all flows of the step, then the flows one after the other, as `src/probe` sends them.
 *
 * @param comments what stands behind a flow
 */
export function flowCommands(
  plans: readonly FlowPlan[],
  comments: ReadonlyMap<FlowPlan, readonly string[]> = new Map(),
): string[] {
  const listeners = [...new Set(plans.flatMap(listenCommand))];
  return [
    ...listeners,
    ...plans.flatMap((plan) => ['', ...flowCommand(plan), ...(comments.get(plan) ?? [])]),
    ...(listeners.length > 0 ? ['close_listeners'] : []),
  ];
}

function listenCommand({ flow }: FlowPlan): string[] {
  const { protocol, port, responder } = flow.probe;
  if (flow.answeredBy === null || protocol === 'icmp' || port === null || responder === 'none') return [];
  const address = responder === 'address' ? flow.address : flow.family === 4 ? '0.0.0.0' : '::';
  const binding = responder === 'pktinfo' ? 'pktinfo' : 'address';
  return [command('listen', flow.answeredBy, protocol, binding, address, String(port))];
}

function flowCommand(plan: FlowPlan): string[] {
  const { from, to, family, probe, at, expected, tuples } = plan.flow;
  const tuple = tuples === undefined ? '' : `  from port ${plan.sourcePort}`;
  const title = `${from} -> ${to}  ${probe.text}  IPv${family}${tuple}`;
  const judged = at === null ? '' : ` (judged at ${at})`;
  return [
    command('watch', shown(title), shown(`expected: ${expectationText(expected)}${judged}`)),
    probe.protocol === 'icmp' ? pingCommand(plan) : askCommand(plan),
    command('show', ...packetsOf(plan)),
  ];
}

/** As `src/probe/ping.ts`. */
function pingCommand({ flow, token }: FlowPlan): string {
  const { from, probe, family, address } = flow;
  const binds = [probe.bindAddress, probe.bindDevice].flatMap((to) => (to === null ? [] : ['-I', to]));
  const { count, size, stream, timeoutMs } = probe;
  return command(
    ...['on', from, 'ping', `-${family}`, '-n', '-c', String(count)],
    ...['-i', String((stream?.intervalMs ?? 10) / 1000)],
    ...['-W', String(timeoutMs / 1000), '-s', String(size), '-p', token, ...binds, address],
  );
}

function askCommand({ flow, token, sourcePort, destinationPort }: FlowPlan): string {
  const { from, address, probe } = flow;
  return command(
    ...['ask', from, probe.protocol, address, String(destinationPort ?? 0)],
    ...[probe.bindAddress ?? '', String(sourcePort ?? 0), probe.bindDevice ?? ''],
    ...[String(probe.timeoutMs), token, String(probe.count), String(probe.size)],
    ...(probe.stream === null ? [] : [String(probe.stream.intervalMs)]),
  );
}

/** How the script tells the flow's packets. */
function packetsOf({ flow, sourcePort, destinationPort }: FlowPlan): string[] {
  const ports = [destinationPort, sourcePort].flatMap((port) => (port === null ? [] : [String(port)]));
  return [`IPv${flow.family}`, ...ports];
}

function expectationText(expected: Expectation): string {
  const { verdict, request, reply, by, errno, lost, cause, intended } = expected;
  const parts: string[] = [verdict];
  if (request) parts.push(...directionText('request', request));
  if (reply) parts.push(...directionText('reply', reply));
  if (reply?.source !== undefined) parts.push(`from ${reply.source}`);
  if (by !== undefined) parts.push(`by ${by}`);
  if (errno !== undefined) parts.push(errno);
  if (lost) {
    const { node, interface: device, direction, reason } = lost;
    const where = [node, device].filter((word) => word !== undefined).join(':');
    parts.push(['lost', where && `at ${where}`, direction, reason].filter(Boolean).join(' '));
  }
  if (cause !== undefined) parts.push(cause);
  if (intended) parts.push('intended');
  return parts.join(', ');
}

function directionText(name: string, { in: entered, out, nexthop }: ExpectedDirection): string[] {
  const words = [name];
  if (entered !== undefined) words.push('in', entered);
  if (out !== undefined) words.push('out', out);
  if (nexthop !== undefined) words.push('via', nexthop ?? 'nobody');
  return words.length === 1 ? [] : [words.join(' ')];
}
