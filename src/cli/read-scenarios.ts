import { join } from 'node:path';
import { loadScenarios } from '../load/load.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { EVERYTHING, type Known, knownOf, type Selected, type Selection, select } from '../run/select.js';
import { packageFolder } from '../system/package-folder.js';
import { Faults } from '../validate/faults.js';
import { validate } from '../validate/validate.js';
import { EXIT } from './exit-code.js';

export interface ReadScenarios extends Selected {
  /** Faults of what is selected and of the paths, each once. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether one of the paths names nothing. */
  readonly pathMissing: boolean;
  readonly known: Known;
}

/** Loads, validates and selects, for the commands that run nothing. */
export async function readScenarios(
  paths: readonly string[],
  cwd: string,
  selection: Selection = EVERYTHING,
): Promise<ReadScenarios> {
  const labDirs = [join(cwd, 'lab'), join(packageFolder(), 'lab')];
  const loaded = await loadScenarios(paths, { cwd, labDirs });
  const validated = validate(loaded);
  const selected = select(validated, selection);
  const faults = new Faults();
  const found = [...loaded.diagnostics, ...selected.invalid.flatMap(({ diagnostics }) => diagnostics)];
  for (const diagnostic of found) faults.take(diagnostic);
  return {
    ...selected,
    diagnostics: faults.list(),
    pathMissing: loaded.diagnostics.length > 0,
    known: knownOf(validated),
  };
}

/** A path that names nothing is no invalid scenario, but it is not nothing either. */
export function readingExitCode({ scenarios, invalid, pathMissing, emptyShard }: ReadScenarios): number {
  if (invalid.length > 0) return EXIT.invalid;
  return pathMissing || (scenarios.length === 0 && !emptyShard) ? EXIT.nothingSelected : EXIT.passed;
}
