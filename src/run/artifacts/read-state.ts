import type { Lab } from '../../build/lab.js';
import { readSections } from '../../evidence/sections.js';
import type { LabPlan } from '../../model/plan.js';
import type { CaptureMethod } from '../../model/settings.js';
import type { Sandbox } from '../../system/sandbox.js';
import { openLab } from '../open.js';
import { type LabState, SECTIONS } from './states.js';

/** For all that is asked of a node; what has not been said by then is left out. */
const TIMEOUT_MS = 10_000;

/** How every node is configured now, asked by a process each; null where the lab is no more. */
export async function stateOf({ nodes }: Lab): Promise<LabState | null> {
  try {
    const states = [...nodes.values()].map(
      async (node) => [node.name, await readSections(node, SECTIONS, TIMEOUT_MS)] as const,
    );
    return new Map(await Promise.all(states));
  } catch {
    // Why a lab has ended is told by whoever needs it for more than this.
    return null;
  }
}

/**
 * How labs of the plan are configured before anything is done to them: in one made anew, so that a scenario that
 * passes does not pay for it. A plan is laid out to the last number, and two labs of it are alike. Null where none can be made.
 */
export async function stateAnew(
  plan: LabPlan,
  sandbox: Promise<Sandbox>,
  capture: CaptureMethod,
): Promise<LabState | null> {
  const lab = await openLabOrNull(plan, sandbox, capture);
  if (lab === null) return null;
  const state = await stateOf(lab);
  void lab.close();
  return state;
}

async function openLabOrNull(
  plan: LabPlan,
  sandbox: Promise<Sandbox>,
  capture: CaptureMethod,
): Promise<Lab | null> {
  try {
    return await openLab(plan, await sandbox, capture);
  } catch {
    return null;
  }
}
