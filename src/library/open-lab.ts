import type { LabPlan } from '../model/plan.js';
import { planLab } from '../plan/lab.js';
import { openLab as build } from '../run/open.js';
import { reasonOf } from '../run/reason.js';
import { type Sandbox, startSandbox } from '../system/sandbox.js';
import { missingTools } from '../system/tools.js';
import { OpenLab } from './drive-lab.js';
import { LabError, publicError } from './errors.js';
import type { Lab, OpenLabOptions } from './lab.js';
import { type LabSource, scenarioOf } from './lab-source.js';

/**
 * Builds a lab and keeps it running until it is closed, by `close`, by `await using`, by the signal, or with the
 * process. It adds no listeners to the process, prints and writes nothing.
 *
 * @throws InvalidScenarioError, LabError where it cannot be built, and the signal's reason once that is aborted
 */
export async function openLab(source: LabSource, options: OpenLabOptions = {}): Promise<Lab> {
  const { signal } = options;
  signal?.throwIfAborted();
  const scenario = await scenarioOf(source, options);
  const missing = missingTools();
  if (missing.length > 0) {
    const detail = `required tools are missing: ${missing.join(', ')}; replypath doctor says how to get them`;
    throw new LabError(reasonOf('lab-not-built', detail));
  }
  let sandbox: Sandbox | undefined;
  const abort = () => void sandbox?.close();
  signal?.addEventListener('abort', abort);
  try {
    sandbox = await startSandbox();
    signal?.throwIfAborted();
    const lab = await build(withOwnFiles(planLab(scenario, true)), sandbox, options.capture ?? 'agent');
    signal?.throwIfAborted();
    return new OpenLab(scenario, lab, sandbox, options);
  } catch (error) {
    await sandbox?.close();
    signal?.throwIfAborted();
    throw publicError(error);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** Nobody knows yet in which nodes something will use files, and which links will be unplugged. */
function withOwnFiles(plan: LabPlan): LabPlan {
  return { ...plan, nodes: plan.nodes.map((node) => ({ ...node, privateFiles: true })) };
}
