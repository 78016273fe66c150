import { loadScenarios } from '../load/load.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Scenario } from '../model/scenario.js';
import { type InvalidScenario, validate } from '../validate/validate.js';
import { loadOptions } from './folders.js';

export interface LoadSelection {
  /** What paths are relative to; the working directory of the process unless given. */
  readonly cwd?: string;
  /** Only scenarios whose name, variant included, matches. */
  readonly grep?: RegExp;
}

export interface LoadResult {
  /** Every selected variant of every valid file, in the order of files, then of the matrix. */
  readonly scenarios: readonly Scenario[];
  /** Files that are no valid scenario. */
  readonly invalid: readonly InvalidScenario[];
  /** All faults, those of paths that name nothing included, each once. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads and validates scenarios, variants expanded. Nothing is run. Faults of files are values, whatever is in
 * the files: `diagnostics` is empty where there are none.
 *
 * @param paths files, folders or glob patterns; `scenarios` where there are none.
 */
export async function load(
  paths: string | readonly string[],
  selection: LoadSelection = {},
): Promise<LoadResult> {
  const loaded = await loadScenarios([paths].flat(), loadOptions(selection.cwd));
  const { scenarios, invalid, diagnostics } = validate(loaded);
  const grep = stateless(selection.grep);
  return {
    scenarios: scenarios.filter(({ name }) => grep?.test(name) ?? true),
    invalid: invalid.filter(({ id }) => grep?.test(id) ?? true),
    diagnostics,
  };
}

/** An expression that is global or sticky goes on where it stopped: not what selecting means. */
export function stateless(expression: RegExp | undefined): RegExp | null {
  return expression === undefined
    ? null
    : new RegExp(expression.source, expression.flags.replace(/[gy]/g, ''));
}
