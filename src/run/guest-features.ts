import { setTimeout as delay } from 'node:timers/promises';
import { bestAcceleration } from '../guest/acceleration.js';
import { kernelOf } from '../guest/cache.js';
import { bootGuest } from '../guest/guest.js';
import { GuestError, type Kernel } from '../guest/kernel.js';
import type { FromGuest } from '../guest/messages.js';
import { rememberedFeatures, rememberFeatures } from '../guest/remembered.js';
import { attemptsDigest, type FeatureAttempt, NO_ANSWER } from '../system/kernel-features.js';
import { INSIDE_COMMAND } from './guests.js';
import type { TriedKernel } from './suite.js';

/** From the guest's first word: a second or two, more on a machine that is busy, and more than each attempt may take. */
const ANSWER_MS = 90_000;

/**
 * What a kernel of the cache can do, tried in a guest as on this machine, once, and remembered beside the kernel. Never
 * rejects for what is wrong with a kernel or a guest: that is its complaint. Takes some seconds, three and a half minutes at most.
 *
 * @param onBoot hears of a guest that is about to be booted
 */
export async function triedKernel(
  release: string,
  cwd: string,
  onBoot: (release: string) => void,
): Promise<TriedKernel> {
  try {
    const kernel = await kernelOf(release);
    const digest = attemptsDigest();
    const known = await rememberedFeatures(release, digest);
    if (known !== null) return { release, complaint: null, features: known };
    onBoot(release);
    const attempts = await triedInGuest(kernel, cwd);
    if (attempts.every(({ complaint }) => complaint !== NO_ANSWER))
      await rememberFeatures(release, { digest, attempts });
    return { release, complaint: null, features: attempts };
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    return { release, complaint: error.message, features: [] };
  }
}

async function triedInGuest(kernel: Kernel, cwd: string): Promise<readonly FeatureAttempt[]> {
  let hear = (_message: FromGuest) => {};
  const answer = new Promise<FromGuest>((resolve) => {
    hear = resolve;
  });
  const closing = new AbortController();
  const guest = await bootGuest(
    {
      ...{ kernel, cwd, command: INSIDE_COMMAND, environment: {}, output: null, console: null },
      acceleration: await bestAcceleration(kernel),
      onMessage: (message) => {
        if (message.type === 'features' || message.type === 'failed') hear(message);
      },
    },
    closing.signal,
  );
  try {
    guest.send({ type: 'features', number: 1 });
    const late = delay(ANSWER_MS, null, { signal: closing.signal }).catch(() => null);
    const said = await Promise.race([answer, guest.ended, late]);
    if (said instanceof GuestError) throw said;
    if (said?.type === 'features') return said.attempts;
    const complaint = said?.type === 'failed' ? said.message : `no answer within ${ANSWER_MS / 1000} s`;
    throw new GuestError(`the virtual machine with ${kernel.release} cannot make labs: ${complaint}`);
  } finally {
    closing.abort();
    await guest.close();
  }
}
