import { printable } from './printable.js';
import { beginningOf, columnsOf } from './width.js';

/** What a piece of text means to the reader; the writer decides which colour that is. */
export type Tone = 'plain' | 'strong' | 'faint' | 'good' | 'bad' | 'doubt';

export interface Span {
  readonly text: string;
  readonly tone: Tone;
  /** What is wrong here: `withNotes` says it below. */
  readonly note?: string;
}

/** One line of a report, or a part of one, before it is coloured or broken. */
export type Line = readonly Span[];

/** The only way to make a span: what would steer a terminal is escaped here. */
export function span(text: string, tone: Tone = 'plain'): Span {
  return { text: printable(text), tone };
}

export function line(text: string, tone: Tone = 'plain'): Line {
  return [span(text, tone)];
}

/** A span at which something is wrong. */
export function noted(text: string, note: string): Span {
  return { ...span(text, 'bad'), note };
}

export function plain(line: Line): string {
  return line.map((part) => part.text).join('');
}

/** Columns that a line takes in a terminal. */
export function width(line: Line): number {
  return columnsOf(plain(line));
}

/** The line if it fits, else as much of its beginning as does, with `…` in the place of the rest. */
export function cut(line: Line, columns: number): Line {
  if (width(line) <= columns) return line;
  const kept: Span[] = [];
  let left = columns - 1;
  for (const part of line) {
    const text = beginningOf(part.text, left);
    left -= columnsOf(text);
    kept.push({ ...part, text });
    if (text !== part.text) break;
  }
  return columns < 1 ? [] : [...kept, span('…')];
}

export function padded(line: Line, columns: number): Line {
  return [...line, span(' '.repeat(Math.max(0, columns - width(line))))];
}

export function join(lines: readonly Line[], separator: string): Line {
  return lines.flatMap((item, index) => (index === 0 ? item : [span(separator), ...item]));
}

/** The words of a sentence, as pieces for `fill`. */
export function words(text: string, tone: Tone = 'plain'): readonly Line[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => line(word, tone));
}

/**
 * Puts pieces that may not be broken side by side, a space between them, into lines of at most
 * `columns`; a piece that is longer has a line of its own. The first line begins with `lead`, the
 * others with as much space.
 */
export function fill(lead: Line, pieces: readonly Line[], columns: number): readonly Line[] {
  const indent = line(' '.repeat(width(lead)));
  const filled: Line[] = [];
  let current: Line = lead;
  let empty = true;
  for (const piece of pieces) {
    if (!empty && width(current) + 1 + width(piece) > columns) {
      filled.push(current);
      current = indent;
      empty = true;
    }
    current = empty ? [...current, ...piece] : [...current, span(' '), ...piece];
    empty = false;
  }
  filled.push(current);
  return filled;
}

/** Puts below each line what is noted in it: a row of `^` under the place, and the note beside or below it. */
export function withNotes(lines: readonly Line[], columns: number): readonly Line[] {
  return lines.flatMap((line) => {
    let column = 0;
    const rows: Line[] = [line];
    for (const part of line) {
      const wide = columnsOf(part.text);
      if (part.note !== undefined) rows.push(...noteLines(part.note, column, wide, columns));
      column += wide;
    }
    return rows;
  });
}

function noteLines(note: string, column: number, wide: number, columns: number): readonly Line[] {
  const lead = line(`${' '.repeat(column)}${'^'.repeat(wide)} `, 'bad');
  if (column + wide + 1 + columnsOf(note) <= columns) return [[...lead, span(note, 'bad')]];
  const start = Math.max(0, Math.min(column, columns - columnsOf(note)));
  return [lead, ...fill(line(' '.repeat(start)), words(note, 'bad'), columns)];
}
