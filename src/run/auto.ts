import { release } from 'node:os';
import { GuestError, type Kernel } from '../guest/kernel.js';
import { REASONS, type ScenarioResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import type { Here } from './here.js';
import type { CarryOutOptions, Place } from './place.js';
import { reasonOf } from './reason.js';
import { resultOf } from './scenario.js';

/** Finds a kernel for guests once one is wanted. @throws GuestError where none can be had */
export type FindKernel = (signal: AbortSignal) => Promise<Kernel>;

/**
 * This machine, and for what it lacks virtual machines with another kernel. These are made when something turns out
 * not to run here that may run in one; where nothing does, no kernel is looked for.
 *
 * @param findKernel called at most once
 * @param guestsOf makes the place where that kernel is
 */
export function auto(here: Here, findKernel: FindKernel, guestsOf: (kernel: Kernel) => Place): Place {
  const closing = new AbortController();
  let guests: Promise<Guests> | null = null;
  const guestsFor = (running: AbortSignal) => {
    const signal = AbortSignal.any([running, closing.signal]);
    guests ??= Promise.race([findGuests(findKernel(signal), guestsOf), aborted(signal)]);
    return guests;
  };
  return {
    environment: (machine) => here.environment(machine),
    missingTools: here.missingTools,
    parallel: here.parallel,
    carryOut: async (scenario, options) => {
      const begin = performance.now();
      const skipped = await here.carryOut(scenario, options);
      if (skipped.reason?.code !== 'feature-missing') return skipped;
      try {
        // A guest has the files of this machine.
        if ((await here.lacks(scenario)).some(({ isProgram }) => isProgram)) return skipped;
        return await inGuest(scenario, options, skipped, await guestsFor(options.signal));
      } catch (error) {
        const reason = options.signal.aborted
          ? reasonOf('interrupted')
          : reasonOf('internal-error', String(error));
        const durationMs = performance.now() - begin;
        const { kernel = release(), startedAt } = skipped;
        return resultOf(scenario, { kernel, reason, startedAt, durationMs, artifacts: null, steps: [] });
      }
    },
    close: async () => {
      closing.abort();
      const made = await guests?.catch(() => null);
      await Promise.all([here.close(), made && 'place' in made ? made.place.close() : null]);
    },
  };
}

/** The guests, or why there are none. */
type Guests = { readonly kernel: Kernel; readonly place: Place } | { readonly complaint: string };

async function findGuests(kernel: Promise<Kernel>, guestsOf: (kernel: Kernel) => Place): Promise<Guests> {
  try {
    return { kernel: await kernel, place: guestsOf(await kernel) };
  } catch (error) {
    if (error instanceof GuestError) return { complaint: error.message };
    throw error;
  }
}

/** Carried out in a guest; skipped with the reasons of both where that is no help. */
async function inGuest(
  scenario: Scenario,
  options: CarryOutOptions,
  skipped: ScenarioResult,
  guests: Guests,
): Promise<ScenarioResult> {
  const here = detailOf(skipped);
  if ('complaint' in guests)
    return { ...skipped, reason: reasonOf('feature-missing', `${here}; ${guests.complaint}`) };
  const result = await guests.place.carryOut(scenario, options);
  if (result.reason?.code !== 'feature-missing') return result;
  const there = `in a virtual machine with ${guests.kernel.release}: ${detailOf(result)}`;
  return { ...result, reason: reasonOf('feature-missing', `${here}; ${there}`) };
}

function detailOf({ reason }: ScenarioResult): string {
  return (reason?.text ?? '').replace(`${REASONS['feature-missing']}: `, '');
}

/** Rejects once the signal is aborted: whatever looks for a kernel, the run does not wait for it. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
