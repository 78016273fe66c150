import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FeatureAttempt } from '../system/kernel-features.js';
import { cacheFolder } from './cache-folder.js';

/** Beside a kernel: what it can do in a virtual machine on this one. */
const FILE = 'features.json';

interface Memory {
  /** What that depends on beside the kernel. */
  readonly digest: string;
  readonly attempts: readonly FeatureAttempt[];
}

/** What was found out about a kernel of the cache, if that still counts; else null. */
export async function rememberedFeatures(
  release: string,
  digest: string,
  folder = cacheFolder(),
): Promise<readonly FeatureAttempt[] | null> {
  try {
    const memory: Memory = JSON.parse(await readFile(join(folder, release, FILE), 'utf8'));
    return memory.digest === digest && Array.isArray(memory.attempts) ? memory.attempts : null;
  } catch {
    return null;
  }
}

/** Where it cannot be written, it is found out again. */
export async function rememberFeatures(
  release: string,
  { digest, attempts }: Memory,
  folder = cacheFolder(),
): Promise<void> {
  const file = join(folder, release, FILE);
  const whole = `${file}.${process.pid}`;
  try {
    await writeFile(whole, JSON.stringify({ digest, attempts }, null, 2));
    await rename(whole, file);
  } catch {
    await rm(whole, { force: true }).catch(() => {});
  }
}
