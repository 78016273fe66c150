import { join } from 'node:path';
import { loadScenarios } from '../load/load.js';
import { packageFolder } from '../system/package-folder.js';
import { type Validated, validate } from '../validate/validate.js';
import { EXIT } from './exit-code.js';

export type ReadScenarios = Pick<Validated, 'scenarios' | 'diagnostics'>;

/** Loads and validates, for the commands that run nothing. */
export async function readScenarios(paths: readonly string[], cwd: string): Promise<ReadScenarios> {
  const labDirs = [join(cwd, 'lab'), join(packageFolder(), 'lab')];
  return validate(await loadScenarios(paths, { cwd, labDirs }));
}

/** A path that names nothing is no invalid scenario, but it is not nothing either. */
export function readingExitCode({ scenarios, diagnostics }: ReadScenarios): number {
  const named = diagnostics.filter(({ code }) => code !== 'no-such-file');
  if (named.length > 0) return EXIT.invalid;
  return diagnostics.length > 0 || scenarios.length === 0 ? EXIT.nothingSelected : EXIT.passed;
}
