import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where tools are looked for, inside and outside of labs: a user's own PATH often lacks the sbin folders. */
export const FIXED_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The absolute path of a tool in {@link FIXED_PATH}, or null where there is none; starts no process. */
export function findTool(name: string): string | null {
  for (const folder of FIXED_PATH.split(':')) {
    const path = join(folder, name);
    if (isExecutableFile(path)) return path;
  }
  return null;
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
