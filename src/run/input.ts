import { type LoadOptions, loadScenarios } from '../load/load.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Scenario } from '../model/scenario.js';
import { type Validated, validate } from '../validate/validate.js';

/** What a run was given, all of it read. */
export interface Input {
  /** Files or scenarios: whether there is anything at all. */
  readonly count: number;
  /** Paths that name nothing. */
  readonly diagnostics: readonly Diagnostic[];
  /** Takes a while: something else can be under way meanwhile. */
  validate(): Pick<Validated, 'scenarios' | 'invalid'>;
}

export async function read(paths: readonly string[], options: LoadOptions): Promise<Input> {
  const loaded = await loadScenarios(paths, options);
  const { scenarios, diagnostics } = loaded;
  return { count: scenarios.length, diagnostics, validate: () => validate(loaded) };
}

export function validated(scenarios: readonly Scenario[]): Input {
  return { count: scenarios.length, diagnostics: [], validate: () => ({ scenarios, invalid: [] }) };
}
