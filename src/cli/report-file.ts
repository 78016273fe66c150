import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { giveToCaller, makeFolder } from '../run/owner.js';

/** The file of a report cannot be written: which, and why. */
export class ReportFileError extends Error {
  override name = 'ReportFileError';
}

/** A report on its way into a file. It is written at once, so that what has been reported survives any end. */
export class ReportFile {
  readonly #descriptor: number;
  #failure: string | null = null;

  private constructor(
    readonly path: string,
    descriptor: number,
  ) {
    this.#descriptor = descriptor;
  }

  /** Makes the folder too. @throws ReportFileError */
  static async open(path: string): Promise<ReportFile> {
    try {
      await makeFolder(dirname(path));
      const file = new ReportFile(path, openSync(path, 'w'));
      await giveToCaller(path);
      return file;
    } catch (error) {
      throw new ReportFileError(messageOf(error));
    }
  }

  /** What fails is told by close(): a full disk ends no run. */
  readonly write = (text: string): void => {
    if (this.#failure !== null) return;
    try {
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length; )
        written += writeSync(this.#descriptor, bytes, written, bytes.length - written);
    } catch (error) {
      this.#failure = `${this.path}: ${messageOf(error)}`;
    }
  };

  /** Null where all was written. */
  close(): string | null {
    closeSync(this.#descriptor);
    return this.#failure;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
