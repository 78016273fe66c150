import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { ConfigInput } from '../format/config.js';
import { tell } from './streams.js';
import { terminalOf } from './terminal.js';

const NAME = 'replypath.config.yaml';

/** What a config file says, with its paths made relative to the working directory. */
export type Config = ConfigInput;

/** Says which config file: a path, false for none, undefined for the nearest. */
export type ConfigChoice = string | false | undefined;

/** The config that counts: empty where there is none; null where it is invalid, which has been told. */
export async function readConfig(choice: ConfigChoice, cwd: string): Promise<Config | null> {
  if (choice === false) return {};
  const file = choice === undefined ? nearestConfig(cwd) : resolve(cwd, choice);
  return file === null ? {} : readConfigFile(file, cwd);
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

async function readConfigFile(path: string, cwd: string): Promise<Config | null> {
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
  if (config !== null) return fromFolder(config, relative(cwd, dirname(path)));
  const [{ painter }, { diagnosticLines }] = await Promise.all([
    import('../report/paint.js'),
    import('../report/text/diagnostic.js'),
  ]);
  const paint = painter(terminalOf(process.stderr, process.env).colours);
  tell('the config file cannot be used; correct it, or go without it by --no-config');
  const lines = faults.list().flatMap((diagnostic) => diagnosticLines(diagnostic));
  process.stderr.write(lines.map((line) => `${paint(line)}\n`).join(''));
  return null;
}

function fromFolder(config: ConfigInput, folder: string): Config {
  const { paths, output, reporters, ...rest } = config;
  return {
    ...rest,
    ...(paths === undefined ? {} : { paths: paths.map((path) => pathFrom(path, folder)) }),
    ...(output === undefined ? {} : { output: pathFrom(output, folder) }),
    ...(reporters === undefined ? {} : { reporters: reporters.map((spec) => reporterFrom(spec, folder)) }),
  };
}

function reporterFrom(spec: string, folder: string): string {
  const colon = spec.indexOf(':');
  return colon < 0 ? spec : `${spec.slice(0, colon + 1)}${pathFrom(spec.slice(colon + 1), folder)}`;
}

function pathFrom(path: string, folder: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}
