import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** PID namespaces of the sandboxes that this process has started. */
const namespaces = new Set<string>();

/** What a killed process may take to go, on a machine that is busy with other things. */
const PATIENCE_MS = 10_000;
const INTERVAL_MS = 10;

/** Notes the PID namespace of a sandbox, by the process that made it (unshare(1)). */
export async function noteSandbox(pid: number): Promise<void> {
  const namespace = await readlink(`/proc/${pid}/ns/pid_for_children`).catch(() => null);
  if (namespace !== null) namespaces.add(namespace);
}

/**
 * The processes of closed sandboxes that are still there, as `pid 123`. Without processes the kernel
 * removes the namespaces, interfaces and mounts that were theirs.
 */
export async function findLeftovers(): Promise<string[]> {
  if (namespaces.size === 0) return [];
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const ours = await Promise.all(pids.map(isOurs));
    const left = pids.filter((_, i) => ours[i]);
    if (left.length === 0 || performance.now() > deadline) return left.map((pid) => `pid ${pid}`);
    await delay(INTERVAL_MS);
  }
}

/** A zombie has ended; when it is reaped is up to the machine's init. */
async function isOurs(pid: string): Promise<boolean> {
  const namespace = await readlink(`/proc/${pid}/ns/pid`).catch(() => '');
  if (!namespaces.has(namespace)) return false;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
}
