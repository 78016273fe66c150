import { arch, release, version } from 'node:os';
import { join } from 'node:path';
import { SNAPSHOT_LENGTH } from '../../build/capture.js';
import type { Lab } from '../../build/lab.js';
import type { SectionAbout } from '../../capture/pcapng.js';
import { type Labels, labelsOf } from '../../judge/labels.js';
import type { LabPlan } from '../../model/plan.js';
import { CAPTURE_FILE, labFolder, type ScenarioResult, TRANSCRIPT_FILE } from '../../model/result.js';
import type { Scenario } from '../../model/scenario.js';
import { planFlows } from '../../plan/flows.js';
import type { Course, StepCourse } from '../../script/course.js';
import { transcript } from '../../script/script.js';
import { packageVersion } from '../../system/package-folder.js';
import { makeFolder } from '../owner.js';
import type { StepEnd } from '../step.js';
import { attempt, type WritingQueue, writeOwn } from '../writing.js';
import { labPcapng } from './lab-pcapng.js';

/** What an attempt at a scenario leaves: files of its first lab in its folder, those of others in folders below. */
export class ScenarioArtifacts {
  /** How many flows there were in steps that have ended. */
  #flows = 0;
  /** Made when they are written down: of steps in the lab that is there now. */
  #labels: (() => Labels)[] = [];
  #dropped: ReadonlyMap<string, number | null> = new Map();
  /** The same for all labs; null until there was one. */
  #plan: LabPlan | null = null;
  readonly #steps: StepCourse[] = [];
  readonly #begun = performance.now();

  constructor(
    readonly folder: string,
    private readonly scenario: Scenario,
    private readonly writing: WritingQueue,
  ) {}

  /** Remembers of a step what its lab's files tell. */
  noteStep({ outcome, deeds, traffic }: StepEnd): void {
    this.#steps.push({
      outcome,
      deeds: deeds.map((deed) => ({ ...deed, atMs: deed.atMs - this.#begun })),
    });
    const before = this.#flows;
    this.#flows += outcome.flows.length;
    if (traffic === null) return;
    const { matching, observation } = traffic;
    this.#labels.push(() => labelsOf(matching, before));
    this.#dropped = new Map(observation.captures.map(({ node, dropped }) => [node, dropped]));
  }

  /** Has the lab's captures written, as they are now, and what its processes printed in a folder for each node. */
  keepLab(lab: Lab, labNumber: number): void {
    const folder = join(this.folder, labFolder(labNumber));
    const nodes = [...lab.nodes.values()];
    const labels = this.#labels;
    const captures = nodes.map(({ name, capture: { chunks, frames, devices } }) => ({
      ...{ node: name, chunks: [...chunks], frames, devices: [...devices] },
      dropped: this.#dropped.get(name) ?? null,
    }));
    const logs = nodes.flatMap(({ name, processes }) =>
      processes.logs.map(([process, text]) => ({ of: join(folder, name), file: `${process}.log`, text })),
    );
    this.#labels = [];
    this.#dropped = new Map();
    this.#plan = lab.plan;
    this.writing.add(async () => {
      await attempt(() => makeFolder(folder));
      for (const { of } of logs) await attempt(() => makeFolder(of));
      await Promise.all(logs.map(({ of, file, text }) => writeOwn(join(of, file), text)));
      const kept = {
        ...{ plan: lab.plan, captures, about: this.#about(labNumber), snapLength: SNAPSHOT_LENGTH },
        labels: new Map(labels.flatMap((each) => [...each()])),
      };
      await writeOwn(join(folder, CAPTURE_FILE), labPcapng(kept));
    });
  }

  /** Has it written down what was done, as a script that does it again; where there was no lab, there is nothing to do. */
  keepTranscript({ status, reason, startedAt, durationMs }: ScenarioResult): void {
    const plan = this.#plan;
    if (plan === null) return;
    const end = reason === null ? status : `${status}: ${reason.text}`;
    const course: Course = {
      steps: [...this.#steps],
      summary: [
        `What replypath ${packageVersion()} did on Linux ${release()} at ${startedAt}, in ${durationMs} ms: ${end}`,
        'Behind each part is what came of it there, and when, in milliseconds since the beginning.',
      ],
    };
    const file = join(this.folder, TRANSCRIPT_FILE);
    this.writing.add(async () => writeOwn(file, transcript(plan, planFlows(this.scenario), course)));
  }

  #about(labNumber: number): SectionAbout {
    const { name, title } = this.scenario;
    const lab = labNumber === 1 ? '' : `, lab ${labNumber}`;
    return {
      hardware: arch(),
      os: `Linux ${release()} ${version()}`,
      application: `replypath ${packageVersion()}`,
      comments: [`scenario ${name}${lab} on Linux ${release()}: ${title}`],
    };
  }
}
