import { loadScenarios } from '../load/load.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Scenario } from '../model/scenario.js';
import { select } from '../run/select.js';
import { type InvalidScenario, validate } from '../validate/validate.js';
import { loadOptions } from './folders.js';
import { type SelectOptions, selectionOf } from './select.js';

/** Where scenarios are looked for unless a path is named, below the working directory. */
export const DEFAULT_PATH = 'scenarios';

export interface LoadOptions extends SelectOptions {
  /** What paths are relative to; the working directory of the process unless given. */
  readonly cwd?: string;
}

export interface LoadResult {
  /** Every selected variant of every valid file, in the order of files, then of the matrix. */
  readonly scenarios: readonly Scenario[];
  /** Selected files that are no valid scenario. */
  readonly invalid: readonly InvalidScenario[];
  /** All faults, also of what is not selected and of paths that name nothing, each once. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads and validates scenarios, variants expanded. Nothing is run. Faults are values, whatever is in the files:
 * `diagnostics` is empty where there are none.
 *
 * @param paths files (with a line: `file:line`), folders or glob patterns; `scenarios` unless given.
 */
export async function load(
  paths: string | readonly string[] = DEFAULT_PATH,
  options: LoadOptions = {},
): Promise<LoadResult> {
  const list = [paths].flat();
  if (list.length === 0) return { scenarios: [], invalid: [], diagnostics: [] };
  const found = validate(await loadScenarios(list, loadOptions(options.cwd)));
  const { scenarios, invalid } = select(found, selectionOf(options));
  return { scenarios, invalid, diagnostics: found.diagnostics };
}
