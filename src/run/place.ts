import type { Environment, ScenarioResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import type { CaptureMethod, Explained } from '../model/settings.js';
import type { ArtifactsFolder } from './artifacts/artifacts-folder.js';

/** What carrying a scenario out takes beside the scenario. */
export interface CarryOutOptions {
  readonly attempt: number;
  readonly capture: CaptureMethod;
  /** Of which flows the cause is looked for. */
  readonly explained: Explained;
  readonly artifacts: ArtifactsFolder | null;
  readonly signal: AbortSignal;
}

/** Where scenarios are carried out: on this machine, or in virtual machines with another kernel. */
export interface Place {
  /** What results depend on there, given what they depend on here. */
  environment(machine: Environment): Environment;
  /** Required tools that are missing; without them nothing is carried out. */
  readonly missingTools: readonly string[];
  /** Scenarios at a time, unless said otherwise. */
  readonly parallel: number;
  /** Never rejects: what breaks is in the result. */
  carryOut(scenario: Scenario, options: CarryOutOptions): Promise<ScenarioResult>;
  /** Ends everything. Safe to call twice. */
  close(): Promise<void>;
}
