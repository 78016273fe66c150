import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import type { DiagnosticCode } from '../format/codes.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { diagnosticAt, diagnosticOf, type Source } from './source.js';
import { decode } from './text.js';
import type { Tree } from './tree.js';
import { parseTree } from './yaml.js';

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
  const unread = (diagnostic: Diagnostic): LoadedFile => ({
    file,
    path,
    tree: null,
    diagnostics: [diagnostic],
  });
  const fault = (code: DiagnosticCode, message: string, hint: string) =>
    unread(diagnosticOf(file, code, message, hint));
  let bytes: Buffer;
  try {
    bytes = await readAtMost(path, MAXIMUM_SIZE + 1);
  } catch (error) {
    const [reason, hint] = reasonOf(error);
    return fault('unreadable-file', `cannot read the file: ${reason}`, hint);
  }
  if (bytes.length > MAXIMUM_SIZE) {
    return fault(
      'file-too-large',
      `the file has more than ${MAXIMUM_SIZE} bytes`,
      'Name a scenario file; what is generated can stand in several policy files.',
    );
  }
  const { text, fault: foreign } = decode(bytes);
  const source: Source = { file, path, text };
  if (foreign !== null) {
    return unread(
      diagnosticAt({ source, offset: foreign.offset }, 'not-text', foreign.message, foreign.hint),
    );
  }
  return { file, path, ...parseTree(source) };
}

/** Raised and caught in this file only. */
class NoFile extends Error {}

/**
 * The beginning of a regular file. Others are not waited for: without O_NONBLOCK a FIFO would be opened
 * only when somebody writes into it, and some files of /proc read for ever, open(2).
 */
async function readAtMost(path: string, size: number): Promise<Buffer> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const info = await handle.stat();
    if (info.isDirectory()) throw new NoFile('it is a folder');
    if (!info.isFile()) throw new NoFile('it is a pipe or a device');
    const buffer = Buffer.allocUnsafe(size);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length);
    }
  } finally {
    await handle.close();
  }
}

/** A path as people know it: relative where it is below the working directory. */
function displayName(path: string, cwd: string): string {
  const name = relative(cwd, path);
  return name === '' || name.startsWith('..') || isAbsolute(name) ? path : name;
}

const REASONS: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ENOENT: ['there is no such file', 'Check the path: the file may just have been moved or deleted.'],
  EACCES: ['permission denied', 'Give yourself the right to read it: chmod u+r, and u+x for its folders.'],
  ELOOP: ['its symbolic links go in a circle', 'Point the link at a file.'],
  ENXIO: ['it is a socket', 'Name a file.'],
  EISDIR: ['it is a folder', 'Name a file in it.'],
  ENOTDIR: ['what stands before a / in its path is no folder', 'Correct the path.'],
  ENAMETOOLONG: ['its name is too long', 'Rename it.'],
};

function reasonOf(error: unknown): readonly [reason: string, hint: string] {
  if (error instanceof NoFile) return [error.message, 'Name a file: scenarios are not read from elsewhere.'];
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  return REASONS[code] ?? [message, 'Check the path and its permissions.'];
}
