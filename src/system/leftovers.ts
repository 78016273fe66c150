import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** First processes of the sandboxes that this process has closed and not yet seen gone: number and start time. */
const closed = new Map<number, string>();

/** What a killed process may take to go, on a machine that is busy with other things. */
const PATIENCE_MS = 10_000;
const INTERVAL_MS = 10;

/** Has a sandbox looked after from when it is closed. Gives what says that it is; `pid` is of its first process. */
export async function watchProcess(pid: number): Promise<() => void> {
  const start = await startTime(pid);
  return () => {
    if (start !== null) closed.set(pid, start);
  };
}

/**
 * The sandboxes that were closed and are still there, as `pid 123`. The first process of a PID namespace
 * ends last: before it is a zombie the kernel has killed and awaited every other, those of PID namespaces
 * below included (pid_namespaces(7)); and without processes their namespaces, interfaces and mounts go.
 */
export async function findLeftovers(): Promise<string[]> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    for (const [pid, start] of closed) if ((await startTime(pid)) !== start) closed.delete(pid);
    const left = [...closed.keys()].map((pid) => `pid ${pid}`);
    if (left.length === 0 || performance.now() > deadline) return left;
    await delay(INTERVAL_MS);
  }
}

/** When a process began, in clock ticks since boot; null where there is none, or only its zombie: proc(5). */
async function startTime(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // State and start time are the 1st and the 20th field behind the program's name.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat === '' || /[ZX]/.test(fields[0] ?? 'X') ? null : (fields[19] ?? null);
}
