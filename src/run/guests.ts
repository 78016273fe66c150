import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bestAcceleration } from '../guest/acceleration.js';
import { bootGuest, type Guest } from '../guest/guest.js';
import { GuestError, type Kernel } from '../guest/kernel.js';
import type { FromGuest } from '../guest/messages.js';
import type { Acceleration } from '../guest/qemu.js';
import type { ScenarioResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import type { CarryOutOptions, Place } from './place.js';
import { reasonOf } from './reason.js';
import { resultOf } from './scenario.js';

/** The program in a guest, beside this file wherever it was compiled or bundled to. */
const INSIDE = fileURLToPath(new URL('./inside.js', import.meta.url));

export const INSIDE_COMMAND = [process.execPath, INSIDE] as const;

/** While one lab waits for answers, the guest's one processor has another to build. */
const LABS_PER_GUEST = 2;

type Answer = Extract<FromGuest, { type: 'result' | 'failed' }>;

export interface GuestsOptions {
  readonly cwd: string;
  /** Folder for their consoles, in that of the results. */
  readonly consoles: string;
  /** How many kernels have guests: they share the cores. */
  readonly kernels: number;
}

/** Virtual machines with another kernel, booted when there is something for them to do. */
export function guests(kernel: Kernel, { cwd, consoles, kernels }: GuestsOptions): Place {
  let found: Promise<Acceleration> | null = null;
  const acceleration = () => {
    found ??= bestAcceleration(kernel);
    return found;
  };
  const count = Math.max(1, Math.floor(availableParallelism() / kernels));
  const positions = Array.from({ length: count }, (_, index) => index + 1);
  let first: GuestError | null = null;
  const isFirstDeath = (death: GuestError) => {
    first ??= death;
    return first === death;
  };
  const slots = positions.map(
    (position) => new Slot({ kernel, cwd, consoles, position, acceleration, isFirstDeath }),
  );
  return {
    environment: (machine) => ({ ...machine, kernel: kernel.release, rootless: false }),
    missingTools: [],
    parallel: slots.length * LABS_PER_GUEST,
    carryOut: (scenario, options) => {
      const slot = slots.reduce((least, each) => (each.load < least.load ? each : least));
      return slot.carryOut(scenario, options);
    },
    close: async () => {
      await Promise.all(slots.map((slot) => slot.close()));
    },
  };
}

interface SlotOptions {
  readonly kernel: Kernel;
  readonly cwd: string;
  readonly consoles: string;
  /** From 1, for the names of its consoles' files. */
  readonly position: number;
  readonly acceleration: () => Promise<Acceleration>;
  /** Whether no guest of the run died before: an emulated one may by chance, but hardly twice. */
  readonly isFirstDeath: (death: GuestError) => boolean;
}

/** A guest died at work, which is not for want of a kernel or of memory for it. */
class Death {
  constructor(readonly error: GuestError) {}
}

/** A guest, booted when it is first asked, and again after it has ended. */
class Slot {
  /** Scenarios that it has been given and that have not ended. */
  load = 0;
  #guest: Promise<Guest> | null = null;
  #number = 0;
  #boots = 0;
  readonly #closing = new AbortController();
  readonly #answers = new Map<number, (answer: Answer) => void>();

  constructor(private readonly options: SlotOptions) {}

  async carryOut(scenario: Scenario, options: CarryOutOptions): Promise<ScenarioResult> {
    const begin = performance.now();
    const startedAt = new Date().toISOString();
    this.load++;
    try {
      return await this.#ask(scenario, options);
    } catch (thrown) {
      const error = thrown instanceof Death ? thrown.error : thrown;
      const { aborted } = options.signal;
      const reason = aborted
        ? reasonOf('interrupted')
        : error instanceof GuestError
          ? reasonOf('lab-not-built', error.message)
          : reasonOf('internal-error', String(error));
      const durationMs = performance.now() - begin;
      const kernel = this.options.kernel.release;
      const result = resultOf(scenario, {
        ...{ kernel, reason, startedAt, durationMs, artifacts: null, steps: [] },
      });
      const isForgiven = !aborted && thrown instanceof Death && this.options.isFirstDeath(thrown.error);
      return isForgiven ? { ...result, guestDied: thrown.error.message } : result;
    } finally {
      this.load--;
    }
  }

  async #ask(scenario: Scenario, { attempt, capture, explained, artifacts, signal }: CarryOutOptions) {
    const output = artifacts?.path ?? null;
    const states = artifacts?.states ?? 'none';
    this.#guest ??= this.#boot(output, AbortSignal.any([signal, this.#closing.signal]));
    const guest = await this.#guest;
    const number = ++this.#number;
    const answer = new Promise<Answer>((resolve) => this.#answers.set(number, resolve));
    guest.send({ type: 'scenario', number, scenario, attempt, capture, explained, output, states });
    const said = await Promise.race([answer, guest.ended]);
    this.#answers.delete(number);
    if (said instanceof GuestError) throw new Death(said);
    if (said.type === 'failed') throw new Error(said.message);
    return said.result;
  }

  async #boot(output: string | null, signal: AbortSignal): Promise<Guest> {
    const { kernel, cwd, consoles, position, acceleration } = this.options;
    this.#boots++;
    // What an earlier one said is kept.
    const name = this.#boots === 1 ? `${position}.console` : `${position}-${this.#boots}.console`;
    const guest = await bootGuest(
      {
        kernel,
        command: INSIDE_COMMAND,
        cwd,
        environment: callersOwn(),
        output,
        acceleration: await acceleration(),
        console: output === null ? null : join(output, consoles, name),
        onMessage: (message) => {
          if (message.type === 'result' || message.type === 'failed')
            this.#answers.get(message.number)?.(message);
        },
      },
      signal,
    );
    // The next scenario finds another one; where none has ever booted, none will.
    void guest.ended.then(() => {
      this.#guest = null;
    });
    return guest;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const guest = await this.#guest?.catch(() => null);
    await guest?.close();
  }
}

/** So that what is written in a guest belongs to the user who called, as it would here. */
function callersOwn(): Record<string, string> {
  const { SUDO_UID, SUDO_GID } = process.env;
  const names = { SUDO_UID, SUDO_GID, REPLYPATH_DEBUG: process.env.REPLYPATH_DEBUG };
  return Object.fromEntries(
    Object.entries(names).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
