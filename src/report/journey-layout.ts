import type { ExplainedPassage } from '../model/explanation.js';
import type { FlowResult } from '../model/flow-result.js';
import { type Line, line, padded, span, width } from './text/line.js';
import { passageLines } from './text/passage.js';
import { withoutRounds } from './text/rounds.js';
import { nodeRows } from './text/side-by-side.js';

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
  const whole = new Map<ExplainedPassage, number>();
  const told = extent.detailed ? { passages, leftOut: whole } : withoutRounds(passages);
  const request = legOf(passages, 'request');
  const cell: Cell = (passage, columns) =>
    passageLines(
      passage,
      {
        ...{ flow, request, detailed: extent.detailed },
        leg: legOf(passages, passage.leg),
        leftOut: told.leftOut.get(passage) ?? 0,
      },
      columns,
    );
  const layOut = extent.columns < WIDE ? stacked : sideBySide;
  return layOut(told.passages, cell, extent.columns);
}

/** What is told of a passage, in so many columns. */
type Cell = (passage: ExplainedPassage, columns: number) => readonly Line[];

type Leg = 'request' | 'reply';

function legOf(passages: readonly ExplainedPassage[], leg: Leg): readonly ExplainedPassage[] {
  return passages.filter((passage) => passage.leg === leg);
}

function sideBySide(passages: readonly ExplainedPassage[], cell: Cell, columns: number): readonly Line[] {
  const rows = nodeRows(passages);
  const names = Math.max(...rows.map(({ node }) => width(line(node)))) + GAP;
  const room = columns - INDENT - names - GAP;
  const cellOf = (passage: ExplainedPassage | null, width: number) =>
    passage === null ? [] : cell(passage, width);
  const half = Math.min(WIDEST_CELL, Math.floor(room / 2));
  const left = [
    [headingLine(passages, 'request', ' ↓', half)],
    ...rows.map(({ request }) => cellOf(request, half)),
  ];
  // What the request does not take is the reply's, of which there is more to tell.
  const taken = Math.max(...left.flat().map(width));
  const rest = Math.min(WIDEST_CELL, room - taken);
  const right = [
    [headingLine(passages, 'reply', ' ↑', rest)],
    ...rows.map(({ reply }) => cellOf(reply, rest)),
  ];
  return ['', ...rows.map(({ node }) => node)].flatMap((node, row) =>
    beside(
      [span(' '.repeat(INDENT)), ...padded(line(node, 'strong'), names)],
      { lines: left[row] ?? [], columns: taken + GAP },
      right[row] ?? [],
    ),
  );
}

/** A row: what leads it is in its first line only. */
function beside(
  lead: Line,
  left: { readonly lines: readonly Line[]; readonly columns: number },
  right: readonly Line[],
): readonly Line[] {
  const empty = line(' '.repeat(width(lead)));
  return Array.from({ length: Math.max(1, left.lines.length, right.length) }, (_, index) => [
    ...(index === 0 ? lead : empty),
    ...(right[index] === undefined
      ? (left.lines[index] ?? [])
      : [...padded(left.lines[index] ?? [], left.columns), ...right[index]]),
  ]);
}

function stacked(passages: readonly ExplainedPassage[], cell: Cell, columns: number): readonly Line[] {
  const names = Math.max(...passages.map(({ node }) => width(line(node)))) + GAP;
  const room = columns - INDENT - names;
  return (['request', 'reply'] as const).flatMap((name) => {
    const leg = legOf(passages, name);
    if (leg.length === 0) return [];
    return [
      [span(' '.repeat(INDENT)), ...headingLine(passages, name, '', columns - INDENT)],
      ...leg.flatMap((passage) =>
        cell(passage, room).map(
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
