import type { ExplainedPassage } from '../../model/explanation.js';
import type { FlowResult } from '../../model/flow-result.js';
import { decisionPieces, isUsual } from './decision.js';
import { fill, type Line, line, span, words } from './line.js';
import { passageNotes } from './passage-note.js';

/** What surrounds a passage. */
export interface Surroundings {
  readonly flow: FlowResult;
  /** All passages of the same packet, in order of time. */
  readonly leg: readonly ExplainedPassage[];
  /** Whether what decided is told at every node and at length. */
  readonly detailed: boolean;
}

/** One packet at one node: by which interfaces, what decided, what was translated, and what is wrong there. */
export function passageLines(
  passage: ExplainedPassage,
  surroundings: Surroundings,
  columns: number,
): readonly Line[] {
  const { flow, detailed, leg } = surroundings;
  const { decision, end, node } = passage;
  const notes = passageNotes(passage, flow);
  const noteLines = notes.flatMap((note) => fill([span('✗ ', 'bad')], words(note, 'bad'), columns));
  const isDecided = decision !== null && (end !== 'delivered' || detailed);
  const atLength = detailed || notes.length > 0 || node === flow.at || !isUsual(decision);
  const decided = isDecided && atLength ? decisionPieces(decision) : [];
  if (end === 'missing') {
    const would = decided.length === 0 ? [] : fill(line('by ', 'faint'), decided, columns);
    return [...noteLines, ...would];
  }
  return [
    ...fill([], interfacePieces(passage, !atLength), columns),
    ...(decided.length === 0 ? [] : fill([], decided, columns)),
    ...translations(passage, leg).flatMap((text) => fill([], words(text), columns)),
    ...noteLines,
  ];
}

/** `in wan, by main, out lan`; `in eth1, for itself`. */
function interfacePieces(
  { decision, in: into, out, end }: ExplainedPassage,
  isBrief: boolean,
): readonly Line[] {
  const parts: Line[] = [
    ...(into === null ? [] : [[span('in '), span(into, 'strong')]]),
    ...(isBrief && decision?.table && end !== 'delivered' ? [line(`by ${decision.table}`, 'faint')] : []),
    ...(out === null ? [] : [[span('out '), span(out, 'strong')]]),
    ...(end === 'delivered' ? [line('for itself')] : []),
  ];
  return parts.map((part, index) => (index < parts.length - 1 ? [...part, span(',')] : part));
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
