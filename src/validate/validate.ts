import type { Loaded } from '../load/load.js';
import { diagnosticOf } from '../load/source.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Scenario } from '../model/scenario.js';
import { Faults, untilTooMany } from './faults.js';
import { intentOf } from './intent.js';
import { scenariosOf } from './scenario.js';

export interface Validated {
  /** Every variant of every valid file, in the order of files, then of the matrix. */
  readonly scenarios: readonly Scenario[];
  /** Files of which no variant is run, because something in them, or in what they name, is wrong. */
  readonly invalid: readonly InvalidScenario[];
  /** All faults, each once, also where several files share it. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface InvalidScenario {
  readonly id: string;
  readonly file: string;
  /** What its variants would be called, and its tags, as far as they can be read; null where the file cannot be. */
  readonly names: readonly string[] | null;
  readonly tags: readonly string[] | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Makes scenarios of what was loaded. Pure; a file that is invalid in one variant is invalid. */
export function validate(loaded: Loaded): Validated {
  const all = new Faults();
  for (const diagnostic of loaded.diagnostics) all.take(diagnostic);
  const scenarios: Scenario[] = [];
  const invalid: InvalidScenario[] = [];
  const files = new Map<string, string>();
  for (const loadedScenario of loaded.scenarios) {
    const { id, file } = loadedScenario;
    const faults = new Faults();
    const found = untilTooMany(() => scenariosOf(loadedScenario, loaded, faults));
    const other = files.get(id);
    if (other !== undefined) {
      const message = `the scenario id ${id} is also that of ${other}`;
      faults.take(diagnosticOf(file.file, 'duplicate-scenario', message, 'Rename one of the files.'));
    }
    files.set(id, file.file);
    const diagnostics = faults.list();
    if (diagnostics.length === 0) scenarios.push(...found);
    else invalid.push({ id, file: file.file, ...intentOf(id, file.tree), diagnostics });
    for (const diagnostic of diagnostics) all.take(diagnostic);
  }
  return { scenarios, invalid, diagnostics: all.list() };
}
