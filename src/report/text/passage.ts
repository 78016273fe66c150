import type { ExplainedPassage } from '../../model/explanation.js';
import type { FlowResult } from '../../model/flow-result.js';
import { briefDecisionPieces, decisionPieces } from './decision.js';
import { fill, type Line, line, span, words } from './line.js';
import { passageNote } from './passage-note.js';

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
  const note = passageNote(passage, surroundings.flow);
  return [
    ...fill([], interfacePieces(passage), columns),
    ...decisionLines(passage, surroundings, note !== null, columns),
    ...translations(passage, surroundings.leg).flatMap((text) => fill([], words(text), columns)),
    ...(note === null ? [] : fill([span('✗ ', 'bad')], words(note, 'bad'), columns)),
  ];
}

/** `in wan, out lan`; `in eth1, for itself`. */
function interfacePieces({ in: into, out, end }: ExplainedPassage): readonly Line[] {
  const entered =
    into === null
      ? []
      : [[span('in '), span(into, 'strong'), span(out === null && end !== 'delivered' ? '' : ',')]];
  const left = out === null ? [] : [[span('out '), span(out, 'strong')]];
  const stayed = end === 'delivered' ? [line('for'), line('itself')] : [];
  const none = end === 'missing' ? [line('-', 'faint')] : [];
  return [...entered, ...left, ...stayed, ...none];
}

/** At the judged node, and where something is wrong, at length. */
function decisionLines(
  { decision, end, node, out }: ExplainedPassage,
  { detailed, flow }: Surroundings,
  isWrong: boolean,
  columns: number,
): readonly Line[] {
  if (decision === null || (end === 'delivered' && !detailed)) return [];
  const atLength = detailed || isWrong || node === flow.at;
  return fill([], atLength ? decisionPieces(decision) : briefDecisionPieces(decision, out), columns);
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
