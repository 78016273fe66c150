/**
 * Sourced by bash before a recipe (BASH_ENV), so that the recipe itself runs untouched: it says each
 * simple command before that starts (status of the one before, line, text) and each failure that the
 * script does not deal with itself, on the same stream as what commands print. bash(1): trap, DEBUG, ERR.
 */
export const PREAMBLE = String.raw`exec 2>&1 198>&1
unset BASH_ENV
trap 'printf "\001e\002%s\002%s\001" "$?" "$LINENO" >&198' ERR
trap 'printf "\001c\002%s\002%s\002%s\001" "$?" "$LINENO" "$BASH_COMMAND" >&198' DEBUG
`;

/** One command of a script that was run under {@link PREAMBLE}. */
export interface ScriptCommand {
  readonly line: number;
  /** Which of a configuration tool's files the line is of. */
  readonly file?: string;
  readonly text: string;
  readonly exit: number;
  readonly message: string;
  /** Whether it failed and the script did nothing about it. */
  readonly failed: boolean;
}

interface Draft {
  line: number;
  text: string;
  exit: number;
  message: string;
  failed: boolean;
  /** `$?` before the command ran. */
  before: number;
}

/**
 * Splits what a script and its preamble wrote into its commands. Commands inside functions, subshells
 * and substitutions are part of the command that calls them.
 *
 * @param exit the status with which the script itself ended.
 */
export function readTranscript(output: string, script: string, exit: number): ScriptCommand[] {
  const commands: Draft[] = [];
  const lineText = (line: number) => script.split('\n')[line - 1]?.trim() ?? '';
  const add = (line: number, text: string, before: number): Draft => {
    const command = { line, text, exit: 0, message: '', failed: false, before };
    commands.push(command);
    return command;
  };
  // Text outside of the marks and the marks take turns.
  output.split('\u0001').forEach((part, i) => {
    const last = commands.at(-1);
    if (i % 2 === 0) {
      if (last) last.message += part;
      else if (part.trim() !== '') add(1, lineText(1), 0).message = part;
      return;
    }
    const [kind, status, line, text = ''] = part.split('\u0002');
    if (kind === 'c') {
      // A pipeline says all its commands first: then `$?` is still what it was before them.
      if (last && !last.failed && (last.before === 0 || last.before !== Number(status)))
        last.exit = Number(status);
      add(Number(line), text, Number(status));
      return;
    }
    dropEcho(commands, Number(status));
    const failed = commands.at(-1);
    const failing = failed?.line === Number(line) || failed?.text.includes('\n') ? failed : undefined;
    Object.assign(failing ?? add(Number(line), lineText(Number(line)), 0), {
      exit: Number(status),
      failed: true,
    });
  });
  if (exit !== 0) blameForEnd(commands, exit, add, lineText);
  return commands.map(({ before: _, ...command }) => ({ ...command, message: command.message.trim() }));
}

/**
 * bash runs the DEBUG trap for the command of the ERR trap too, and BASH_COMMAND is then still the one
 * that failed: it seems to come twice, and the second has no output of its own. bash(1): BASH_COMMAND.
 */
function dropEcho(commands: Draft[], status: number): void {
  const [failed, echo] = commands.slice(-2);
  if (failed && echo && echo.text === failed.text && echo.before === status && echo.message === '')
    commands.pop();
}

/** A script that ends with a status of its own (`exit 1`, `set -u`, a syntax error): the last command's doing. */
function blameForEnd(
  commands: Draft[],
  exit: number,
  add: (line: number, text: string, before: number) => Draft,
  lineText: (line: number) => string,
): void {
  const last = commands.at(-1);
  if (last?.failed) return;
  const syntaxError = /\bline (\d+): syntax error/.exec(last?.message ?? '');
  if (last && syntaxError) {
    const line = Number(syntaxError[1]);
    const start = last.message.lastIndexOf('\n', syntaxError.index) + 1;
    const message = last.message.slice(start);
    last.message = last.message.slice(0, start);
    Object.assign(add(line, lineText(line), 0), { exit, failed: true, message });
    return;
  }
  Object.assign(last ?? add(1, lineText(1), 0), { exit, failed: true });
}
