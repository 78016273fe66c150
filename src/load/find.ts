import { stat } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import type { Diagnostic } from '../model/diagnostic.js';
import { diagnosticOf } from './source.js';

const SUFFIX = /\.ya?ml$/i;

/** Absolute paths of the scenario files that paths, folders and patterns name, each once, sorted within each. */
export async function findFiles(
  paths: readonly string[],
  cwd: string,
): Promise<{ files: string[]; diagnostics: Diagnostic[] }> {
  const files = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  for (const path of paths) {
    const found = await findOne(path, cwd);
    if (found.length === 0) {
      const hint = 'Name scenario files, folders that hold some (*.yaml, *.yml), or patterns in quotes.';
      diagnostics.push(diagnosticOf(path, 'no-such-file', `no scenario file is found at ${path}`, hint));
    }
    for (const file of found) files.add(file);
  }
  return { files: [...files], diagnostics };
}

async function findOne(path: string, cwd: string): Promise<string[]> {
  const absolute = resolve(cwd, path);
  const info = await stat(absolute).catch(() => null);
  if (info?.isDirectory()) return matching('**/*.{yaml,yml}', absolute);
  if (info !== null) return [absolute];
  return isDynamicPattern(path) ? (await matching(path, cwd)).filter((file) => SUFFIX.test(file)) : [];
}

async function matching(pattern: string, cwd: string): Promise<string[]> {
  const files = await glob(pattern, {
    cwd,
    absolute: true,
    ignore: ['**/node_modules/**'],
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
