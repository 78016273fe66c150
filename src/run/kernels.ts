import { release } from 'node:os';
import { join, resolve } from 'node:path';
import { AUTO, HOST } from '../model/settings.js';
import { auto } from './auto.js';
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

/** Names that do not go together. */
export class KernelNamesError extends Error {
  override name = 'KernelNamesError';
}

/**
 * The kernels of those names, all of them ready to be used.
 *
 * @param onFetch hears of a release that is about to be fetched
 * @throws GuestError where one cannot be had, KernelNamesError where two are the same, or `auto` is one of several
 */
export async function kernelChoices(
  names: readonly string[],
  onFetch: (release: string) => void = () => {},
): Promise<readonly KernelChoice[]> {
  if (names.length > 1 && names.includes(AUTO))
    throw new KernelNamesError(`${AUTO} chooses a kernel for each scenario: it cannot stand beside another`);
  const choices: KernelChoice[] = [];
  for (const name of names) {
    const choice = await kernelChoice(name, onFetch);
    const same = choices.find((other) => other.release === choice.release);
    if (same !== undefined) throw new KernelNamesError(sameText(same, choice));
    choices.push(choice);
  }
  return choices;
}

async function kernelChoice(name: string, onFetch: (release: string) => void): Promise<KernelChoice> {
  if (name === HOST) return THIS_KERNEL;
  return name === AUTO ? thisAndNewest(onFetch) : guestKernel(name, onFetch);
}

function sameText(first: KernelChoice, again: KernelChoice): string {
  if (first.label === again.label) return `the kernel ${first.label} is named twice`;
  return `${first.label} and ${again.label} are the same kernel, ${first.release}: name one of them`;
}

/** This machine, and for what it lacks the newest kernel there is. */
function thisAndNewest(onFetch: (release: string) => void): KernelChoice {
  const findKernel = async (signal: AbortSignal) => {
    const { newestKernel } = await import('../guest/cache.js');
    return newestKernel({ onFetch, signal });
  };
  return {
    label: AUTO,
    release: release(),
    place: ({ cwd, isNeeded }) =>
      auto(here(isNeeded), findKernel, (kernel) => guests(kernel, { cwd, consoles: 'guests', kernels: 1 })),
  };
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
