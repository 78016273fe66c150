import type { FileToWrite } from '../model/policy.js';
import { readTrace, TRACE_PROMPT } from './shell-trace.js';
import type { Action, Program } from './tool.js';
import { PREAMBLE, readTranscript, type ScriptCommand } from './transcript.js';

const PREAMBLE_FILE = '/run/replypath/preamble';

/** What a script can be run with so that it is told command by command; to be written before. */
export const TRACING: Action = {
  kind: 'files',
  files: [{ path: PREAMBLE_FILE, mode: '0644', text: PREAMBLE }],
};

/** How a system runs a script of its user's. */
export interface Runner {
  /** Who runs it, as people know it. */
  readonly by: string;
  readonly words: readonly string[];
  /** All that is in its environment; null where it has that of who runs it. */
  readonly environment: Readonly<Record<string, string>> | null;
  /** `kernel`: it has to be a program by its first line (execve(2)). `shell`: a shell reads what the kernel refuses. */
  readonly through: 'kernel' | 'shell';
}

/** A script that a system runs as a program, told command by command by the lines of its file. */
export function traced(file: FileToWrite, { by, words, environment, through }: Runner): Program {
  const { path, text, mode } = file;
  const placed = (commands: readonly ScriptCommand[]) => commands.map((each) => ({ ...each, file: path }));
  if (!isExecutable(file)) {
    const message = `${path} has mode ${mode}: ${by} passes over what cannot be executed`;
    const passedOver = { line: 1, text: path, exit: 126, message, failed: true };
    return { kind: 'program', argv: ['true'], read: () => placed([passedOver]) };
  }
  const settings = Object.entries(environment ?? {}).map(([key, value]) => `${key}=${value}`);
  const env = ['env', ...(environment === null ? [] : ['-i']), ...settings] as const;
  const [, shell, option] = /^#! *(\/bin\/sh|\/usr\/bin\/sh|\/bin\/dash)(?: +(\S+))? *\n/.exec(text) ?? [];
  if (shell !== undefined) {
    // That shell reads no file ahead of a script, so that it is asked to trace.
    const options = ['-x', ...(option === undefined ? [] : [option])];
    return {
      kind: 'program',
      argv: [...env, `PS4=${TRACE_PROMPT}`, shell, ...options, path, ...words],
      read: ({ stdout, stderr, exit }) => placed(readTrace(`${stdout}${stderr}`, text, exit)),
    };
  }
  const start =
    through === 'shell'
      ? (['sh', '-c', '"$0" "$@"', path] as const)
      : (['start-stop-daemon', '--start', '--exec', path, '--'] as const);
  return {
    kind: 'program',
    argv: [...env, `BASH_ENV=${PREAMBLE_FILE}`, ...start, ...words],
    read: ({ stdout, stderr, exit }) =>
      placed(readTranscript(`${stdout}${stderr}`.replaceAll(`${path}: `, ''), text, exit)),
  };
}

export function isExecutable({ mode }: Pick<FileToWrite, 'mode'>): boolean {
  return (Number.parseInt(mode, 8) & 0o100) !== 0;
}
