import { printable } from './printable.js';

/** Means itself to every shell, also at the beginning of a word. */
const HARMLESS = /^[\w@%+:,./-][\w@%+=:,./-]*$/;

/**
 * A word for a line that is meant to be pasted into a shell: as it is, in single quotes, or, with characters that
 * would steer the terminal, as `$'…'` (bash, zsh, ksh and POSIX.1-2024).
 */
export function shellWord(text: string): string {
  if (HARMLESS.test(text)) return text;
  if (printable(text) === text) return `'${text.replaceAll("'", "'\\''")}'`;
  return `$'${[...text].map(dollarQuoted).join('')}'`;
}

function dollarQuoted(character: string): string {
  if (character === '\\' || character === "'") return `\\${character}`;
  if (printable(character) === character) return character;
  const code = character.charCodeAt(0);
  // Above ASCII, \x would be one byte and not the character.
  return code < 0x80
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}
