import type { ExplainedPassage } from '../../model/explanation.js';
import type { FlowResult } from '../../model/flow-result.js';
import { decisionPieces, isUsual, withoutNexthop } from './decision.js';
import { fill, type Line, line, span, words } from './line.js';
import { passageNotes } from './passage-note.js';

/** What surrounds a passage. */
export interface Surroundings {
  readonly flow: FlowResult;
  /** All passages of the same packet, in order of time. */
  readonly leg: readonly ExplainedPassage[];
  /** Those of the request. */
  readonly request: readonly ExplainedPassage[];
  /** Passages of the same round that are left out behind this one. */
  readonly leftOut: number;
  /** Whether what decided is told at every node and at length. */
  readonly detailed: boolean;
}

/** One packet at one node: by which interfaces, what decided, what was translated, and what is wrong there. */
export function passageLines(
  passage: ExplainedPassage,
  surroundings: Surroundings,
  columns: number,
): readonly Line[] {
  const { flow, leg, leftOut } = surroundings;
  const notes = passageNotes(passage, surroundings);
  const noteLines = notes.flatMap((note) => fill([span('✗ ', 'bad')], words(note, 'bad'), columns));
  const isTroubled = notes.length > 0 || passage.node === flow.at;
  const pieces = wayPieces(passage, decidedBy(passage, surroundings, isTroubled));
  if (passage.end === 'missing')
    return [...noteLines, ...(pieces.length === 0 ? [] : fill([], pieces, columns))];
  return [
    ...fill([], pieces, columns),
    ...translations(passage, leg).flatMap((text) => fill([], words(text), columns)),
    ...noteLines,
    ...(leftOut === 0 ? [] : [line(`… and round again: ${leftOut} more`, 'faint')]),
  ];
}

/** `by main`, or the whole decision where that is not what every node decides; empty where there is nothing to tell. */
function decidedBy(
  { decision, end, nexthop, out }: ExplainedPassage,
  { detailed }: Surroundings,
  isTroubled: boolean,
): readonly Line[] {
  if (decision === null || (end === 'delivered' && !detailed)) return [];
  if (!detailed && !isTroubled && isUsual(decision))
    return end === 'missing' ? [] : [line(`by ${decision.table}`, 'faint')];
  const isSeen = !detailed && out !== null && nexthop !== null;
  const [first = [], ...rest] = decisionPieces(isSeen ? withoutNexthop(decision, out) : decision);
  return [[span('by ', 'faint'), ...first], ...rest];
}

/** `in wan, by main, out lan`; `in eth1, for itself`. */
function wayPieces({ in: into, out, end }: ExplainedPassage, decided: readonly Line[]): readonly Line[] {
  const parts: readonly (readonly Line[])[] = [
    into === null ? [] : [[span('in '), span(into, 'strong')]],
    decided,
    out === null ? [] : [[span('out '), span(out, 'strong')]],
    end === 'delivered' ? [line('for itself')] : [],
  ];
  const told = parts.filter((part) => part.length > 0);
  return told.flatMap((part, index) => [
    ...part.slice(0, -1),
    ...part.slice(-1).map((last) => (index < told.length - 1 ? [...last, span(',')] : last)),
  ]);
}

/** What address translation made of the packet: its source as it left, its destination as it came. */
function translations(passage: ExplainedPassage, leg: readonly ExplainedPassage[]): readonly string[] {
  const position = leg.indexOf(passage);
  const [before, after] = [leg[position - 1], leg[position + 1]];
  const { source, destination } = passage.packet;
  const sourceAfter = after?.packet.source ?? source;
  const destinationBefore = before?.packet.destination ?? destination;
  return [
    ...(destinationBefore === destination ? [] : [`destination becomes ${destination}`]),
    ...(source === null || sourceAfter === source ? [] : [`source becomes ${sourceAfter}`]),
  ];
}
