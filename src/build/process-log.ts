/** Bytes kept of each end of what a process prints, in round numbers. */
const KEPT = 512 * 1024;

/** What a process printed, line by line with the time in seconds, of which the middle is left out where it is too much. */
export class ProcessLog {
  readonly #head: string[] = [];
  #tail: string[] = [];
  #headSize = 0;
  #tailSize = 0;
  #left = 0;
  /** The line that has not ended yet, and when it began. */
  #open = { ms: 0, text: '' };

  /** @param ms since the lab began. Gives the lines of it, with what the last one has so far. */
  add(ms: number, text: string): readonly string[] {
    const began = this.#open.text === '' ? ms : this.#open.ms;
    const [first = '', ...others] = text.split('\n');
    const lines = [this.#open.text + first, ...others];
    const open = lines.at(-1) ?? '';
    for (const [index, line] of lines.slice(0, -1).entries()) this.#keep(index === 0 ? began : ms, line);
    // A program that ends no line, such as one that draws a bar, is not to fill the memory.
    if (open.length > KEPT) this.#keep(ms, open);
    this.#open = open.length > KEPT ? { ms, text: '' } : { ms: lines.length === 1 ? began : ms, text: open };
    return lines;
  }

  /** What is no output: that the process began, or how it ended. */
  note(ms: number, text: string): void {
    this.#endLine();
    this.#keep(ms, `-- ${text}`);
  }

  /** All that is kept, and how much is not. */
  get text(): string {
    this.#endLine();
    const left =
      this.#left === 0 ? [] : [`-- ${this.#left} bytes are left out here, of each end ${KEPT} are kept\n`];
    return [...this.#head, ...left, ...this.#tail].join('');
  }

  #endLine(): void {
    if (this.#open.text !== '') this.#keep(this.#open.ms, this.#open.text);
    this.#open = { ms: 0, text: '' };
  }

  #keep(ms: number, line: string): void {
    const text = `${(ms / 1000).toFixed(3).padStart(8)}  ${line}\n`;
    if (this.#headSize < KEPT) {
      this.#head.push(text);
      this.#headSize += text.length;
      return;
    }
    this.#tail.push(text);
    this.#tailSize += text.length;
    // Now and then: to move a long list at each line would take its time.
    if (this.#tailSize > 2 * KEPT) this.#shorten();
  }

  #shorten(): void {
    let from = this.#tail.length;
    let size = 0;
    while (from > 0 && size < KEPT) size += this.#tail[--from]?.length ?? 0;
    this.#left += this.#tailSize - size;
    this.#tail = this.#tail.slice(from);
    this.#tailSize = size;
  }
}
