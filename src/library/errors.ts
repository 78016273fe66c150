import { BuildError } from '../build/lab.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { CommandReport, Reason } from '../model/result.js';
import { ResponderError } from '../probe/responders.js';
import { reasonOfError } from '../run/reason.js';
import { AgentEnded } from '../system/channel.js';
import { SandboxError } from '../system/sandbox.js';
import { format } from './format.js';

/** What was given is no valid scenario, topology, policy, event or probe; the message has all faults. */
export class InvalidScenarioError extends Error {
  override name = 'InvalidScenarioError';
  /** What is wrong, where, and what to do: at least one. What was given as an object is the file `<inline>`. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(`this is not valid:\n${diagnostics.map(format).join('\n')}`);
    this.diagnostics = diagnostics;
  }
}

/** A lab could not be built, has ended, or could not do what it was asked: `reason` is of the published list. */
export class LabError extends Error {
  override name = 'LabError';
  readonly reason: Reason;

  constructor(reason: Reason, options?: { readonly cause?: unknown }) {
    super(reason.text, options);
    this.reason = reason;
  }
}

/** A command of a policy or event failed, took too long, or did not fail as expected. */
export class RecipeError extends LabError {
  override name = 'RecipeError';
  /** Every command that was run, the failed ones included. */
  readonly commands: readonly CommandReport[];

  constructor(reason: Reason, commands: readonly CommandReport[]) {
    super(reason);
    this.commands = commands;
  }
}

/** What machinery throws, as what users catch; everything else, a bug of ours, as it is. */
export function publicError(error: unknown): unknown {
  const isKnown =
    error instanceof BuildError ||
    error instanceof SandboxError ||
    error instanceof ResponderError ||
    error instanceof AgentEnded;
  return isKnown ? new LabError(reasonOfError(error), { cause: error }) : error;
}
