import { join } from 'node:path';
import type { Scenario } from '../../model/scenario.js';
import type { StatesKept } from '../../model/settings.js';
import { WritingQueue } from '../writing.js';
import { ScenarioArtifacts } from './scenario-artifacts.js';

/** Where is kept what scenarios leave, with a folder for each by its name. */
export class ArtifactsFolder {
  readonly #writing = new WritingQueue();

  constructor(
    readonly path: string,
    readonly states: StatesKept,
  ) {}

  /** For one attempt at a scenario: the folder is the scenario's, and from the second attempt on one in it. */
  of(scenario: Scenario, attempt: number): ScenarioArtifacts {
    const own = join(this.path, scenario.name);
    const folder = attempt === 1 ? own : join(own, `attempt-${attempt}`);
    return new ScenarioArtifacts(folder, scenario, this.states, this.#writing);
  }

  /** @throws ResultsFolderError where something was not written */
  written(): Promise<void> {
    return this.#writing.done();
  }
}
