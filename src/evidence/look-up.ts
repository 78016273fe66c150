import type { LabNode } from '../build/lab.js';
import type { LookUp, LookUpAnswer, NodeState, Passage, RoutedPacket } from '../model/evidence.js';
import { rows } from './output.js';

/** More marks than that no sensible configuration has, and each costs a process. */
const MOST_MARKS = 8;

/** Names by which ip-route(8) takes `ipproto`. */
const PROTOCOL_NAMES: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'ipv6-icmp' };

interface Question {
  readonly purpose: LookUp['purpose'];
  readonly mark: number;
  readonly arguments: readonly string[];
}

/**
 * Asks the node's kernel where it would send a packet that came through, and where the way back to its source is: without
 * a mark, and with each mark that a rule of the node asks for. Nothing is sent; `ip route get`, ip-route(8).
 *
 * @param timeoutMs for each look-up.
 */
export async function lookUp(
  node: LabNode,
  passage: Passage,
  { rules }: NodeState,
  timeoutMs: number,
): Promise<LookUp[]> {
  const { packet, leg } = passage;
  const wanted = rules.flatMap(({ family, mark }) => (family === packet.family ? (mark ?? []) : []));
  const marks = [...new Set([0, ...wanted])].slice(0, MOST_MARKS);
  const questions = marks.flatMap((mark) => questionsOf(passage, mark));
  return Promise.all(
    questions.map(async ({ purpose, mark, arguments: words }) => {
      const argv = [`-${packet.family}`, '-j', 'route', 'get', ...words];
      const { stdout, stderr, timedOut } = await node.agent.run(['ip', ...argv], { timeoutMs });
      return {
        ...{ node: node.name, leg, purpose, mark },
        command: `ip -${packet.family} route get ${words.join(' ')}`,
        answer: timedOut ? refusal(`no answer after ${timeoutMs} ms`) : answerOf(stdout, stderr),
      };
    }),
  );
}

function questionsOf({ packet, ...passage }: Passage, mark: number): Question[] {
  const { source, destination } = packet;
  const marked = mark === 0 ? [] : ['mark', `0x${mark.toString(16)}`];
  const input = passage.in === null ? [] : ['iif', passage.in];
  const from = source === null ? [] : ['from', source];
  const way: Question = {
    purpose: 'way',
    mark,
    arguments: [destination, ...from, ...input, ...marked, ...selectors(packet)],
  };
  if (passage.in === null || source === null) return [way];
  const back = passage.out === null ? [] : ['iif', passage.out];
  const reverse = [source, 'from', destination, ...back, ...marked];
  return [way, { purpose: 'reverse-path', mark, arguments: reverse }];
}

/** The transport, as far as rules can select by it. */
function selectors({ protocol, sourcePort, destinationPort }: RoutedPacket): string[] {
  const name = PROTOCOL_NAMES[protocol];
  if (name === undefined) return [];
  const ports = [
    ...(sourcePort === null ? [] : ['sport', String(sourcePort)]),
    ...(destinationPort === null ? [] : ['dport', String(destinationPort)]),
  ];
  return ['ipproto', name, ...ports];
}

function answerOf(stdout: string, stderr: string): LookUpAnswer {
  const [row] = rows(stdout);
  if (row === undefined) return refusal(stderr.replace(/^(RTNETLINK answers|Error): /, '').trim());
  return {
    kind: 'route',
    table: row.text('table') ?? 'main',
    type: row.text('type') ?? 'unicast',
    device: row.text('dev'),
    gateway: row.text('gateway') ?? row.row('via')?.text('host') ?? null,
    source: row.text('prefsrc') ?? row.text('from'),
  };
}

function refusal(message: string): LookUpAnswer {
  return { kind: 'error', message };
}
