/** Words as a shell splits them: quotes and what is in them together, but for a substitution, `"$(…)"`, whose words are words. */
const WORDS = /(?:"\$\(|\)"|[^\s'"\\]|\\.|'[^']*'|"(?!\$\()(?:[^"\\]|\\.)*")+/g;

/**
 * A command for a shell in lines of at most so many columns, each but the last with a backslash at its end, so that it
 * can be pasted; a word is never broken. What has lines of its own, as a here-document has, stays as it is.
 */
export function continued(command: string, columns: number): readonly string[] {
  if (command.includes('\n')) return command.split('\n');
  const words = command.match(WORDS) ?? [];
  if (command.length <= columns || words.join(' ') !== command) return [command];
  const lines: string[] = [];
  let current = '';
  for (const word of words) {
    const longer = current === '' ? word : `${current} ${word}`;
    // Room for the backslash, and the space in front of it.
    if (current !== '' && longer.length > columns - 2) {
      lines.push(`${current} \\`);
      current = `  ${word}`;
    } else current = longer;
  }
  return [...lines, current];
}
