import { appendFile, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Lab } from '../build/lab.js';
import type { RunEvent, RunReport } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';

/**
 * The folder of a run: `run.jsonl` while it goes on, then `run.json` and `last-run.json`, and a folder of
 * captures per scenario. All of it belongs to the user who called, also under sudo.
 */
export class ResultsFolder {
  readonly #path: string;
  #writing: Promise<void>;

  constructor(path: string) {
    this.#path = path;
    this.#writing = this.#prepare();
    this.#writing.catch(() => {});
  }

  /** Appends a line to run.jsonl; lines keep the order of calls. */
  note(event: RunEvent): void {
    const file = join(this.#path, 'run.jsonl');
    this.#writing = this.#writing.then(() => appendFile(file, `${JSON.stringify(event)}\n`));
    this.#writing.catch(() => {});
  }

  /** Writes each node's capture; gives the scenario's folder. */
  async keepCaptures(scenario: Scenario, lab: Lab): Promise<string> {
    const folder = join(this.#path, scenario.name);
    await this.#make(folder);
    await Promise.all(
      [...lab.nodes.values()].map(({ name, capture }) => this.#write(join(folder, `${name}.pcap`), Buffer.concat(capture.chunks))),
    );
    return folder;
  }

  async finish(report: RunReport): Promise<void> {
    await this.#writing;
    await this.#own(join(this.#path, 'run.jsonl'));
    await this.#write(join(this.#path, 'run.json'), `${JSON.stringify(report, null, 2)}\n`);
    const statuses = report.scenarios.map(({ name, file, status }) => ({ name, file, status }));
    await this.#write(join(this.#path, 'last-run.json'), `${JSON.stringify(statuses, null, 2)}\n`);
  }

  async #prepare(): Promise<void> {
    await this.#make(this.#path);
    await this.#write(join(this.#path, '.gitignore'), '*\n');
    await rm(join(this.#path, 'run.jsonl'), { force: true });
  }

  async #make(folder: string): Promise<void> {
    const first = await mkdir(folder, { recursive: true });
    for (let made = folder; first !== undefined && made.length >= first.length; made = dirname(made)) await this.#own(made);
  }

  async #write(file: string, content: string | Uint8Array): Promise<void> {
    await writeFile(file, content);
    await this.#own(file);
  }

  async #own(path: string): Promise<void> {
    const { SUDO_UID, SUDO_GID } = process.env;
    if (process.getuid?.() === 0 && SUDO_UID && SUDO_GID) await chown(path, Number(SUDO_UID), Number(SUDO_GID));
  }
}
