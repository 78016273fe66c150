import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';

/** Tuples that are sent at the same time: more than that, and a capture's buffer may not hold their packets. */
const AT_ONCE = 16;

/** A tuple that has no answer by then is waited for beside the others. */
const HEADWAY_MS = 20;

/** Sockets of one node, well below what a process may have open. */
const OPEN = 400;

/** Calls `send` for one tuple after the other, as fast as answers come; those without one hold up nobody for long. */
export class Pace {
  readonly #beginning = pLimit(AT_ONCE);
  readonly #open = pLimit(OPEN);

  async run<T>(send: () => Promise<T>): Promise<T> {
    return this.#open(async () => {
      const sent = await this.#beginning(async () => {
        const outcome = send();
        await Promise.race([outcome, delay(HEADWAY_MS, undefined, { ref: false })]);
        return { outcome };
      });
      return sent.outcome;
    });
  }
}
