import { availableParallelism } from 'node:os';
import { Machine } from '../system/machine.js';
import { startSandbox } from '../system/sandbox.js';
import { missingTools } from '../system/tools.js';
import type { Place } from './place.js';
import { runScenario } from './scenario.js';

/**
 * This machine. Its sandbox begins at once, so that it is there when the scenarios are validated; where it does
 * not, each of them says so.
 */
export function here(isNeeded: boolean): Place {
  const missing = missingTools();
  const sandbox =
    isNeeded && missing.length === 0
      ? startSandbox()
      : Promise.reject(new Error('a scenario was carried out where nothing was to be'));
  sandbox.catch(() => {});
  const machine = new Machine(sandbox);
  return {
    environment: (machine) => machine,
    missingTools: missing,
    // Labs spend much of their time waiting for answers that do not come.
    parallel: 2 * availableParallelism(),
    carryOut: (scenario, { attempt, capture, captures, signal }) =>
      runScenario(scenario, sandbox, machine, capture, signal, (of, lab, labNumber) =>
        captures === null ? null : captures.keep(of, lab, labNumber, attempt),
      ),
    close: () =>
      sandbox.then(
        ({ close }) => close(),
        () => {},
      ),
  };
}
