import { writeFile } from 'node:fs/promises';
import { giveToCaller } from './owner.js';

/** The folder of a run cannot be written: which file, and why. */
export class ResultsFolderError extends Error {
  override name = 'ResultsFolderError';
}

/** What the system refuses is no bug of ours: name it, with the file that Node's message has. */
export async function attempt<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw new ResultsFolderError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Writes a file that belongs to the user who called, also under sudo.
 *
 * @throws ResultsFolderError
 */
export async function writeOwn(
  file: string,
  content: string | Uint8Array | Iterable<Uint8Array>,
): Promise<void> {
  await attempt(() => writeFile(file, content));
  await attempt(() => giveToCaller(file));
}

/** What is written one after the other, while other things go on. */
export class WritingQueue {
  #writing: Promise<void> = Promise.resolve();

  add(write: () => Promise<void>): void {
    this.#writing = this.#writing.then(write);
    this.#writing.catch(() => {});
  }

  /** Resolves when all is written; rejects with what the first that failed threw. */
  done(): Promise<void> {
    return this.#writing;
  }
}
