import { readFileSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

interface NotedSandbox {
  /** Its PID namespace, as readlink(2) shows it. The kernel gives the number to another as soon as it is free. */
  readonly namespace: string;
  /** When it was ended, in clock ticks since boot: whatever began later is another's. Infinity until then. */
  ended: number;
}

/** The sandboxes that this process has started, by the process that made them (unshare(1)). */
const sandboxes = new Map<number, NotedSandbox>();

/** Ticks in a second in what proc(5) shows to programs. */
const TICKS = 100;

/** What a killed process may take to go, on a machine that is busy with other things. */
const PATIENCE_MS = 10_000;
const INTERVAL_MS = 10;

/** Notes a sandbox by the process that made it. */
export async function noteSandbox(pid: number): Promise<void> {
  const namespace = await readlink(`/proc/${pid}/ns/pid_for_children`).catch(() => null);
  if (namespace !== null) sandboxes.set(pid, { namespace, ended: Number.POSITIVE_INFINITY });
}

/** To be called just before a sandbox is killed. */
export function noteEnd(pid: number): void {
  const sandbox = sandboxes.get(pid);
  if (sandbox === undefined || sandbox.ended !== Number.POSITIVE_INFINITY) return;
  sandbox.ended = Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * TICKS;
}

/**
 * The processes of closed sandboxes that are still there, as `pid 123`. Without processes the kernel
 * removes the namespaces, interfaces and mounts that were theirs.
 */
export async function findLeftovers(): Promise<string[]> {
  if (sandboxes.size === 0) return [];
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
  const ended = [...sandboxes.values()]
    .filter((each) => each.namespace === namespace)
    .map((each) => each.ended);
  if (ended.length === 0) return false;
  // State and start time are the 1st and the 20th field behind the program's name: proc(5).
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [state = 'X', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return !/[ZX]/.test(state || 'X') && Number(fields[18]) <= Math.max(...ended);
}
