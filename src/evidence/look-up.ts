import type { LabNode } from '../build/lab.js';
import type { LookUp, LookUpAnswer, NodeState, Passage, RoutedPacket } from '../model/evidence.js';
import type { Family } from '../model/family.js';
import { rows } from './output.js';

/** More marks than that no sensible configuration has, and each costs a process. */
const MOST_MARKS = 8;

/** Names by which ip-route(8) takes `ipproto`. */
const PROTOCOL_NAMES: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'ipv6-icmp' };

/** A packet at a node, and the device to which the socket that sent it was bound; null where it was not. */
export interface RoutedPassage {
  readonly passage: Passage;
  readonly boundTo: string | null;
}

interface Question {
  readonly passage: Passage;
  readonly purpose: LookUp['purpose'];
  readonly mark: number;
  /** Words behind `ip route get`. */
  readonly words: readonly string[];
}

/**
 * Asks a node's kernel where it would send packets that came through, and where the way back to their sources is: without
 * a mark, and with each mark that a rule of the node asks for. Nothing is sent; `ip route get`, ip-route(8).
 *
 * @param timeoutMs for all look-ups of a family, which one process does.
 */
export async function lookUp(
  node: LabNode,
  routed: readonly RoutedPassage[],
  { rules }: NodeState,
  timeoutMs: number,
): Promise<ReadonlyMap<Passage, readonly LookUp[]>> {
  const found = new Map<Passage, LookUp[]>(routed.map(({ passage }) => [passage, []]));
  const families = [...new Set(routed.map(({ passage }) => passage.packet.family))];
  const ask = async (family: Family) => {
    const wanted = rules.flatMap((rule) => (rule.family === family ? (rule.mark ?? []) : []));
    const marks = [...new Set([0, ...wanted])].slice(0, MOST_MARKS);
    const of = routed.filter(({ passage }) => passage.packet.family === family);
    const questions = of.flatMap((each) => marks.flatMap((mark) => questionsOf(each, mark)));
    const texts = [...new Set(questions.map(({ words }) => words.join(' ')))];
    const answers = await askAll(node, family, texts, timeoutMs);
    for (const { passage, purpose, mark, words } of questions) {
      const text = words.join(' ');
      found.get(passage)?.push({
        ...{ node: node.name, leg: passage.leg, purpose, mark },
        command: `ip -${family} route get ${text}`,
        answer: answers.get(text) ?? refusal(`no answer after ${timeoutMs} ms`),
      });
    }
  };
  await Promise.all(families.map(ask));
  return found;
}

async function askAll(
  { agent }: LabNode,
  family: Family,
  texts: readonly string[],
  timeoutMs: number,
): Promise<ReadonlyMap<string, LookUpAnswer>> {
  const stdin = texts.map((text) => `route get ${text}\n`).join('');
  const argv = ['ip', `-${family}`, '-json', '-force', '-batch', '-'] as const;
  const { stdout, stderr } = await agent.run(argv, { stdin, timeoutMs });
  const refusals = refusalsIn(stderr);
  const given = stdout.split('\n').filter((line) => line !== '');
  let next = 0;
  return new Map(
    texts.flatMap((text, i): [string, LookUpAnswer][] => {
      const message = refusals.get(i + 1);
      const answer = message === undefined ? answerOf(given[next++] ?? '') : refusal(message);
      return answer === null ? [] : [[text, answer]];
    }),
  );
}

/** Of the lines of a batch, from 1, that the kernel or ip(8) refused: with what was said ahead of `Command failed -:LINE`. */
function refusalsIn(stderr: string): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  let said: string[] = [];
  for (const line of stderr.split('\n')) {
    const number = /^Command failed -:(\d+)/.exec(line)?.[1];
    if (number === undefined) said.push(line.replace(/^(RTNETLINK answers|Error): /, ''));
    else {
      found.set(Number(number), said.join(' ').trim());
      said = [];
    }
  }
  return found;
}

function questionsOf({ passage, boundTo }: RoutedPassage, mark: number): Question[] {
  const { packet } = passage;
  const { source, destination } = packet;
  const marked = mark === 0 ? [] : ['mark', `0x${mark.toString(16)}`];
  const input = passage.in === null ? [] : ['iif', passage.in];
  const output = boundTo === null ? [] : ['oif', boundTo];
  const from = source === null ? [] : ['from', source];
  const way: Question = {
    ...{ passage, purpose: 'way', mark },
    words: [destination, ...from, ...input, ...output, ...marked, ...selectors(packet)],
  };
  if (passage.in === null || source === null) return [way];
  const back = passage.out === null ? [] : ['iif', passage.out];
  const reverse = [source, 'from', destination, ...back, ...marked];
  return [way, { passage, purpose: 'reverse-path', mark, words: reverse }];
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

function answerOf(json: string): LookUpAnswer | null {
  const [row] = rows(json);
  if (row === undefined) return null;
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
