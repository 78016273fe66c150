import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import type { DiagnosticCode } from '../format/codes.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { diagnosticOf, type Source } from './source.js';
import { parseTree, type Tree } from './tree.js';

/** A file as read: without a tree where it could not be. */
export interface LoadedFile {
  readonly file: string;
  readonly path: string;
  readonly tree: Tree | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Bytes. Nobody writes a scenario of this size; a capture or a disk image is. */
const MAXIMUM_SIZE = 1_000_000;

/** Reads and parses one file. What is wrong with it is a diagnostic, never an exception. */
export async function readYaml(path: string, cwd: string): Promise<LoadedFile> {
  const file = displayName(path, cwd);
  const fault = (code: DiagnosticCode, message: string, hint: string): LoadedFile => ({
    file,
    path,
    tree: null,
    diagnostics: [diagnosticOf(file, code, message, hint)],
  });
  let bytes: Buffer;
  try {
    const { size } = await stat(path);
    if (size > MAXIMUM_SIZE) {
      return fault(
        'file-too-large',
        `the file has ${size} bytes, more than ${MAXIMUM_SIZE}`,
        'Name a scenario file.',
      );
    }
    bytes = await readFile(path);
  } catch (error) {
    return fault(
      'unreadable-file',
      `cannot read the file: ${reasonOf(error)}`,
      'Check the path and its permissions.',
    );
  }
  const text = decode(bytes);
  if (text === null) return fault('not-text', 'the file is not UTF-8 text', 'Save it as UTF-8.');
  const source: Source = { file, path, text };
  return { file, path, ...parseTree(source) };
}

/** The text of UTF-8 bytes, without a byte order mark; null for anything else. */
function decode(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

/** A path as people know it: relative where it is below the working directory. */
function displayName(path: string, cwd: string): string {
  const name = relative(cwd, path);
  return name === '' || name.startsWith('..') || isAbsolute(name) ? path : name;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links go in a circle',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}
