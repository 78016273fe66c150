import type { Feature } from '../model/feature.js';
import { foundAbout, tryFeatures } from './kernel-features.js';
import type { Sandbox } from './sandbox.js';

/** What a machine lacks, with the tool's complaint. */
export interface Lack {
  readonly feature: Feature;
  readonly complaint: string;
}

/** What this machine has of what scenarios may need: looked up when somebody asks, and once. */
export class Machine {
  readonly #sandbox: Promise<Sandbox>;
  readonly #complaints = new Map<Feature, Promise<string | null>>();

  constructor(sandbox: Promise<Sandbox>) {
    this.#sandbox = sandbox;
  }

  /**
   * The features, of those asked for, that are missing here. What a path or a file does not tell is tried in
   * a lab of its own.
   *
   * @throws SandboxError where something has to be tried and no lab can be made
   */
  async lacks(features: readonly Feature[]): Promise<Lack[]> {
    const untold: Feature[] = [];
    for (const feature of features) {
      if (this.#complaints.has(feature)) continue;
      const complaint = foundAbout(feature);
      if (complaint === undefined) untold.push(feature);
      else this.#complaints.set(feature, Promise.resolve(complaint));
    }
    if (untold.length > 0) this.#try(untold);
    const answers = await Promise.all(
      features.map(async (feature) => ({ feature, complaint: await this.#complaints.get(feature) })),
    );
    return answers.flatMap(({ feature, complaint }) => (complaint ? [{ feature, complaint }] : []));
  }

  #try(features: readonly Feature[]): void {
    const attempts = this.#sandbox.then((sandbox) => tryFeatures(sandbox, features));
    for (const feature of features) {
      const answer = attempts.then((all) => all.find(({ name }) => name === feature)?.complaint ?? null);
      answer.catch(() => {});
      this.#complaints.set(feature, answer);
    }
  }
}
