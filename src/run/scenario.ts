import { applyPolicy } from '../apply/apply.js';
import { BuildError, buildLab, type CaptureMethod, type Lab } from '../build/lab.js';
import type { LabPlan } from '../model/plan.js';
import type { Reason, ScenarioResult, StepResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { planFlows } from '../plan/flows.js';
import { planLab } from '../plan/lab.js';
import type { Sandbox } from '../system/sandbox.js';
import { reasonOf, reasonOfError, reasonOfFailure, statusOf } from './reason.js';
import { nodeOf, runStep } from './step.js';

/** Keeps what a lab has captured; gives the folder. */
export type KeepCaptures = (scenario: Scenario, lab: Lab) => string;

const POLICY_TIMEOUT_MS = 30_000;

/** Runs one scenario in a lab of its own, one more for each fresh step. Never throws: what breaks is in the result. */
export async function runScenario(
  scenario: Scenario,
  sandbox: Promise<Sandbox>,
  capture: CaptureMethod,
  signal: AbortSignal,
  keepCaptures: KeepCaptures,
): Promise<ScenarioResult> {
  const startedAt = new Date().toISOString();
  const begin = performance.now();
  const steps: StepResult[] = [];
  let artifacts: string | null = null;
  let reason: Reason | null = null;
  let lab: Lab | null = null;
  const closeLab = () => {
    if (!lab) return;
    artifacts = keepCaptures(scenario, lab);
    // Nobody waits for the kernel to take a lab apart; the run looks for leftovers at its end.
    void lab.close();
    lab = null;
  };
  const abort = () => void lab?.close();
  signal.addEventListener('abort', abort);
  try {
    const plan = planLab(scenario);
    const flows = planFlows(scenario);
    for (const step of scenario.steps) {
      signal.throwIfAborted();
      if (lab === null || step.fresh) {
        closeLab();
        lab = await openLab(plan, await sandbox, capture);
        signal.throwIfAborted();
      }
      const outcome = await runStep(lab, step, flows.get(step) ?? []);
      steps.push(outcome.result);
      reason ??= outcome.reason;
      if (!outcome.goOn) {
        reason = outcome.reason;
        break;
      }
    }
  } catch (error) {
    reason = signal.aborted ? reasonOf('interrupted') : reasonOfError(error);
  } finally {
    signal.removeEventListener('abort', abort);
    closeLab();
  }
  const { id, name, file, title, tags, source, claim, finding, variant } = scenario;
  return {
    ...{ id, name, file, title, tags, source, claim, finding, variant },
    status: statusOf(reason),
    reason,
    diagnostics: [],
    ...{ attempts: 1, flaky: false, repetition: 1 },
    startedAt,
    durationMs: Math.round((performance.now() - begin) * 10) / 10,
    artifacts,
    steps,
  };
}

/** A lab with what the topology itself configures on its nodes, such as a provider's source filter. */
async function openLab(plan: LabPlan, sandbox: Sandbox, capture: CaptureMethod): Promise<Lab> {
  const lab = await buildLab(plan, sandbox, capture);
  try {
    await Promise.all(
      plan.scenario.topology.nodes.map(async ({ name, policy }) => {
        const { commands, timedOut } = await applyPolicy(nodeOf(lab, name), policy, [], POLICY_TIMEOUT_MS);
        const failure = commands.find(({ unexpected }) => unexpected);
        if (failure) throw new BuildError(reasonOfFailure(failure).text);
        if (timedOut)
          throw new BuildError(`${name}: the topology's policy did not end in ${POLICY_TIMEOUT_MS} ms`);
      }),
    );
    return lab;
  } catch (error) {
    await lab.close();
    throw error;
  }
}
