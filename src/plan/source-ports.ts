/** Below the range that the kernel picks from by itself (32768 to 60999), so that the two never meet. */
const FIRST = 20_000;
const LAST = 32_767;

/** Ports of single flows are below, as long as there are any; those of tuples are drawn from here on. */
const FIRST_DRAWN = 22_000;

/**
 * Source ports that no other flow of a lab had: state that an earlier flow left (connection tracking, TIME-WAIT)
 * cannot answer for it. Only where all have been given do they begin anew.
 */
export class SourcePorts {
  readonly #taken = new Set<number>();
  #next = FIRST;

  next(): number {
    while (this.#taken.has(this.#next)) this.#next++;
    if (this.#next > LAST) {
      this.#taken.clear();
      this.#next = FIRST;
    }
    return this.#take(this.#next++);
  }

  /** So many, in an order that the seed decides. */
  draw(count: number, seed: number): number[] {
    let free = this.#free();
    if (free.length < count) {
      this.#taken.clear();
      free = this.#free();
    }
    const random = mulberry32(seed);
    // The beginning of a shuffle by Fisher and Yates.
    return Array.from({ length: count }, (_, i) => {
      const j = i + Math.floor(random() * (free.length - i));
      const [port = 0, other = 0] = [free[j], free[i]];
      free[j] = other;
      return this.#take(port);
    });
  }

  #free(): number[] {
    const all = Array.from({ length: LAST - FIRST_DRAWN + 1 }, (_, i) => FIRST_DRAWN + i);
    return all.filter((port) => !this.#taken.has(port));
  }

  #take(port: number): number {
    this.#taken.add(port);
    return port;
  }
}

/** Numbers from 0 up to 1, the same ones for the same seed: Tommy Ettinger's generator, of a 32-bit state. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
