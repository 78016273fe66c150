import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEvent, RunReport } from '../model/result.js';
import type { StatesKept } from '../model/settings.js';
import { ArtifactsFolder } from './artifacts/artifacts-folder.js';
import { lastRunText } from './last-run.js';
import { makeFolder } from './owner.js';
import { attempt, WritingQueue, writeOwn } from './writing.js';

/** What is kept of a run beside its report. */
export interface Results {
  note(event: RunEvent): void;
  /** Where is kept what scenarios leave; null where nothing is. */
  readonly artifacts: ArtifactsFolder | null;
  finish(report: RunReport): Promise<void>;
}

/** Nothing is kept. */
const NOTHING: Results = { note: () => {}, artifacts: null, finish: async () => {} };

/** @throws ResultsFolderError, as do all methods of what it gives. */
export async function openResults(folder: string | null, states: StatesKept): Promise<Results> {
  return folder === null ? NOTHING : ResultsFolder.open(folder, states);
}

/**
 * The folder of a run: `run.jsonl` while it goes on, then `run.json` and `last-run.json`, and a folder of
 * what each scenario leaves. All of it belongs to the user who called, also under sudo.
 */
class ResultsFolder implements Results {
  readonly artifacts: ArtifactsFolder;
  readonly #path: string;
  readonly #noting = new WritingQueue();

  private constructor(path: string, states: StatesKept) {
    this.#path = path;
    this.artifacts = new ArtifactsFolder(path, states);
  }

  static async open(path: string, states: StatesKept): Promise<ResultsFolder> {
    await attempt(() => makeFolder(path));
    await writeOwn(join(path, '.gitignore'), '*\n');
    await writeOwn(join(path, 'run.jsonl'), '');
    return new ResultsFolder(path, states);
  }

  /** Appends a line to run.jsonl; lines keep the order of calls. */
  note(event: RunEvent): void {
    const file = join(this.#path, 'run.jsonl');
    const line = `${JSON.stringify(event)}\n`;
    this.#noting.add(() => attempt(() => appendFile(file, line)));
  }

  /** Nobody waited for what was noted and captured; this tells what went wrong. */
  async finish(report: RunReport): Promise<void> {
    await this.#noting.done();
    await this.artifacts.written();
    await writeOwn(join(this.#path, 'run.json'), `${JSON.stringify(report, null, 2)}\n`);
    await writeOwn(join(this.#path, 'last-run.json'), lastRunText(report));
  }
}
