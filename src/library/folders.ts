import { join, resolve } from 'node:path';
import type { LoadOptions } from '../load/load.js';
import { packageFolder } from '../system/package-folder.js';

/** Where a caller's paths and names are looked for: as the command does it. */
export function loadOptions(cwd: string | undefined): LoadOptions & { readonly labDirs: readonly string[] } {
  const folder = resolve(cwd ?? process.cwd());
  return { cwd: folder, labDirs: [join(folder, 'lab'), join(packageFolder(), 'lab')] };
}
