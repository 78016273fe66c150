import type { CounterDeltas, LookUp, LookUpAnswer, TracedDrop } from '../../model/evidence.js';
import type { ExplainedNode, Explanation, RepeatReport } from '../../model/explanation.js';
import type { FlowResult } from '../../model/flow-result.js';
import { connectionText } from './connection.js';
import { fill, type Line, line, span, words } from './line.js';

/** All that was gathered about a flow: asked of kernels, read from nodes, counted, tracked and traced. */
export function evidenceLines(
  { connections = [] }: FlowResult,
  { lookUps, nodes, passages, repeat }: Explanation,
  columns: number,
): readonly Line[] {
  const deciding = new Set(passages.map(({ node, decision }) => `${node} ${decision?.rule}`));
  return [
    ...section(
      'look-ups',
      lookUps.flatMap((each) => lookUpLines(each, columns)),
    ),
    ...nodes.flatMap((node) => nodeLines(node, deciding, columns)),
    ...section(
      'tracked connections',
      connections.flatMap((each) => wrapped(connectionText(each), columns)),
    ),
    ...(repeat === null ? [] : repeatLines(repeat, columns)),
  ];
}

const INDENT = '    ';

function section(title: string, lines: readonly Line[]): readonly Line[] {
  return lines.length === 0 ? [] : [[], line(`  ${title}`, 'faint'), ...lines];
}

function wrapped(text: string, columns: number, lead = INDENT): readonly Line[] {
  return fill(line(lead), words(text), columns);
}

/** As it can be typed again in the node, and what the kernel answered. */
function lookUpLines({ node, leg, purpose, command, answer }: LookUp, columns: number): readonly Line[] {
  const why = purpose === 'way' ? leg : `${leg}, way back to its source`;
  return [
    ...fill(
      line(INDENT),
      [line(`${node}#`, 'faint'), ...words(command, 'strong'), ...words(`(${why})`, 'faint')],
      columns,
    ),
    ...wrapped(answerText(answer), columns, `${INDENT}  `),
  ];
}

function answerText(answer: LookUpAnswer): string {
  if (answer.kind === 'error') return answer.message;
  const { type, device, gateway, source, table } = answer;
  return [
    type === 'unicast' ? '' : type,
    gateway === null ? '' : `via ${gateway}`,
    device === null ? '' : `dev ${device}`,
    source === null ? '' : `src ${source}`,
    `(table ${table})`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** The rule list with those that decided marked, what its counters rose by, and its neighbours. */
function nodeLines(
  { node, rules, counters, neighbours }: ExplainedNode,
  deciding: ReadonlySet<string>,
  columns: number,
): readonly Line[] {
  return [
    ...section(
      `${node}, rules`,
      rules.flatMap((rule) => {
        const decided = deciding.has(`${node} ${Number.parseInt(rule, 10)}`);
        return fill([span(decided ? '  → ' : INDENT)], words(rule, decided ? 'strong' : 'plain'), columns);
      }),
    ),
    ...section(`${node}, counters of the step`, counterLines(counters, columns)),
    ...section(
      `${node}, neighbours`,
      neighbours.flatMap(({ address, device, mac, state }) =>
        wrapped(`${address} dev ${device} ${mac === null ? '' : `lladdr ${mac} `}${state}`, columns),
      ),
    ),
  ];
}

function counterLines(counters: CounterDeltas, columns: number): readonly Line[] {
  const texts = Object.entries(counters).map(([name, count]) => line(`${name} +${count} `));
  return texts.length === 0 ? [] : fill(line(INDENT), texts, columns);
}

function dropText({ node, leg, interface: device, reason, location, afterUs }: TracedDrop): string {
  const where = `${node} (${leg})${device === null ? '' : ` ${device}`}`;
  return `${where}: ${reason} in ${location}, ${afterUs} µs after it was sighted last`;
}

function repeatLines(
  { verdict, drops, fibLookUps, marks, counters }: RepeatReport,
  columns: number,
): readonly Line[] {
  return [
    ...section('repeated alone, in a lab of its own', wrapped(verdict, columns)),
    ...section(
      'drops that the kernel traced',
      drops.flatMap((drop) => wrapped(dropText(drop), columns)),
    ),
    ...section(
      'look-ups that the kernel traced',
      fibLookUps.flatMap(({ node, leg, text }) => wrapped(`${node ?? '?'} (${leg}): ${text}`, columns)),
    ),
    ...section(
      'marks that nft traced',
      marks.flatMap(({ node, leg, hook, mark, rule }) =>
        wrapped(
          `${node} (${leg}) ${hook}: 0x${mark.toString(16)}${rule === null ? '' : ` by ${rule}`}`,
          columns,
        ),
      ),
    ),
    ...Object.entries(counters).flatMap(([node, rises]) =>
      section(`${node}, counters of this flow alone`, counterLines(rises, columns)),
    ),
  ];
}
