import type { ScenarioResult } from '../model/result.js';
import type { InvalidScenario } from '../validate/validate.js';
import { reasonOf } from './reason.js';

/** The result of a file that could not become a scenario, in a run on that kernel. */
export function invalidResult(
  { id, file, tags, diagnostics }: InvalidScenario,
  kernel: string,
): ScenarioResult {
  return {
    id,
    name: id,
    file,
    title: '',
    tags: tags ?? [],
    source: null,
    claim: null,
    finding: null,
    lesson: null,
    variant: {},
    status: 'errored',
    reason: reasonOf('scenario-invalid', diagnostics[0]?.message),
    diagnostics,
    ...{ attempts: 1, flaky: false, repetition: 1, kernel },
    startedAt: new Date().toISOString(),
    durationMs: 0,
    artifacts: null,
    steps: [],
  };
}
