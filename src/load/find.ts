import { lstat, readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import type { Diagnostic } from '../model/diagnostic.js';
import { pathWithLine } from './path-with-line.js';
import { diagnosticOf } from './source.js';

const SUFFIX = /\.ya?ml$/i;
const IGNORED = ['**/node_modules/**'];

/** A scenario file that is named by a path, a folder or a pattern. */
export interface FoundFile {
  /** Absolute. */
  readonly path: string;
  /** The lines at which it is named (`file:line`), each with the path as given; null where as a whole. */
  readonly lines: readonly NamedLine[] | null;
}

export interface NamedLine {
  readonly line: number;
  readonly given: string;
}

/** The scenario files that paths, folders and patterns name, each once, sorted within each. */
export async function findFiles(
  paths: readonly string[],
  cwd: string,
): Promise<{ files: FoundFile[]; diagnostics: Diagnostic[] }> {
  const files = new Map<string, NamedLine[] | null>();
  const diagnostics: Diagnostic[] = [];
  for (const path of paths) {
    const { found, line } = await findOne(path, cwd);
    if (found.length === 0) {
      const hint = 'Name scenario files, folders that hold some (*.yaml, *.yml), or patterns in quotes.';
      diagnostics.push(diagnosticOf(path, 'no-such-file', `no scenario file is found at ${path}`, hint));
    }
    for (const file of found) {
      const before = files.get(file);
      const whole = line === null || before === null;
      files.set(file, whole ? null : [...(before ?? []), { line, given: path }]);
    }
  }
  return { files: [...files].map(([path, lines]) => ({ path, lines })), diagnostics };
}

/** A file whose own name ends like a line number is that file. */
async function findOne(given: string, cwd: string): Promise<{ found: string[]; line: number | null }> {
  const absolute = resolve(cwd, given);
  const info = await stat(absolute).catch(() => null);
  if (info?.isDirectory()) return { found: await scenariosBelow(absolute), line: null };
  const exists = info !== null || (await lstat(absolute).catch(() => null)) !== null;
  if (exists) return { found: [absolute], line: null };
  const { path, line } = pathWithLine(given);
  if (line !== null && (await stat(resolve(cwd, path)).catch(() => null))?.isFile())
    return { found: [resolve(cwd, path)], line };
  if (!isDynamicPattern(given)) return { found: [], line: null };
  return { found: (await matching(given, cwd)).filter((file) => SUFFIX.test(file)), line: null };
}

/** Also links that lead nowhere, which a pattern leaves out: reading says what is wrong with them. */
async function scenariosBelow(folder: string): Promise<string[]> {
  const [files, folders] = await Promise.all([
    matching('**/*.{yaml,yml}', folder),
    glob('**', { cwd: folder, absolute: true, onlyDirectories: true, ignore: IGNORED }),
  ]);
  const links = await Promise.all(
    [...new Set([folder, ...folders.map((each) => resolve(each))])].map(brokenLinks),
  );
  return [...new Set([...files, ...links.flat()])].sort();
}

async function brokenLinks(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const links = entries.filter((entry) => entry.isSymbolicLink() && SUFFIX.test(entry.name));
  const paths = links.map(({ name }) => join(folder, name));
  const broken = await Promise.all(paths.map(async (path) => (await stat(path).catch(() => null)) === null));
  return paths.filter((_, index) => broken[index]);
}

async function matching(pattern: string, cwd: string): Promise<string[]> {
  const files = await glob(pattern, {
    cwd,
    absolute: true,
    ignore: IGNORED,
    expandDirectories: false,
  });
  return files.map((file) => resolve(file)).sort();
}

/** The folder above the last `scenarios` of a path, or null. */
export function projectFolder(path: string): string | null {
  const parts = path.split(sep);
  const index = parts.lastIndexOf('scenarios', parts.length - 2);
  return index < 0 ? null : parts.slice(0, index).join(sep) || sep;
}

/**
 * Path below the nearest `scenarios/` folder, else below the working directory, without suffix. An id is
 * also a folder's name, so it never leads out of one: a file elsewhere has its whole path.
 */
export function scenarioId(path: string, cwd: string): string {
  const project = projectFolder(path);
  const from = project === null ? cwd : resolve(project, 'scenarios');
  const below = relative(path.startsWith(from.endsWith(sep) ? from : from + sep) ? from : sep, path);
  return below.split(sep).join('/').replace(SUFFIX, '');
}
