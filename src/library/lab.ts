import type { FlowResult } from '../model/flow-result.js';
import type { CommandReport, StepOutcome } from '../model/result.js';
import type { Scenario, Step } from '../model/scenario.js';
import type { CaptureMethod } from '../model/settings.js';
import type { FlowInput, ProbeInput } from './input/flow.js';
import type { ApplyInput, EventInput, StepInput } from './input/step.js';
import type { SourceOptions } from './lab-source.js';

export interface OpenLabOptions extends SourceOptions {
  /** Who captures: each node's own agent, unless given, or a tcpdump beside it. */
  readonly capture?: CaptureMethod;
  /** Closes the lab; what is under way then, and every later call, rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What came of a probe of which nothing was expected. */
export type ObservedFlow = Omit<FlowResult, 'status' | 'expected' | 'intended' | 'differences'>;

export interface ExecOptions {
  /** What the program reads; nothing unless given. */
  readonly stdin?: string;
  /** The longest that it may take, in milliseconds; 30 000 unless given. Then its process group is killed. */
  readonly timeoutMs?: number;
}

export interface ExecResult {
  /** Exit status; 127 where the program was not found, 128 and the signal's number where one ended it. */
  readonly exit: number;
  readonly timedOut: boolean;
  /** What it printed, as UTF-8. */
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A running lab: its nodes are up and captured. Calls are carried out one after the other, in the order in which
 * they were made, except for `exec`, which begins at once. Once the lab is closed every call rejects with
 * {@link LabError}, its reason `lab-ended`; once its signal is aborted, with the signal's reason.
 */
export interface Lab extends AsyncDisposable {
  /** What it was made of. Its steps are not run by themselves. */
  readonly scenario: Scenario;

  /** The names of its nodes. */
  readonly nodes: readonly string[];

  /**
   * Applies a policy to a node, as `apply` of a step does, and gives what each of its commands did.
   *
   * @throws InvalidScenarioError where the policy is not valid
   * @throws RecipeError where a command fails and `expect` does not say so
   * @throws LabError
   */
  apply(node: string, policy: ApplyInput): Promise<readonly CommandReport[]>;

  /**
   * Takes an interface down, brings one up, or runs a script, as `event` of a step does.
   *
   * @throws InvalidScenarioError
   * @throws RecipeError
   * @throws LabError
   */
  event(event: EventInput): Promise<readonly CommandReport[]>;

  /**
   * Sends probes, those of one call all at once, and gives what the captures say of each. A single probe has to
   * come to a single flow; a list gives one flow for each address asked. With `expect` the result says whether
   * the flow is as expected: that it is not is no exception.
   *
   * @throws InvalidScenarioError
   * @throws LabError
   */
  probe(flow: FlowInput): Promise<FlowResult>;
  probe(probe: ProbeInput): Promise<ObservedFlow>;
  probe(flows: readonly FlowInput[]): Promise<readonly FlowResult[]>;
  probe(probes: readonly ProbeInput[]): Promise<readonly ObservedFlow[]>;

  /**
   * A whole step, one of `scenario.steps` or one written as in a file: applies, then events, then flows. `fresh`
   * has no meaning here: a new lab is another `openLab`.
   *
   * @throws InvalidScenarioError
   * @throws RecipeError
   * @throws LabError
   */
  step(step: StepInput | Step): Promise<StepOutcome>;

  /**
   * Runs a program in a node, with the node's network, files and host name, and gives how it ended: that it
   * failed is no exception.
   *
   * @throws InvalidScenarioError where there is no such node
   * @throws LabError
   */
  exec(node: string, argv: readonly [string, ...string[]], options?: ExecOptions): Promise<ExecResult>;

  /**
   * What a node has seen on all its interfaces since the lab began, as a pcap file (link type LINUX_SLL2, the
   * first bytes of each frame). All that the node had processed before the call is in it.
   *
   * @throws InvalidScenarioError where there is no such node
   * @throws LabError
   */
  capture(node: string): Promise<Uint8Array>;

  /**
   * Ends everything in the lab; resolves when nothing of it is left. Safe to call twice. `await using` calls it.
   *
   * @throws LabError where something is left
   */
  close(): Promise<void>;
}
