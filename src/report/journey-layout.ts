import type { ExplainedPassage } from '../model/explanation.js';
import type { FlowResult } from '../model/flow-result.js';
import { type Line, line, padded, span, width } from './text/line.js';
import { passageLines } from './text/passage.js';
import { type NodeRow, nodeRows } from './text/side-by-side.js';

/** Columns in front of everything, and between the columns. */
const INDENT = 2;
const GAP = 2;

/** From so many columns on there is room for both directions beside each other. */
const WIDE = 80;

/** More would only tear a cell away from its node. */
const WIDEST_CELL = 60;

export interface JourneyExtent {
  readonly columns: number;
  /** Whether what decided is told at every node and at length. */
  readonly detailed: boolean;
}

/**
 * The nodes that a request and its reply came through, and what happened at each: beside each other, the request read
 * downwards and the reply upwards, or below each other in order of time where the columns do not allow it.
 */
export function journeyLines(
  flow: FlowResult,
  passages: readonly ExplainedPassage[],
  extent: JourneyExtent,
): readonly Line[] {
  if (passages.length === 0) return [];
  return extent.columns < WIDE ? stacked(flow, passages, extent) : sideBySide(flow, passages, extent);
}

type Leg = 'request' | 'reply';

function legOf(passages: readonly ExplainedPassage[], leg: Leg): readonly ExplainedPassage[] {
  return passages.filter((passage) => passage.leg === leg);
}

function sideBySide(
  flow: FlowResult,
  passages: readonly ExplainedPassage[],
  { columns, detailed }: JourneyExtent,
): readonly Line[] {
  const rows = nodeRows(passages);
  const names = Math.max(...rows.map(({ node }) => width(line(node)))) + GAP;
  const room = Math.floor((columns - INDENT - names - GAP) / 2);
  const cell = Math.min(WIDEST_CELL, room);
  const cellOf = (passage: ExplainedPassage | null) =>
    passage === null
      ? []
      : passageLines(passage, { flow, leg: legOf(passages, passage.leg), detailed }, cell);
  const lead = (text: string, tone: 'strong' | 'plain' = 'plain'): Line => [
    span(' '.repeat(INDENT)),
    ...padded(line(text, tone), names),
  ];
  const beside = (first: Line, left: readonly Line[], right: readonly Line[]): readonly Line[] =>
    Array.from({ length: Math.max(1, left.length, right.length) }, (_, index) => [
      ...(index === 0 ? first : lead('')),
      ...(right[index] === undefined ? (left[index] ?? []) : padded(left[index] ?? [], cell + GAP)),
      ...(right[index] ?? []),
    ]);
  return [
    ...beside(
      lead(''),
      [headingLine(passages, 'request', ' ↓', cell)],
      [headingLine(passages, 'reply', ' ↑', cell)],
    ),
    ...rows.flatMap(({ node, request, reply }: NodeRow) =>
      beside(lead(node, 'strong'), cellOf(request), cellOf(reply)),
    ),
  ];
}

function stacked(
  flow: FlowResult,
  passages: readonly ExplainedPassage[],
  { columns, detailed }: JourneyExtent,
): readonly Line[] {
  const names = Math.max(...passages.map(({ node }) => width(line(node)))) + GAP;
  const room = columns - INDENT - names;
  return (['request', 'reply'] as const).flatMap((name) => {
    const leg = legOf(passages, name);
    if (leg.length === 0) return [];
    return [
      [span(' '.repeat(INDENT)), ...headingLine(passages, name, '', columns - INDENT)],
      ...leg.flatMap((passage) =>
        passageLines(passage, { flow, leg, detailed }, room).map(
          (text, index): Line => [
            span(' '.repeat(INDENT)),
            ...padded(line(index === 0 ? passage.node : '', 'strong'), names),
            ...text,
          ],
        ),
      ),
    ];
  });
}

/** `request ↓ 203.0.113.9 → 198.51.100.10`: the addresses with which it set out, where there is room for them. */
function headingLine(passages: readonly ExplainedPassage[], leg: Leg, arrow: string, columns: number): Line {
  const [first, second] = legOf(passages, leg);
  const title = `${first?.packet.isRefusal ? 'refusal' : leg}${arrow}`;
  if (first === undefined) return line(`${title}: none`, 'faint');
  const source = first.packet.source ?? second?.packet.source ?? '?';
  const whole = line(`${title}  ${source} → ${first.packet.destination}`, 'faint');
  return width(whole) <= columns ? whole : line(title, 'faint');
}
