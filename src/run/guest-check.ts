import { knownAcceleration, mayOpenKvm } from '../guest/acceleration.js';
import { cachedReleases } from '../guest/cache.js';
import { missingPrograms } from '../guest/qemu.js';
import type { MachineCheck } from '../model/machine.js';
import { triedKernel } from './guest-features.js';
import type { TriedKernel } from './suite.js';

/** Whether virtual machines can be made here, and what each kernel of the cache can do in one. */
export interface GuestsFound {
  readonly check: MachineCheck;
  readonly kernels: readonly TriedKernel[];
}

const CHECK = { name: 'virtual machines', group: 'guests', required: false } as const;

/**
 * Looks, and boots each kernel of which that is not known yet, one after the other.
 *
 * @param onBoot hears of a guest that is about to be booted
 */
export async function checkGuests(cwd: string, onBoot: (release: string) => void): Promise<GuestsFound> {
  const missing = missingPrograms();
  if (missing !== null) {
    const { complaint: detail, remedy } = missing;
    return { check: { ...CHECK, status: 'limited', detail, remedy }, kernels: [] };
  }
  const kernels: TriedKernel[] = [];
  for (const release of await cachedReleases()) kernels.push(await triedKernel(release, cwd, onBoot));
  const detail = [await speed(), ...(kernels.length === 0 ? ['no kernel is in the cache yet'] : [])];
  return { check: { ...CHECK, status: 'ok', detail: detail.join('; '), remedy: null }, kernels };
}

async function speed(): Promise<string> {
  switch (await knownAcceleration()) {
    case 'kvm':
      return 'with hardware acceleration (kvm)';
    case 'tcg':
      return (await mayOpenKvm())
        ? 'emulated: no guest was seen to boot by /dev/kvm'
        : 'emulated: /dev/kvm is not there, or not for this user';
    default:
      return 'whether /dev/kvm does is tried with the first one';
  }
}
