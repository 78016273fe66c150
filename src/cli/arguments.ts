import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { EXIT } from './exit-code.js';
import { tell } from './streams.js';

const DEFAULT_FOLDER = 'scenarios';

export const PATHS = '[paths...]';
export const PATHS_HELP = `scenario files, folders or glob patterns (default: ${DEFAULT_FOLDER}/)`;

/**
 * The paths to read scenarios from; null where none were given and there is no default either, which has
 * been told and set as the exit code. A path that does not exist is a usage error.
 */
export function chosenPaths(command: Command, given: readonly string[], cwd: string): string[] | null {
  for (const path of given) {
    const isPattern = /[*?[\]{}!]/.test(path);
    if (!isPattern && !existsSync(resolve(cwd, path)))
      command.error(`error: no such file or folder: ${path}`);
  }
  if (given.length > 0) return [...given];
  if (existsSync(join(cwd, DEFAULT_FOLDER))) return [DEFAULT_FOLDER];
  tell(
    `there is no folder ${DEFAULT_FOLDER}/ here, so nothing is selected; name what to read: replypath ${command.name()} <path>`,
  );
  process.exitCode = EXIT.nothingSelected;
  return null;
}

export function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : '');
  }
}

export function positiveInteger(text: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(text))
    throw new InvalidArgumentError('It must be a whole number from 1 to 9999.');
  return Number(text);
}

/** A folder that is there already or can be made. */
export function outputFolder(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must name a folder.');
  if (statSync(text, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new InvalidArgumentError('It is there already and is no folder.');
  }
  return text;
}
