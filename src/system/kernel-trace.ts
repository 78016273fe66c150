import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { isRootless } from './enter.js';
import { packageFolder } from './package-folder.js';
import { FIXED_PATH } from './path.js';

/** It reads the kernel's trace outside of the sandbox; the events of all namespaces are in one. */
const PROGRAM = join(packageFolder(), 'src/system/trace.sh');

/** What takes milliseconds, on a machine that is busy with other things. */
const PATIENCE_MS = 10_000;

/** The kernel's trace events cannot be read: why, as a sentence without a full stop. */
export class TraceError extends Error {
  override name = 'TraceError';
}

/** The kernel's trace events of the whole machine, from an instance of tracefs that is gone afterwards. */
export interface KernelTrace {
  /** What was printed of the events since it began, up to now. @throws TraceError */
  lines(): Promise<readonly string[]>;
  /** Removes the instance. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Resolves once events are being recorded. Their times are those of CLOCK_MONOTONIC.
 *
 * @param events path below `events` of tracefs, and what it is filtered by; empty for nothing
 * @throws TraceError without root, or where the machine has no tracefs
 */
export async function startKernelTrace(
  events: readonly (readonly [event: string, filter: string])[],
): Promise<KernelTrace> {
  if (isRootless()) throw new TraceError("without root the kernel's trace events cannot be read");
  const child = execa('unshare', ['--mount', '--propagation', 'private', 'sh', PROGRAM, ...events.flat()], {
    stdio: 'pipe',
    buffer: false,
    reject: false,
    env: { PATH: FIXED_PATH, LC_ALL: 'C' },
    extendEnv: false,
    // It ends with its standard input: then the instance is removed.
    cleanup: false,
  });
  child.stdin.on('error', () => {});
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const reader = createInterface({ input: child.stdout });
  const lines: string[] = [];
  const marks = new Map<string, () => void>();
  reader.on('line', (line) => {
    const mark = /tracing_mark_write: (.+)$/.exec(line)?.[1];
    if (mark === undefined) lines.push(line);
    else marks.get(mark)?.();
  });
  const marked = (mark: string) => new Promise<void>((resolve) => marks.set(mark, resolve));
  const ended = once(reader, 'close').then((): never => {
    throw new TraceError(`the kernel's trace events cannot be read: ${complaint.trim() || 'tracing ended'}`);
  });
  ended.catch(() => {});
  const close = async (): Promise<void> => {
    child.stdin.end();
    await child;
  };
  const wait = (mark: Promise<void>) => Promise.race([mark, ended, late()]);
  try {
    await wait(marked('ready'));
  } catch (error) {
    await close();
    throw error;
  }
  lines.length = 0;
  return {
    lines: async () => {
      const end = marked('end');
      child.stdin.write('end\n');
      await wait(end);
      return lines;
    },
    close,
  };
}

async function late(): Promise<never> {
  await delay(PATIENCE_MS, undefined, { ref: false });
  throw new TraceError(`the kernel's trace events did not come within ${PATIENCE_MS} ms`);
}
