/**
 * Takes no column of its own: combining marks, joiners and other format characters, and the vowels and finals of
 * Hangul that join the syllable before.
 */
const NONE = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]$/u;

/**
 * Takes two columns: East Asian Wide and Fullwidth (Unicode Standard Annex 11), by blocks, and what is shown as an
 * emoji.
 */
const TWO =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]$/u;

/** Makes an emoji, of two columns, of the symbol before it, of one. */
const EMOJI_SELECTOR = '\ufe0f';

const ASCII = /^[ -~]*$/;

/**
 * Columns that a text without control characters takes in a terminal. Of emoji joined to one picture each counts:
 * not all terminals join them, and a line that is taken for too long is better than one that breaks.
 */
export function columnsOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += characterColumns(character);
  return columns;
}

function characterColumns(character: string): number {
  if (character === EMOJI_SELECTOR) return 1;
  if (NONE.test(character)) return 0;
  return TWO.test(character) ? 2 : 1;
}

/** As much of the beginning of a text as fits, never a character without its combining marks. */
export function beginningOf(text: string, columns: number): string {
  let left = columns;
  let beginning = '';
  for (const character of text) {
    left -= characterColumns(character);
    if (left < 0) break;
    beginning += character;
  }
  return beginning;
}

/** A text that is too long without its middle: what tells names apart is at both ends. */
export function withoutMiddle(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  const beginning = beginningOf(text, Math.floor((columns - 1) / 2));
  let end = [...text].slice([...beginning].length);
  const left = columns - 1 - columnsOf(beginning);
  while (columnsOf(end.join('')) > left) end = end.slice(1);
  // A mark whose character is gone would join the dots.
  while (end[0] !== undefined && columnsOf(end[0]) === 0) end = end.slice(1);
  return `${beginning}…${end.join('')}`;
}
