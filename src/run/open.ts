import { applyPolicy } from '../apply/apply.js';
import { BuildError, buildLab, type Lab } from '../build/lab.js';
import type { LabPlan } from '../model/plan.js';
import type { CaptureMethod } from '../model/settings.js';
import type { Sandbox } from '../system/sandbox.js';
import { nodeOf } from './deed.js';
import { reasonOfFailure } from './reason.js';

const POLICY_TIMEOUT_MS = 30_000;

/**
 * A lab with what the topology itself configures on its nodes, such as a provider's source filter.
 *
 * @throws BuildError, SandboxError, AgentEnded
 */
export async function openLab(plan: LabPlan, sandbox: Sandbox, capture: CaptureMethod): Promise<Lab> {
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
