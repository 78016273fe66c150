import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Enough for a panic with its stack. */
const KEPT_CHARACTERS = 8_000;

/** For the message of what went wrong. */
const LAST_LINES = 4;

/** Words of the servers of its files, which only say that the guest has gone. */
const FAREWELL = /^virtio_loop: Unexpected poll revents/;

/** A panic, or want of memory, which ends with what needs it least. */
const CAUSE = /Kernel panic|Out of memory: Killed process/;

/** What a guest shows: kept in a file, and its end at hand. */
export class Console {
  #tail = '';

  private constructor(
    private readonly file: string | null,
    private readonly stream: WriteStream | null,
  ) {}

  static async open(file: string | null): Promise<Console> {
    if (file === null) return new Console(null, null);
    await mkdir(dirname(file), { recursive: true });
    const stream = createWriteStream(file);
    // A full disk must not end the run: what counts is in #tail.
    stream.on('error', () => {});
    return new Console(file, stream);
  }

  add(chunk: Buffer): void {
    this.stream?.write(chunk);
    this.#tail = (this.#tail + chunk.toString('latin1')).slice(-KEPT_CHARACTERS);
  }

  end(): void {
    this.stream?.end();
  }

  /** What ended it, or what was shown last, in a line. */
  get last(): string {
    const lines = stripVTControlCharacters(this.#tail).split(/[\r\n]+/);
    const shown = lines.map((line) => line.trim()).filter((line) => line !== '' && !FAREWELL.test(line));
    const cause = shown.find((line) => CAUSE.test(line));
    if (cause !== undefined) return cause;
    return shown.length === 0 ? 'its console showed nothing' : shown.slice(-LAST_LINES).join(' | ');
  }

  /** Where there is more. */
  get hint(): string {
    return this.file === null ? '' : `Its console is in ${this.file}.`;
  }
}
