import { join } from 'node:path';
import type { Lab } from '../build/lab.js';
import { labFolder } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { makeFolder } from './owner.js';
import { attempt, WritingQueue, writeOwn } from './writing.js';

/** Where the captures of scenarios are kept, with a folder for each by its name. */
export class CaptureFolder {
  readonly #writing = new WritingQueue();

  constructor(readonly path: string) {}

  /**
   * Has each node's capture written, as it is now; gives the folder: the scenario's, and from the second attempt on
   * one in it. Captures of the first lab are in it, those of others in folders below; what processes of a node
   * printed is in a folder of the node.
   */
  keep(scenario: Scenario, lab: Lab, labNumber: number, attemptNumber: number): string {
    const own = join(this.path, scenario.name);
    const ofAttempt = attemptNumber === 1 ? own : join(own, `attempt-${attemptNumber}`);
    const folder = join(ofAttempt, labFolder(labNumber));
    const nodes = [...lab.nodes.values()];
    const captures = nodes.map(({ name, capture }) => [name, [...capture.chunks]] as const);
    const logs = nodes.flatMap(({ name, processes }) =>
      processes.logs.map(([process, text]) => ({ of: join(folder, name), file: `${process}.log`, text })),
    );
    this.#writing.add(async () => {
      await attempt(() => makeFolder(folder));
      for (const { of } of logs) await attempt(() => makeFolder(of));
      await Promise.all(logs.map(({ of, file, text }) => writeOwn(join(of, file), text)));
      await Promise.all(
        captures.map(([name, chunks]) => writeOwn(join(folder, `${name}.pcap`), Buffer.concat(chunks))),
      );
    });
    return ofAttempt;
  }

  /** @throws ResultsFolderError where something was not written */
  written(): Promise<void> {
    return this.#writing.done();
  }
}
