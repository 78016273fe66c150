import type { Diagnostic } from './diagnostic.js';
import type { KernelDifference } from './difference.js';
import type { FlowResult } from './flow-result.js';
import type { Finding, Source, Variant } from './scenario.js';
import type { Configured } from './tool.js';

/** What one command of a recipe did. */
export interface CommandReport {
  readonly node: string;
  /** Line of the recipe, or of the file, from 1. */
  readonly line: number;
  /** Which of a configuration tool's files the line is of; absent where it is a recipe's, or the tool does not say. */
  readonly file?: string;
  readonly text: string;
  readonly exit: number;
  /** What the tool printed, trimmed. */
  readonly message: string;
  /** True for a failure that neither the script deals with (`||`, `if`) nor the scenario expects. */
  readonly unexpected: boolean;
  /** Where it was done while flows ran: when that began, in milliseconds since the flows did. */
  readonly atMs?: number;
}

/** What was done to a lab by one apply or event, and when. */
export interface DoneDeed {
  /** Since its scenario began, in milliseconds. */
  readonly atMs: number;
  readonly tookMs: number;
  readonly commands: readonly CommandReport[];
}

export type ScenarioStatus = 'passed' | 'failed' | 'errored' | 'skipped';

/** Why a scenario did not pass. */
export const REASONS = {
  'flow-not-as-expected': 'a flow is not as the scenario expects it',
  'flow-inconclusive': 'the captures do not prove what a flow did',
  'scenario-invalid': 'the scenario file, or a topology or policy that it names, is invalid',
  'lab-not-built': 'the lab could not be built',
  'lab-ended': 'the lab ended before the scenario did',
  'responder-failed': 'what answers the flows could not be set up',
  'recipe-failed': 'a command of a recipe failed, and the scenario does not expect it',
  'recipe-timeout': 'a recipe did not end in the time it has',
  'process-ended': 'a process that was to go on has ended',
  'failure-missing': 'a command that the scenario expects to fail did not fail so',
  'results-not-written': 'the captures of the scenario could not be kept',
  'feature-missing': 'this machine lacks what the scenario needs',
  interrupted: 'the run was ended before the scenario was',
  'internal-error': 'replypath itself failed; this is a bug',
} as const;

export type ReasonCode = keyof typeof REASONS;

export interface Reason {
  readonly code: ReasonCode;
  readonly text: string;
}

/** What carrying out a step came to. */
export interface StepOutcome {
  readonly title: string;
  readonly commands: readonly CommandReport[];
  /** Where configuration tools were run: what each made of its files. Reports of earlier versions lack it. */
  readonly configured?: readonly Configured[];
  readonly flows: readonly FlowResult[];
}

export interface StepResult extends StepOutcome {
  /** In which of the scenario's labs, from 1: one more for each fresh step. */
  readonly lab: number;
}

/** The file of a lab with all that its captures saw, in the lab's folder. */
export const CAPTURE_FILE = 'capture.pcapng';

/** The file of a scenario with what was done in it, as a script. */
export const TRANSCRIPT_FILE = 'transcript.sh';

/** Where the captures of a scenario's first, second, … lab are, below its folder. */
export function labFolder(lab: number): string {
  return lab === 1 ? '.' : `lab-${lab}`;
}

export interface ScenarioResult {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly source: Source | null;
  readonly claim: string | null;
  readonly finding: Finding | null;
  readonly lesson: string | null;
  readonly variant: Variant;
  readonly status: ScenarioStatus;
  readonly reason: Reason | null;
  /** Faults of the file, where that is the reason. */
  readonly diagnostics: readonly Diagnostic[];
  /** When its last attempt began, in UTC: `2026-11-21T12:16:41.250Z`. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** How many times it was run: more than once where it was retried. This is the result of the last time. */
  readonly attempts: number;
  /** Passed, but not at the first attempt. */
  readonly flaky: boolean;
  /** Retried after the guest died that had it, whatever `--retries` is: what that one said last. */
  readonly guestDied?: string;
  /** From 1, where every scenario is run several times; its name then ends in `#2`, `#3`, … but for the first. */
  readonly repetition: number;
  /** Release of the kernel on which it ran, as `uname -r` has it. Reports of earlier versions lack it. */
  readonly kernel?: string;
  /** The same kernel as the run was asked for it, where that was for several; the name then ends in ` on ` and this. */
  readonly kernelName?: string;
  /** Folder with the captures, those of a second lab in `lab-2` below it, and so on; null where none was written. */
  readonly artifacts: string | null;
  readonly steps: readonly StepResult[];
}

export interface RunSummary {
  readonly passed: number;
  readonly failed: number;
  readonly errored: number;
  readonly skipped: number;
  /** Scenarios, among the failed ones, with an inconclusive flow. */
  readonly inconclusive: number;
  /** Scenarios, among the passed ones, that passed only when tried again. */
  readonly flaky: number;
  readonly durationMs: number;
}

export interface Environment {
  readonly replypath: string;
  readonly node: string;
  /** Release of the kernel; of several, the first one's. */
  readonly kernel: string;
  /** Where several kernels were asked for: the release of each by its name. */
  readonly kernels?: Readonly<Record<string, string>>;
  readonly rootless: boolean;
  /** Version by tool. */
  readonly tools: Readonly<Record<string, string>>;
}

/** What `--reporter json` prints and `run.json` holds. */
export interface RunReport {
  readonly version: 1;
  readonly environment: Environment;
  readonly summary: RunSummary;
  readonly scenarios: readonly ScenarioResult[];
  /** Where several kernels were asked for: what was not the same on all of them. */
  readonly differences?: readonly KernelDifference[];
}

/** The name of a scenario whatever the kernel; a run on one kernel has no other. */
export function nameOnAnyKernel({ name, kernelName }: Pick<ScenarioResult, 'name' | 'kernelName'>): string {
  return kernelName === undefined ? name : name.slice(0, -onKernel('', kernelName).length);
}

/** The name of a scenario on one of several kernels. */
export function onKernel(name: string, kernelName: string): string {
  return `${name} on ${kernelName}`;
}

/** What happens during a run, in order; each line of run.jsonl is one of these. */
export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly version: 1;
      readonly environment: Environment;
      readonly scenarios: readonly string[];
    }
  | { readonly type: 'scenario-started'; readonly name: string }
  /** An attempt that did not pass and is followed by another; the last one's result is in `scenario-ended`. */
  | { readonly type: 'scenario-retried'; readonly result: ScenarioResult }
  | { readonly type: 'scenario-ended'; readonly result: ScenarioResult }
  | { readonly type: 'run-ended'; readonly summary: RunSummary };
