import { release } from 'node:os';
import { join, resolve } from 'node:path';
import { HOST } from '../model/settings.js';
import { guests } from './guests.js';
import { here } from './here.js';
import type { Place } from './place.js';

/** A kernel that a run was asked for. */
export interface KernelChoice {
  /** As the user named it. */
  readonly label: string;
  /** What `uname -r` says on it. */
  readonly release: string;
  readonly place: (options: PlaceOptions) => Place;
}

/** What a place depends on beside its kernel. */
export interface PlaceOptions {
  readonly cwd: string;
  /** Whether there is anything to carry out. */
  readonly isNeeded: boolean;
  /** The names of all kernels of the run. */
  readonly labels: readonly string[];
}

/** No virtual machine at all. */
export const THIS_KERNEL: KernelChoice = {
  label: HOST,
  release: release(),
  place: ({ isNeeded }) => here(isNeeded),
};

/** Two names stand for one kernel, so that there is nothing to compare. */
export class SameKernelError extends Error {
  override name = 'SameKernelError';
}

/**
 * The kernels of those names, all of them ready to be used.
 *
 * @param onFetch hears of a release that is about to be fetched
 * @throws GuestError where one cannot be had, SameKernelError where two are the same
 */
export async function kernelChoices(
  names: readonly string[],
  onFetch: (release: string) => void = () => {},
): Promise<readonly KernelChoice[]> {
  const choices: KernelChoice[] = [];
  for (const name of names) {
    const choice = name === HOST ? THIS_KERNEL : await guestKernel(name, onFetch);
    const same = choices.find((other) => other.release === choice.release);
    if (same !== undefined) throw new SameKernelError(sameText(same, choice));
    choices.push(choice);
  }
  return choices;
}

function sameText(first: KernelChoice, again: KernelChoice): string {
  if (first.label === again.label) return `the kernel ${first.label} is named twice`;
  return `${first.label} and ${again.label} are the same kernel, ${first.release}: name one of them`;
}

async function guestKernel(name: string, onFetch: (release: string) => void): Promise<KernelChoice> {
  const { kernelOf } = await import('../guest/cache.js');
  const kernel = await kernelOf(name, { onFetch });
  const label = labelOf(name);
  return {
    label,
    release: kernel.release,
    place: ({ cwd, labels }) => {
      const consoles = labels.length === 1 ? 'guests' : join('guests', label);
      return guests(kernel, { cwd, consoles, kernels: labels.filter((each) => each !== HOST).length });
    },
  };
}

/** Names of scenarios end in it, and so do folders, which must not lead out of that of the results. */
function labelOf(name: string): string {
  return name.split('/').includes('..') ? resolve(name) : name;
}
