import { printable } from './printable.js';

/** What a piece of text means to the reader; the writer decides which colour that is. */
export type Tone = 'plain' | 'strong' | 'faint' | 'good' | 'bad' | 'doubt';

export interface Span {
  readonly text: string;
  readonly tone: Tone;
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

export function plain(line: Line): string {
  return line.map((part) => part.text).join('');
}

/** Columns that a line takes, with one for each code point. */
export function width(line: Line): number {
  return [...plain(line)].length;
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
