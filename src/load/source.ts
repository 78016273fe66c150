import type { DiagnosticCode } from '../format/codes.js';
import type { Diagnostic, Place } from '../model/diagnostic.js';

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
  return { code, message, hint, place: placeOf(mark) };
}

/** A diagnostic about a file as a whole. */
export function diagnosticOf(file: string, code: DiagnosticCode, message: string, hint: string): Diagnostic {
  return { code, message, hint, place: { file, line: 1, column: 1, frame: '' } };
}

/** Line and column, both from 1, and the lines around with a caret. */
export function placeOf({ source, offset }: Mark): Place {
  const before = source.text.slice(0, offset).split('\n');
  const line = before.length;
  const column = (before.at(-1) ?? '').length + 1;
  return { file: source.file, line, column, frame: codeFrame(linesOf(source), line, column) };
}

const lines = new WeakMap<Source, readonly string[]>();

/** Every flow has a place: the file is split once, not for each. */
function linesOf(source: Source): readonly string[] {
  const known = lines.get(source) ?? source.text.split('\n');
  lines.set(source, known);
  return known;
}

function codeFrame(lines: readonly string[], line: number, column: number): string {
  const first = Math.max(1, line - LINES_BEFORE);
  const last = Math.min(lines.length, line + LINES_AFTER);
  const gutter = String(last).length;
  // A long line is shown from a little before the caret, and its neighbours with it.
  const skipped = column > WIDTH - 10 ? column - WIDTH / 2 : 0;
  const frame: string[] = [];
  for (let number = first; number <= last; number++) {
    const shown = visible(lines[number - 1] ?? '').slice(skipped, skipped + WIDTH);
    frame.push(`${number === line ? '>' : ' '} ${String(number).padStart(gutter)} | ${shown}`.trimEnd());
    if (number === line) frame.push(`  ${' '.repeat(gutter)} | ${' '.repeat(column - 1 - skipped)}^`);
  }
  return frame.join('\n');
}

/** Control characters would move the caret, or do worse to a terminal. */
function visible(line: string): string {
  return line.replace(/\r$/, '').replace(/\p{Cc}/gu, ' ');
}
