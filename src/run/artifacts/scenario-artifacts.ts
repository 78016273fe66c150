import { arch, release, version } from 'node:os';
import { join } from 'node:path';
import { SNAPSHOT_LENGTH } from '../../build/capture.js';
import type { Lab } from '../../build/lab.js';
import type { SectionAbout } from '../../capture/pcapng.js';
import { type Labels, labelsOf } from '../../judge/labels.js';
import type { LabPlan } from '../../model/plan.js';
import { CAPTURE_FILE, labFolder, type ScenarioResult, TRANSCRIPT_FILE } from '../../model/result.js';
import type { Scenario } from '../../model/scenario.js';
import type { CaptureMethod, StatesKept } from '../../model/settings.js';
import { planFlows } from '../../plan/flows.js';
import type { Course, StepCourse } from '../../script/course.js';
import { transcript } from '../../script/script.js';
import { packageVersion } from '../../system/package-folder.js';
import type { Sandbox } from '../../system/sandbox.js';
import { makeFolder } from '../owner.js';
import type { StepEnd } from '../step.js';
import { attempt, type WritingQueue, writeOwn } from '../writing.js';
import { labPcapng } from './lab-pcapng.js';
import { stateAnew, stateOf } from './read-state.js';
import { changesOf, diffText, type LabState } from './states.js';

/** How nodes were configured before and after, and the difference; in the folder of a lab. */
const STATE_FOLDER = 'state';
const STATE_DIFF = 'state.diff';

interface LabEnd {
  readonly state: LabState;
  readonly judged: ReadonlySet<string>;
}

/** What an attempt at a scenario leaves: files of its first lab in its folder, those of others in folders below. */
export class ScenarioArtifacts {
  /** How many flows there were in steps that have ended. */
  #flows = 0;
  /** Made when they are written down: of steps in the lab that is there now. */
  #labels: (() => Labels)[] = [];
  #dropped: ReadonlyMap<string, number | null> = new Map();
  /** Whether something did in the lab that is there now, and the nodes at which flows failed there. */
  #wentWrong = false;
  #judged = new Set<string>();
  /** By the number of the lab. */
  readonly #ends = new Map<number, LabEnd>();
  /** The same for all labs; null until there was one. */
  #plan: LabPlan | null = null;
  readonly #steps: StepCourse[] = [];
  readonly #begun = performance.now();

  constructor(
    readonly folder: string,
    private readonly scenario: Scenario,
    private readonly states: StatesKept,
    private readonly writing: WritingQueue,
  ) {}

  /** Remembers of a step what its lab's files tell. */
  noteStep({ outcome, deeds, reason, traffic }: StepEnd): void {
    this.#steps.push({
      outcome,
      deeds: deeds.map((deed) => ({ ...deed, atMs: deed.atMs - this.#begun })),
    });
    const before = this.#flows;
    this.#flows += outcome.flows.length;
    this.#wentWrong ||= reason !== null;
    for (const { status, at } of outcome.flows) if (status === 'failed') this.#judged.add(at);
    if (traffic === null) return;
    const { matching, observation } = traffic;
    this.#labels.push(() => labelsOf(matching, before));
    this.#dropped = new Map(observation.captures.map(({ node, dropped }) => [node, dropped]));
  }

  /** Remembers how the lab's nodes are configured at its end, where that is kept. */
  async noteEnd(lab: Lab, labNumber: number): Promise<void> {
    if (this.states === 'none' || (this.states === 'failed' && !this.#wentWrong)) return;
    const state = await stateOf(lab);
    if (state !== null) this.#ends.set(labNumber, { state, judged: this.#judged });
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
    this.#wentWrong = false;
    this.#judged = new Set();
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

  /** Has it written down what of the nodes' configuration was changed, of each lab whose end was noted. */
  async keepStates(sandbox: Promise<Sandbox>, capture: CaptureMethod): Promise<void> {
    if (this.#plan === null || this.#ends.size === 0) return;
    const before = await stateAnew(this.#plan, sandbox, capture);
    if (before === null) return;
    for (const [labNumber, { state, judged }] of this.#ends) {
      const folder = join(this.folder, labFolder(labNumber));
      const changes = changesOf(before, state, judged);
      const files = changes.flatMap((change) => [
        [`${change.node}.before`, change.before] as const,
        [`${change.node}.after`, change.after] as const,
      ]);
      this.writing.add(async () => {
        await attempt(() => makeFolder(join(folder, STATE_FOLDER)));
        await Promise.all(files.map(([name, text]) => writeOwn(join(folder, STATE_FOLDER, name), text)));
        await writeOwn(join(folder, STATE_DIFF), diffText(changes));
      });
    }
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
