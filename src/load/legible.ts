/** Characters of a message; beyond that its middle is left out: a file can have words of a megabyte. */
const MAXIMUM_LENGTH = 400;

/**
 * Characters that cannot be seen or that change how others are shown: control and format characters (zero
 * width space, byte order mark, marks of writing direction), halves of a surrogate pair, and all spaces but the usual one.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** Message and hint, of a length that can be read, with `<U+200B>` for what cannot be seen. */
export function legible(message: string, hint: string): { message: string; hint: string } {
  const shown = shortened(message).replace(UNSEEN, escaped);
  const unseen = /<U\+[0-9A-F]+>/.exec(shown)?.[0];
  const explained =
    unseen === undefined || message.includes(unseen)
      ? hint
      : `${hint} ${unseen} is a character that cannot be seen: type the text anew.`;
  return { message: shown, hint: shortened(explained).replace(UNSEEN, escaped) };
}

/** A line of a file for a code frame: each character in its column. */
export function inFrame(line: string): string {
  return line
    .replace(/\r$/, '')
    .replace(UNSEEN, (character) =>
      (/[\p{Cc}\p{Zs}]/u.test(character) ? ' ' : '\uFFFD').repeat(character.length),
    );
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;
}

function shortened(text: string): string {
  if (text.length <= MAXIMUM_LENGTH) return text;
  const half = MAXIMUM_LENGTH / 2;
  return `${text.slice(0, half)} … ${text.slice(-half)}`;
}
