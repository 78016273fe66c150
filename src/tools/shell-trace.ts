import type { ScriptCommand } from './transcript.js';

/** What a POSIX shell prints ahead of each command that it traces: the status of the one before. sh(1): PS4, set -x. */
export const TRACE_PROMPT = '\u0001$?\u0002';

/** What a failure of does not end in a command's own hands: another command follows, whatever its status. */
const DEALT_WITH = /\|\||&&|^\s*(if|elif|while|until|!)\s/;

/**
 * Splits what a script printed under `set -x` with {@link TRACE_PROMPT} into its commands. Such a shell does not say
 * their lines, which are found by their words.
 *
 * @param exit the status with which the script itself ended.
 */
export function readTrace(output: string, script: string, exit: number): ScriptCommand[] {
  const [before = '', ...parts] = output.split('\u0001');
  const lines = script.split('\n');
  const traced = parts.map((part) => {
    const [status = '', rest = ''] = part.split('\u0002');
    const [text = '', ...message] = rest.split('\n');
    return { status: Number(status), text, message: message.join('\n') };
  });
  let line = 1;
  const commands = traced.map(({ text, message }, i): ScriptCommand => {
    line = lineOf(text, lines, line);
    const next = traced[i + 1]?.status ?? exit;
    const failed = next !== 0 && !DEALT_WITH.test(lines[line - 1] ?? '');
    return { line, text, exit: next, message: message.trim(), failed };
  });
  if (commands.length > 0 || exit === 0) return commands;
  // It was never begun: the shell could not read it.
  const complaint = /(?:^|: )(\d+): /.exec(before)?.[1] ?? '1';
  const text = lines[Number(complaint) - 1]?.trim() ?? '';
  return [{ line: Number(complaint), text, exit, message: before.trim(), failed: true }];
}

/** The first line, from the one before on, with most of the command's words, from its first; that one where none has any. */
function lineOf(text: string, lines: readonly string[], from: number): number {
  const words = text.split(' ');
  for (let count = words.length; count > 0; count--) {
    const begin = words.slice(0, count).join(' ');
    const found = lines.findIndex((line, i) => i + 1 >= from && line.includes(begin));
    if (found >= 0) return found + 1;
  }
  return from;
}
