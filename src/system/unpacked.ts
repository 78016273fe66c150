import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.js';
import { findTool } from './path.js';

/**
 * Where a Debian package lies unpacked that is not to be installed, as `scripts/run` leaves it: a folder to be laid over
 * /usr. Null where the machine has the program itself.
 */
export function unpackedPackage(name: string, program: string): string | null {
  if (findTool(program) !== null) return null;
  const cache = cacheFolder();
  return cache === null ? null : join(cache, 'packages', name, 'usr');
}

/** Whether a program of such a package can be run in a node. */
export function hasUnpacked(name: string, program: string): boolean {
  const folder = unpackedPackage(name, program);
  return findTool(program) !== null || (folder !== null && existsSync(join(folder, 'sbin', program)));
}
