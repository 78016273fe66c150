import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { GuestError } from './kernel.js';

/**
 * Where kernels that were fetched are kept, and what was found out about guests; XDG Base Directory Specification.
 *
 * @throws GuestError where the user has no home
 */
export function cacheFolder(): string {
  const caches = [process.env.XDG_CACHE_HOME ?? '', join(home(), '.cache')].find(isAbsolute);
  if (caches !== undefined) return join(caches, 'replypath/kernels');
  throw new GuestError(
    'there is no folder for kernels: this user has no home',
    'Set XDG_CACHE_HOME to the absolute path of a folder.',
  );
}

/** Empty where there is none: HOME is unset, and the user is in no list of users. */
function home(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
}
