/**
 * Control characters (C0, DEL, C1), line and paragraph separators, and the marks that change the
 * direction of writing: in a terminal they could hide or forge what a report says.
 */
const STEERING = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text with everything that would steer a terminal written as an escape: `\x1b`, `\u202e`, `\n`. */
export function printable(text: string): string {
  return text.replace(STEERING, (character) => NAMED[character] ?? escapeSequence(character));
}

/** `\x1b` for a character that must not be written as it is. */
export function escapeSequence(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}
