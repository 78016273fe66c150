import { EXIT } from './exit-code.js';
import { tell } from './streams.js';

/** Ends at once, without a word to the sandbox: it is tied to the life of this process. */
export function crash(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  tell(`${message}\nThis is a bug in replypath, not in your scenario. ${advice()}`);
  if (process.env.REPLYPATH_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(EXIT.bug);
}

function advice(): string {
  return process.env.REPLYPATH_DEBUG
    ? 'Please report it with what follows.'
    : 'Set REPLYPATH_DEBUG=1 to see where it happened, and please report it.';
}
