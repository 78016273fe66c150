import { BuildError } from '../build/lab.js';
import type { FlowResult } from '../model/flow-result.js';
import type { CommandReport, Reason, ReasonCode, ScenarioStatus } from '../model/result.js';
import { REASONS } from '../model/result.js';
import { ResponderError } from '../probe/responders.js';
import { AgentEnded } from '../system/channel.js';
import { SandboxError } from '../system/sandbox.js';
import { ResultsFolderError } from './writing.js';

/** A reason from the published list, with what is special about this case. */
export function reasonOf(code: ReasonCode, detail = ''): Reason {
  return { code, text: detail === '' ? REASONS[code] : `${REASONS[code]}: ${detail}` };
}

/** Why a scenario could not go on, from what was thrown. What nobody expected is our own bug. */
export function reasonOfError(error: unknown): Reason {
  if (error instanceof BuildError || error instanceof SandboxError)
    return reasonOf('lab-not-built', error.message);
  if (error instanceof ResponderError) return reasonOf('responder-failed', error.message);
  if (error instanceof AgentEnded) return reasonOf('lab-ended', error.message);
  if (error instanceof ResultsFolderError) return reasonOf('results-not-written', error.message);
  const stack = process.env.REPLYPATH_DEBUG && error instanceof Error ? error.stack : undefined;
  return reasonOf('internal-error', stack ?? String(error));
}

/** What an unexpected failure of a recipe comes to: node, line, command, status and the tool's message. */
export function reasonOfFailure({ node, file, line, text, exit, message }: CommandReport): Reason {
  return reasonOf(
    'recipe-failed',
    `${node}, ${file === undefined ? '' : `${file}, `}line ${line}: ${text}: exit ${exit}${message === '' ? '' : `: ${message}`}`,
  );
}

/** What becomes of a process that has ended though it was to go on. */
export function reasonOfEnd({ node, text, exit }: CommandReport): Reason {
  return reasonOf('process-ended', `${node}: ${text}: exit ${exit}`);
}

/** Null where every flow is as expected. */
export function reasonOfFlows(flows: readonly FlowResult[]): Reason | null {
  const failed = flows.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return null;
  const inconclusive = failed.some(({ verdict }) => verdict === 'inconclusive');
  return reasonOf(inconclusive ? 'flow-inconclusive' : 'flow-not-as-expected');
}

export function statusOf(reason: Reason | null): ScenarioStatus {
  if (reason === null) return 'passed';
  if (reason.code === 'feature-missing') return 'skipped';
  return reason.code === 'flow-not-as-expected' ||
    reason.code === 'flow-inconclusive' ||
    reason.code === 'process-ended' ||
    reason.code === 'failure-missing'
    ? 'failed'
    : 'errored';
}
