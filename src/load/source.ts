import type { DiagnosticCode } from '../format/codes.js';
import type { Diagnostic, Place } from '../model/diagnostic.js';
import { inFrame, legible } from './legible.js';

/** A file's text, with the name by which people know it. */
export interface Source {
  /** Relative to the working directory where it is below that. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** A position in a file: an offset in its text. */
export interface Mark {
  readonly source: Source;
  readonly offset: number;
}

const LINES_BEFORE = 2;
const LINES_AFTER = 1;
const WIDTH = 100;

/** A diagnostic at a position, with a code frame. */
export function diagnosticAt(mark: Mark, code: DiagnosticCode, message: string, hint: string): Diagnostic {
  return { code, ...legible(message, hint), place: placeOf(mark) };
}

/** A diagnostic about a file as a whole. */
export function diagnosticOf(file: string, code: DiagnosticCode, message: string, hint: string): Diagnostic {
  return { code, ...legible(message, hint), place: { file, line: 1, column: 1, frame: '' } };
}

/** Line and column, both from 1, and the lines around with a caret. */
export function placeOf({ source, offset }: Mark): Place {
  const starts = lineStarts(source);
  let line = 0;
  for (let above = starts.length; above - line > 1; ) {
    const middle = (line + above) >> 1;
    if ((starts[middle] ?? 0) <= offset) line = middle;
    else above = middle;
  }
  const column = offset - (starts[line] ?? 0) + 1;
  return { file: source.file, line: line + 1, column, frame: codeFrame(source, line + 1, column) };
}

const known = new WeakMap<Source, readonly number[]>();

/** Every flow has a place: line ends are looked for once, not for each. */
function lineStarts(source: Source): readonly number[] {
  const before = known.get(source);
  if (before !== undefined) return before;
  const starts = [0];
  for (let end = source.text.indexOf('\n'); end >= 0; end = source.text.indexOf('\n', end + 1))
    starts.push(end + 1);
  known.set(source, starts);
  return starts;
}

function codeFrame(source: Source, line: number, column: number): string {
  const starts = lineStarts(source);
  const first = Math.max(1, line - LINES_BEFORE);
  const last = Math.min(starts.length, line + LINES_AFTER);
  const gutter = String(last).length;
  // A long line is shown from a little before the caret, and its neighbours with it.
  const skipped = column > WIDTH - 10 ? column - WIDTH / 2 : 0;
  const frame: string[] = [];
  for (let number = first; number <= last; number++) {
    const start = (starts[number - 1] ?? 0) + skipped;
    const end = (starts[number] ?? source.text.length + 1) - 1;
    const shown = inFrame(source.text.slice(start, Math.max(start, Math.min(end, start + WIDTH))));
    frame.push(`${number === line ? '>' : ' '} ${String(number).padStart(gutter)} | ${shown}`.trimEnd());
    if (number === line) frame.push(`  ${' '.repeat(gutter)} | ${' '.repeat(column - 1 - skipped)}^`);
  }
  return frame.join('\n');
}
