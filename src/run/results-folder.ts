import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from '../build/lab.js';
import { labFolder, type RunEvent, type RunReport } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { lastRunText } from './last-run.js';
import { giveToCaller, makeFolder } from './owner.js';

/** The folder of a run cannot be written: which file, and why. */
export class ResultsFolderError extends Error {
  override name = 'ResultsFolderError';
}

/** What is kept of a run beside its report. */
export interface Results {
  note(event: RunEvent): void;
  /** Has each node's capture written, as it is now; gives the folder of this attempt, null where nothing is kept. */
  keepCaptures(scenario: Scenario, lab: Lab, labNumber: number, attemptNumber: number): string | null;
  finish(report: RunReport): Promise<void>;
}

/** Nothing is kept. */
const NOTHING: Results = { note: () => {}, keepCaptures: () => null, finish: async () => {} };

/** @throws ResultsFolderError, as do all methods of what it gives. */
export async function openResults(folder: string | null): Promise<Results> {
  return folder === null ? NOTHING : ResultsFolder.open(folder);
}

/**
 * The folder of a run: `run.jsonl` while it goes on, then `run.json` and `last-run.json`, and a folder of
 * captures per scenario. All of it belongs to the user who called, also under sudo.
 */
class ResultsFolder implements Results {
  readonly #path: string;
  /** What is written one after the other while the run goes on. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string) {
    this.#path = path;
  }

  static async open(path: string): Promise<ResultsFolder> {
    const folder = new ResultsFolder(path);
    await attempt(() => makeFolder(path));
    await folder.#write(join(path, '.gitignore'), '*\n');
    await folder.#write(join(path, 'run.jsonl'), '');
    return folder;
  }

  /** Appends a line to run.jsonl; lines keep the order of calls. */
  note(event: RunEvent): void {
    const file = join(this.#path, 'run.jsonl');
    const line = `${JSON.stringify(event)}\n`;
    this.#later(() => attempt(() => appendFile(file, line)));
  }

  /**
   * Has each node's capture written, as it is now; gives the folder: the scenario's, and from the second attempt on
   * one in it. Captures of the first lab are in it, those of others in folders below.
   */
  keepCaptures(scenario: Scenario, lab: Lab, labNumber: number, attemptNumber: number): string {
    const own = join(this.#path, scenario.name);
    const ofAttempt = attemptNumber === 1 ? own : join(own, `attempt-${attemptNumber}`);
    const folder = join(ofAttempt, labFolder(labNumber));
    const captures = [...lab.nodes.values()].map(({ name, capture }) => [name, [...capture.chunks]] as const);
    this.#later(async () => {
      await attempt(() => makeFolder(folder));
      await Promise.all(
        captures.map(([name, chunks]) => this.#write(join(folder, `${name}.pcap`), Buffer.concat(chunks))),
      );
    });
    return ofAttempt;
  }

  /** Nobody waits for it before finish(), which tells what went wrong. */
  #later(write: () => Promise<void>): void {
    this.#writing = this.#writing.then(write);
    this.#writing.catch(() => {});
  }

  async finish(report: RunReport): Promise<void> {
    await this.#writing;
    await this.#write(join(this.#path, 'run.json'), `${JSON.stringify(report, null, 2)}\n`);
    await this.#write(join(this.#path, 'last-run.json'), lastRunText(report));
  }

  async #write(file: string, content: string | Uint8Array): Promise<void> {
    await attempt(() => writeFile(file, content));
    await attempt(() => giveToCaller(file));
  }
}

/** What the system refuses is no bug of ours: name it, with the file that Node's message has. */
async function attempt<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw new ResultsFolderError(error instanceof Error ? error.message : String(error));
  }
}
