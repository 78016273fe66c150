import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from '../../src/cli/command-line.js';

/** The arguments that a shell gives to replypath; null where it does not call it. It finds no other program. */
export function argumentsOf(line: string, cwd: string): string[] | null {
  const file = join(cwd, 'arguments');
  rmSync(file, { force: true });
  const script = [
    `replypath() { printf '%s\\0' "$@" > ${file}; }`,
    'sudo() { "$@"; }; npx() { "$@"; }',
    'PATH=/nowhere',
    line,
  ];
  spawnSync('bash', ['-c', script.join('\n')], { cwd });
  return existsSync(file) ? readFileSync(file, 'utf8').split('\0').slice(0, -1) : null;
}

/** What the command line has against the arguments; null where nothing. The command itself is not run. */
export async function objectionTo(args: readonly string[]): Promise<string | null> {
  const program = commandLine();
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeOut: () => {}, writeErr: () => {} });
    if (command !== program) command.action(() => {});
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return null;
  } catch (error) {
    // Help and version are errors to commander too, with code 0.
    if (error instanceof Error && 'exitCode' in error && error.exitCode === 0) return null;
    return String(error);
  }
}
