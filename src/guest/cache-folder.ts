import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where kernels that were fetched are kept, and what was found out about guests; XDG Base Directory Specification. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'replypath/kernels');
}
