import { type Need, needName } from '../model/need.js';
import { foundAbout, isOfPrograms, tryNeeds } from './kernel-features.js';
import type { Sandbox } from './sandbox.js';

/** What a machine lacks, and how that showed. */
export interface Lack {
  readonly need: Need;
  readonly complaint: string;
  /** Whether a program is missing or too old, which another kernel does not change. */
  readonly isProgram: boolean;
}

/** What this machine has of what scenarios may need: looked up when somebody asks, and once. */
export class Machine {
  readonly #sandbox: Promise<Sandbox>;
  readonly #complaints = new Map<string, Promise<string | null>>();

  constructor(sandbox: Promise<Sandbox>) {
    this.#sandbox = sandbox;
  }

  /**
   * What, of what is asked for, is missing here. What a path or a file does not tell is tried in a lab of its own.
   *
   * @throws SandboxError where something has to be tried and no lab can be made
   */
  async lacks(needs: readonly Need[]): Promise<Lack[]> {
    const untold: Need[] = [];
    for (const need of needs) {
      if (this.#complaints.has(needName(need))) continue;
      const complaint = foundAbout(need);
      if (complaint === undefined) untold.push(need);
      else this.#complaints.set(needName(need), Promise.resolve(complaint));
    }
    if (untold.length > 0) this.#try(untold);
    const answers = await Promise.all(
      needs.map(async (need) => ({ need, complaint: await this.#complaints.get(needName(need)) })),
    );
    return answers.flatMap(({ need, complaint }) =>
      complaint ? [{ need, complaint, isProgram: isOfPrograms(need) }] : [],
    );
  }

  #try(needs: readonly Need[]): void {
    const answers = this.#sandbox.then((sandbox) => tryNeeds(sandbox, needs));
    for (const each of needs) {
      const answer = answers.then((all) => all.find(({ need }) => need === each)?.complaint ?? null);
      answer.catch(() => {});
      this.#complaints.set(needName(each), answer);
    }
  }
}
