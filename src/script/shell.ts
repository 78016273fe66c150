/**
 * Control characters and what changes the direction of writing: a terminal into which a script is pasted would
 * act on them, and a reader would not see them. Line feed and tab are left, which here-documents keep.
 */
const STEERING = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const STEERING_IN_TEXT = new RegExp(`(?![\\n\\t])${STEERING.source}`, 'gu');

/** A word that bash reads as exactly this text, wherever an argument may stand; no argument can hold a NUL. */
export function quote(text: string): string {
  if (/^[\w@%+:,./-]+$/.test(text)) return text;
  if (text.search(STEERING) < 0) return `'${text.replaceAll("'", `'\\''`)}'`;
  return `$'${text.replace(/[\\']/g, '\\$&').replace(STEERING, octal)}'`;
}

/** A command line of quoted words. */
export function command(...words: readonly string[]): string {
  return words.map(quote).join(' ');
}

/**
 * A command that reads the text on its standard input: as it stands, in a here-document whose end no line of
 * the text can be taken for; or by printf, where a here-document could not carry it.
 */
export function withInput(line: string, text: string, name = 'END'): string {
  if (text.search(STEERING_IN_TEXT) >= 0) return `${line} < <(${printf(text)})`;
  const end = delimiter(name, text);
  return `${line} <<'${end}'\n${text.replace(/\n?$/, '\n')}${end}`;
}

/** The same to the last byte: a here-document always ends with a line feed. */
export function writeText(line: string, text: string, name: string): string {
  return text.endsWith('\n') ? withInput(line, text, name) : `${line} < <(${printf(text)})`;
}

/** The first of NAME, NAME_2, NAME_3… that is no line of the text. */
export function delimiter(name: string, text: string): string {
  const lines = new Set(text.split('\n'));
  let end = name;
  for (let i = 2; lines.has(end); i++) end = `${name}_${i}`;
  return end;
}

/** A command that writes the text to its standard output, byte by byte, also what no argument can hold. */
export function printf(text: string): string {
  const format = text.replaceAll('\\', '\\\\').replaceAll('%', '%%').replaceAll("'", `'\\''`);
  return `printf -- '${format.replace(STEERING, octal)}'`;
}

/** Comment lines; what would steer a terminal is written as an escape. */
export function comment(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line.trim() === '' ? '#' : `# ${shown(line)}`))
    .join('\n');
}

/** The text on one line, with what would steer a terminal as an escape. */
export function shown(text: string): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replace(STEERING, escaped);
}

/** The UTF-8 bytes of a character as bash and printf write them in any locale. */
function octal(character: string): string {
  return [...new TextEncoder().encode(character)]
    .map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
    .join('');
}

/** A template without values: text in bash, in which `\\${` stands for `${`. */
export function bash({ raw }: TemplateStringsArray): string {
  return raw.join('').trim().replaceAll('\\${', '${');
}
