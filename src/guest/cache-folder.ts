import { join } from 'node:path';
import { cacheFolder as cache } from '../system/cache-folder.js';
import { GuestError } from './kernel.js';

/**
 * Where kernels that were fetched are kept, and what was found out about guests.
 *
 * @throws GuestError where the user has no home
 */
export function cacheFolder(): string {
  const folder = cache();
  if (folder !== null) return join(folder, 'kernels');
  throw new GuestError(
    'there is no folder for kernels: this user has no home',
    'Set XDG_CACHE_HOME to the absolute path of a folder.',
  );
}
