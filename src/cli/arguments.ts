import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { pathWithLine } from '../load/path-with-line.js';
import type { Shard } from '../run/select.js';
import { nearest } from '../validate/nearest.js';
import { EXIT } from './exit-code.js';
import { tell } from './streams.js';

export const DEFAULT_FOLDER = 'scenarios';

export const PATHS = '[paths...]';
export const PATHS_HELP = `scenario files, folders or glob patterns (default: ${DEFAULT_FOLDER}/)`;

/**
 * The paths to read scenarios from: those given, else those of the config, else the default; null where there is no
 * default either, which has been told and set as the exit code. A given path that does not exist is a usage error.
 */
export function chosenPaths(
  command: Command,
  given: readonly string[],
  cwd: string,
  configured: readonly string[] = [],
): string[] | null {
  for (const path of given) {
    const isPattern = /[*?[\]{}!]/.test(path);
    // A link that leads nowhere is a bad file beside the others.
    if (isPattern || lstatSync(resolve(cwd, path), { throwIfNoEntry: false }) !== undefined) continue;
    if (!existsSync(resolve(cwd, pathWithLine(path).path)))
      command.error(`error: no such file or folder: ${path}${nearPaths(path, cwd)}`);
  }
  if (given.length > 0) return [...given];
  if (configured.length > 0) return [...configured];
  if (existsSync(join(cwd, DEFAULT_FOLDER))) return [DEFAULT_FOLDER];
  tell(
    `there is no folder ${DEFAULT_FOLDER}/ here, so nothing is selected; name what to read: replypath ${command.name()} <path>`,
  );
  process.exitCode = EXIT.nothingSelected;
  return null;
}

/** What lies where the path points, and is called nearly so. */
function nearPaths(given: string, cwd: string): string {
  const { path } = pathWithLine(given);
  const folder = dirname(path);
  const names = namesIn(resolve(cwd, folder));
  // A suffix that both have would make any two names look alike.
  const stem = (name: string) => name.replace(/\.ya?ml$/, '');
  const near = nearest(stem(basename(path)), names.map(stem));
  const paths = names.filter((name) => near.includes(stem(name))).map((name) => join(folder, name));
  return didYouMean(paths.slice(0, 3));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A line that names what may have been meant, as commander has it; empty where there is nothing. */
export function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? '' : `\n(Did you mean ${names.join(' or ')}?)`;
}

export function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : '');
  }
}

export function regularExpressions(text: string, before: readonly RegExp[] = []): readonly RegExp[] {
  return [...before, regularExpression(text)];
}

export function positiveInteger(text: string): number {
  return wholeNumber(text, 1);
}

export function naturalNumber(text: string): number {
  return wholeNumber(text, 0);
}

const LARGEST_SEED = 4_294_967_295;

export function seedNumber(text: string): number {
  if (!/^[0-9]{1,10}$/.test(text) || Number(text) > LARGEST_SEED)
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${LARGEST_SEED}.`);
  return Number(text);
}

function wholeNumber(text: string, least: number): number {
  if (!/^(0|[1-9][0-9]{0,3})$/.test(text) || Number(text) < least)
    throw new InvalidArgumentError(`It must be a whole number from ${least} to 9999.`);
  return Number(text);
}

/** The number after an option that may stand without: what follows such an option is taken for its value. */
export function bailLimit(text: string): number {
  if (/^[0-9]/.test(text)) return positiveInteger(text);
  throw new InvalidArgumentError('It must be a whole number from 1; for 1 and then a path write --bail=1.');
}

export function shard(text: string): Shard {
  const [, index = 0, count = 0] = (/^([0-9]{1,4})\/([0-9]{1,4})$/.exec(text) ?? []).map(Number);
  if (index < 1 || index > count)
    throw new InvalidArgumentError('It must be i/n with i from 1 to n, for example 1/3.');
  return { index, count };
}

/** Several words with commas between them, or the option several times. */
export function words(text: string, before: readonly string[] = []): readonly string[] {
  const added = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '' && word !== '!');
  if (added.length === 0) throw new InvalidArgumentError('It must not be empty.');
  return [...before, ...added];
}

/** Names of kernels, with commas between them, or the option several times. */
export function kernelNames(text: string, before: readonly string[] = []): readonly string[] {
  const names = words(text, before);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new InvalidArgumentError(`The kernel ${twice} is named twice.`);
  return names;
}

/** A folder that is there already or can be made. */
export function outputFolder(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must name a folder.');
  if (statSync(text, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new InvalidArgumentError('It is there already and is no folder.');
  }
  return text;
}

/** A switch that is set by an environment variable: 1 or true, 0 or false; undefined where it is not set or empty. */
export function environmentSwitch(command: Command, name: string): boolean | undefined {
  const value = process.env[name] ?? '';
  if (value === '') return undefined;
  if (/^(1|true)$/i.test(value)) return true;
  if (/^(0|false)$/i.test(value)) return false;
  return command.error(
    `error: the environment variable ${name} has the value '${value}'. It must be 1 or true, 0 or false.`,
  );
}
