import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where replypath keeps what it fetched or found out, of this user; XDG Base Directory Specification. Null where that user has no home. */
export function cacheFolder(): string | null {
  const caches = [process.env.XDG_CACHE_HOME ?? '', join(home(), '.cache')].find(isAbsolute);
  return caches === undefined ? null : join(caches, 'replypath');
}

/** Empty where there is none: HOME is unset, and the user is in no list of users. */
function home(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
}
