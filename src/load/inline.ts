import { join } from 'node:path';
import { stringify } from 'yaml';
import type { LoadedFile } from './read.js';
import { diagnosticOf } from './source.js';
import { parseTree } from './yaml.js';

/** In place of a file's name. */
export const INLINE = '<inline>';

/**
 * A value as the file that would hold it: its faults have the lines of that file, and what it names is
 * looked for from the working directory.
 */
export function inlineFile(value: unknown, cwd: string): LoadedFile {
  const path = join(cwd, INLINE);
  try {
    const text = stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 }) ?? '';
    return { file: INLINE, path, ...parseTree({ file: INLINE, path, text }) };
  } catch (error) {
    // Writing recurses, and a value that contains itself has no end.
    if (!(error instanceof RangeError)) throw error;
    const message = 'the values are nested too deeply, or one contains itself';
    return {
      file: INLINE,
      path,
      tree: null,
      diagnostics: [diagnosticOf(INLINE, 'yaml-syntax', message, 'Flatten them.')],
    };
  }
}
