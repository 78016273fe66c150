/** Events as they come, kept for whoever reads them, whenever: each reader gets all, from the first. */
export class EventLog<Event> {
  readonly #events: Event[] = [];
  #ended = false;
  #waiting: (() => void)[] = [];

  add(event: Event): void {
    this.#events.push(event);
    this.#wake();
  }

  /** There are no more events. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  get ended(): boolean {
    return this.#ended;
  }

  async *read(): AsyncGenerator<Event, void, undefined> {
    let next = 0;
    for (;;) {
      // What is added while the reader is busy is read in the same turn.
      for (const event of this.#events.slice(next)) {
        next++;
        yield event;
      }
      if (next < this.#events.length) continue;
      if (this.#ended) return;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
