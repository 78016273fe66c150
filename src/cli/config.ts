import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { ConfigInput } from '../format/config.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { tell } from './streams.js';
import { terminalOf } from './terminal.js';

const NAME = 'replypath.config.yaml';

/** What a config file says, with its paths made relative to the working directory. */
export type Config = ConfigInput;

/** Says which config file: a path, false for none, undefined for the nearest. */
export type ConfigChoice = string | false | undefined;

/** The config that counts: empty where there is none; null where it is invalid, which has been told. */
export async function chosenConfig(choice: ConfigChoice, cwd: string): Promise<Config | null> {
  const file = choice === undefined ? nearestConfig(cwd) : choice === false ? null : resolve(cwd, choice);
  if (file === null) return {};
  const { config, diagnostics } = await readConfig(file, cwd);
  if (config === null) await tellFaults(diagnostics);
  return config;
}

/**
 * The config file of the working directory or of the nearest folder above, up to the root of the repository. Outside
 * of a repository only the working directory counts: what lies above it may be anybody's.
 */
export function nearestConfig(cwd: string): string | null {
  const candidates: string[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    candidates.push(join(folder, NAME));
    if (existsSync(join(folder, '.git'))) return candidates.find((file) => existsSync(file)) ?? null;
    if (folder === dirname(folder)) break;
  }
  const own = join(cwd, NAME);
  return existsSync(own) ? own : null;
}

/** Reads a config file by its absolute path; without a config where something is wrong with it. */
export async function readConfig(
  path: string,
  cwd: string,
): Promise<{ config: Config | null; diagnostics: readonly Diagnostic[] }> {
  const [{ readYaml }, { checkShape }, { Faults }, { configFile }] = await Promise.all([
    import('../load/read.js'),
    import('../validate/shape.js'),
    import('../validate/faults.js'),
    import('../format/config.js'),
  ]);
  const { tree, diagnostics } = await readYaml(path, cwd);
  const faults = new Faults();
  for (const diagnostic of diagnostics) faults.take(diagnostic);
  const config = tree === null ? null : checkShape(configFile, tree, faults);
  return {
    config: config === null ? null : fromFolder(config, relative(cwd, dirname(path))),
    diagnostics: faults.list(),
  };
}

async function tellFaults(diagnostics: readonly Diagnostic[]): Promise<void> {
  const [{ painter }, { diagnosticLines }] = await Promise.all([
    import('../report/paint.js'),
    import('../report/text/diagnostic.js'),
  ]);
  const paint = painter(terminalOf(process.stderr, process.env).colours);
  tell('the config file cannot be used; correct it, or go without it by --no-config');
  const lines = diagnostics.flatMap((diagnostic) => diagnosticLines(diagnostic));
  process.stderr.write(lines.map((line) => `${paint(line)}\n`).join(''));
}

function fromFolder(config: ConfigInput, folder: string): Config {
  const { paths, kernel, output, reporters, ...rest } = config;
  return {
    ...rest,
    ...(paths === undefined ? {} : { paths: paths.map((path) => pathFrom(path, folder)) }),
    ...(kernel === undefined ? {} : { kernel: [kernel].flat().map((name) => kernelFrom(name, folder)) }),
    ...(output === undefined ? {} : { output: pathFrom(output, folder) }),
    ...(reporters === undefined ? {} : { reporters: reporters.map((spec) => reporterFrom(spec, folder)) }),
  };
}

function reporterFrom(spec: string, folder: string): string {
  const colon = spec.indexOf(':');
  return colon < 0 ? spec : `${spec.slice(0, colon + 1)}${pathFrom(spec.slice(colon + 1), folder)}`;
}

/** A path where it has a slash; several have commas between them. */
function kernelFrom(names: string, folder: string): string {
  const each = names.split(',').map((name) => name.trim());
  return each.map((name) => (name.includes('/') ? pathFrom(name, folder) : name)).join(',');
}

function pathFrom(path: string, folder: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}
