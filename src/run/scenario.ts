import { release } from 'node:os';
import type { Lab } from '../build/lab.js';
import type { Reason, ScenarioResult, StepResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { planFlows } from '../plan/flows.js';
import { planLab } from '../plan/lab.js';
import type { Machine } from '../system/machine.js';
import type { Sandbox } from '../system/sandbox.js';
import type { ScenarioArtifacts } from './artifacts/scenario-artifacts.js';
import { Explainer } from './explain.js';
import { lacksFor, missingReason } from './missing.js';
import { openLab } from './open.js';
import type { CarryOutOptions } from './place.js';
import { reasonOf, reasonOfError, statusOf } from './reason.js';
import { runStep } from './step.js';

/** Runs one scenario in a lab of its own, one more for each fresh step. Never throws: what breaks is in the result. */
export async function runScenario(
  scenario: Scenario,
  sandbox: Promise<Sandbox>,
  machine: Machine,
  { capture, explained, signal }: Pick<CarryOutOptions, 'capture' | 'explained' | 'signal'>,
  artifacts: ScenarioArtifacts | null,
): Promise<ScenarioResult> {
  const startedAt = new Date().toISOString();
  const begin = performance.now();
  const steps: StepResult[] = [];
  let folder: string | null = null;
  let reason: Reason | null = null;
  let lab: Lab | null = null;
  let labs = 0;
  const explainer = new Explainer(explained, { scenario, means: { sandbox, capture, signal } });
  const closeLab = async () => {
    if (!lab) return;
    await artifacts?.noteEnd(lab, labs);
    artifacts?.keepLab(lab, labs);
    folder = artifacts?.folder ?? null;
    // Nobody waits for the kernel to take a lab apart; the run looks for leftovers at its end.
    void lab.close();
    lab = null;
  };
  const abort = () => void lab?.close();
  signal.addEventListener('abort', abort);
  try {
    const plan = planLab(scenario);
    const flows = planFlows(scenario);
    reason = missingReason(await lacksFor(scenario, machine));
    for (const step of reason === null ? scenario.steps : []) {
      signal.throwIfAborted();
      if (lab === null || step.fresh) {
        await closeLab();
        lab = await openLab(plan, await sandbox, capture);
        labs++;
        signal.throwIfAborted();
      }
      const end = await runStep(lab, step, flows.get(step) ?? [], explainer);
      artifacts?.noteStep(end);
      steps.push({ ...end.outcome, lab: labs });
      reason ??= end.reason;
      if (!end.goOn) {
        reason = end.reason;
        break;
      }
    }
  } catch (error) {
    reason = signal.aborted ? reasonOf('interrupted') : reasonOfError(error);
  } finally {
    signal.removeEventListener('abort', abort);
    await closeLab();
  }
  if (!signal.aborted) await artifacts?.keepStates(sandbox, capture);
  const durationMs = performance.now() - begin;
  const result = resultOf(scenario, {
    ...{ kernel: release(), reason, startedAt, durationMs, artifacts: folder, steps },
  });
  artifacts?.keepTranscript(result);
  return result;
}

type Course = Required<
  Pick<ScenarioResult, 'kernel' | 'reason' | 'startedAt' | 'durationMs' | 'artifacts' | 'steps'>
>;

/** The result of a scenario that took that course. */
export function resultOf(scenario: Scenario, { reason, ...course }: Course): ScenarioResult {
  const { id, name, file, title, tags, source, claim, finding, lesson, variant } = scenario;
  return {
    ...{ id, name, file, title, tags, source, claim, finding, lesson, variant },
    status: statusOf(reason),
    reason,
    diagnostics: [],
    ...{ attempts: 1, flaky: false, repetition: 1 },
    ...course,
    durationMs: Math.round(course.durationMs * 10) / 10,
  };
}
