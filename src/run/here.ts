import { availableParallelism } from 'node:os';
import type { Scenario } from '../model/scenario.js';
import { type FeatureAttempt, tryEverything } from '../system/kernel-features.js';
import { type Lack, Machine } from '../system/machine.js';
import { startSandbox } from '../system/sandbox.js';
import { missingTools } from '../system/tools.js';
import { lacksFor } from './missing.js';
import type { Place } from './place.js';
import { runScenario } from './scenario.js';

/** This machine, which can also be asked what it has. */
export interface Here extends Place {
  /** What a scenario needs that is missing. @throws SandboxError where no lab can be made to see */
  lacks(scenario: Scenario): Promise<readonly Lack[]>;
  /** Every feature, tried. @throws SandboxError where no lab can be made */
  features(): Promise<readonly FeatureAttempt[]>;
}

/**
 * This machine. Its sandbox begins at once, so that it is there when the scenarios are validated; where it does
 * not, each of them says so.
 *
 * @param patienceMs for each answer of the sandbox, where it is not to be as long as for any other
 */
export function here(isNeeded: boolean, patienceMs?: number): Here {
  const missing = missingTools();
  const sandbox =
    isNeeded && missing.length === 0
      ? startSandbox(patienceMs)
      : Promise.reject(new Error('a scenario was carried out where nothing was to be'));
  sandbox.catch(() => {});
  const machine = new Machine(sandbox);
  return {
    environment: (machine) => machine,
    missingTools: missing,
    // Labs spend much of their time waiting for answers that do not come.
    parallel: 2 * availableParallelism(),
    carryOut: (scenario, { attempt, artifacts, ...options }) =>
      runScenario(scenario, sandbox, machine, options, artifacts?.of(scenario, attempt) ?? null),
    lacks: (scenario) => lacksFor(scenario, machine),
    features: async () => tryEverything(await sandbox),
    close: () =>
      sandbox.then(
        ({ close }) => close(),
        () => {},
      ),
  };
}
