import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathWithLine } from '../load/path-with-line.js';
import type { Scenario } from '../model/scenario.js';
import { validationText } from '../report/validation.js';
import { EVERYTHING } from '../run/select.js';
import { nearest } from '../validate/nearest.js';
import { DEFAULT_FOLDER, didYouMean } from './arguments.js';
import { chosenConfig } from './config.js';
import { EXIT } from './exit-code.js';
import { readingExitCode, readScenarios } from './read-scenarios.js';
import { severalText } from './several.js';
import { tell } from './streams.js';
import { terminalOf } from './terminal.js';

export interface OneScenario {
  readonly scenario: Scenario;
  /** The line behind the path of its file, from 1; null where there was none. */
  readonly line: number | null;
}

/**
 * The one scenario that a path or a name stands for; an exit code where it is none or several, which has been told.
 * What is no file or pattern is the name of a scenario of those that `run` would take.
 */
export async function oneScenario(
  given: string,
  grep: RegExp | null,
  cwd: string,
): Promise<OneScenario | number> {
  if (existsSync(resolve(cwd, given))) return ofPaths([given], null, { grep, line: null }, cwd);
  const { path, line } = pathWithLine(given);
  if (line !== null && existsSync(resolve(cwd, path))) return ofPaths([path], null, { grep, line }, cwd);
  if (/\.ya?ml$|[*?{}]/.test(given)) return ofPaths([given], null, { grep, line: null }, cwd);
  const config = await chosenConfig(undefined, cwd);
  if (config === null) return EXIT.usage;
  return ofPaths(config.paths ?? [DEFAULT_FOLDER], given, { grep, line: null }, cwd);
}

async function ofPaths(
  paths: readonly string[],
  name: string | null,
  { grep, line }: { readonly grep: RegExp | null; readonly line: number | null },
  cwd: string,
): Promise<OneScenario | number> {
  const names = name === null ? null : new Set([name]);
  const read = await readScenarios(paths, cwd, { ...EVERYTHING, grep, names });
  const [scenario, ...others] = read.scenarios;
  if (scenario !== undefined && others.length === 0) return { scenario, line };
  if (scenario !== undefined) {
    tell(severalText(read.scenarios, 'choose one by --grep or by its name'));
    return EXIT.usage;
  }
  if (read.diagnostics.length > 0 && name === null) {
    const terminal = terminalOf(process.stderr, process.env);
    process.stderr.write(validationText(0, read.diagnostics, terminal));
    return readingExitCode(read);
  }
  const ids = new Set(read.known.names.map((each) => each.replace(/ \[.*\]$/, '')));
  const near = nearest(name ?? grep?.source ?? '', [...ids]).slice(0, 3);
  const what =
    name === null ? `no scenario's name matches ${grep}` : `no file and no scenario is called ${name}`;
  tell(`${what}; replypath list prints the names${didYouMean(near)}`);
  return EXIT.nothingSelected;
}
