import { access, constants, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheFolder } from './cache-folder.js';
import { FIRST_WORDS } from './initrd.js';
import type { Kernel } from './kernel.js';
import { type Acceleration, startQemu } from './qemu.js';

/** With acceleration the first word takes less than a second, or it never comes. */
const PATIENCE_MS = 10_000;

/** Another one after each boot of this machine, proc_sys_kernel(5). */
const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/**
 * How guests are run on this machine: by its processor, where one was seen to boot so, for /dev/kvm may be there and
 * not do. Tried once after each boot of this machine, in up to ten seconds, and remembered in the cache.
 */
export async function bestAcceleration(kernel: Kernel): Promise<Acceleration> {
  const known = await knownAcceleration();
  if (known !== null) return known;
  const found = (await boots(kernel)) ? 'kvm' : 'tcg';
  // It is tried again where it cannot be remembered.
  await remember(`${await bootId()} ${found}\n`).catch(() => {});
  return found;
}

/** The same without trying: null where it has not been tried since this machine's boot. */
export async function knownAcceleration(): Promise<Acceleration | null> {
  if (!(await mayOpenKvm())) return 'tcg';
  const [boot, known] = (await remembered().catch(() => '')).trim().split(' ');
  return boot === (await bootId()) && (known === 'kvm' || known === 'tcg') ? known : null;
}

const memoryFile = () => join(cacheFolder(), 'acceleration');

// There may be no folder for it, which is an error of these two alone.
async function remembered(): Promise<string> {
  return readFile(memoryFile(), 'utf8');
}

async function remember(text: string): Promise<void> {
  await writeFile(memoryFile(), text);
}

async function bootId(): Promise<string> {
  return (await readFile(BOOT_ID, 'utf8').catch(() => '')).trim();
}

/** Whether /dev/kvm is there, and this user may use it. */
export async function mayOpenKvm(): Promise<boolean> {
  return access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** Whether a guest with acceleration says its first words. */
async function boots(kernel: Kernel): Promise<boolean> {
  const qemu = await startQemu({ kernel, acceleration: 'kvm', output: null }, Buffer.alloc(0));
  const begun = new Promise<boolean>((resolve) => {
    let shown = '';
    for (const stream of qemu.console) {
      stream.on('data', (chunk: Buffer) => {
        shown += chunk.toString('latin1');
        if (shown.includes(FIRST_WORDS)) resolve(true);
      });
    }
  });
  const timeout = new AbortController();
  const answers = [
    begun,
    qemu.ended,
    delay(PATIENCE_MS, undefined, { signal: timeout.signal }).catch(() => {}),
  ];
  const answer = await Promise.race(answers);
  timeout.abort();
  qemu.kill();
  await qemu.ended;
  return answer === true;
}
