import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { DEFAULT_OUTPUT } from '../model/settings.js';
import type { Known, Selection, Shard } from '../run/select.js';
import { nearest } from '../validate/nearest.js';
import { chosenPaths, didYouMean, outputFolder, regularExpression, shard, words } from './arguments.js';
import type { Config } from './config.js';
import { EXIT } from './exit-code.js';
import { tell } from './streams.js';

/** The flags by which `run` and `list` select. */
export interface SelectionFlags {
  readonly grep?: RegExp;
  readonly grepInvert?: RegExp;
  readonly tag?: readonly string[];
  readonly lastFailed?: true;
  readonly shard?: Shard;
  readonly output?: string;
  readonly config?: string | false;
}

/** What is selected, once flags, environment and config are put together. */
export interface Choice {
  readonly paths: readonly string[];
  readonly selection: Selection;
}

export function addSelectionOptions(command: Command): Command {
  return command
    .optionsGroup('Selecting:')
    .option('--grep <regexp>', 'only scenarios whose name (variant included) matches', regularExpression)
    .option('--grep-invert <regexp>', 'no scenarios whose name (variant included) matches', regularExpression)
    .option(
      '--tag <tag>',
      'only scenarios with one of these tags (several times or with commas); !tag leaves out',
      words,
    )
    .option('--last-failed', 'only what did not pass in the last run, by its output folder')
    .addOption(
      new Option('--shard <i/n>', 'the i-th of n parts of what is selected')
        .argParser(shard)
        .env('REPLYPATH_SHARD'),
    );
}

export function outputOption(description: string): Option {
  return new Option('--output <folder>', `${description} (default: ${DEFAULT_OUTPUT})`)
    .argParser(outputFolder)
    .env('REPLYPATH_OUTPUT');
}

export function addConfigOptions(command: Command): Command {
  return command
    .optionsGroup('Settings:')
    .addOption(
      new Option(
        '--config <file>',
        'config file (default: the nearest replypath.config.yaml, up to the root of the repository)',
      ).env('REPLYPATH_CONFIG'),
    )
    .option('--no-config', 'read no config file');
}

/** Null where there is nothing to go on with, which has been told and set as the exit code. */
export async function choiceOf(
  command: Command,
  given: readonly string[],
  flags: SelectionFlags,
  config: Config,
  cwd: string,
): Promise<Choice | null> {
  const failed = flags.lastFailed ? await lastFailed(resolve(cwd, outputOf(flags, config))) : null;
  if (failed !== null && failed.names.size === 0) return null;
  const paths = chosenPaths(command, given, cwd, failed?.files ?? config.paths);
  if (paths === null) return null;
  return {
    paths,
    selection: {
      grep: flags.grep ?? patternOf(config.grep),
      grepInvert: flags.grepInvert ?? patternOf(config.grepInvert),
      tags: flags.tag ?? config.tags ?? [],
      names: failed?.names ?? null,
      shard: flags.shard ?? null,
    },
  };
}

export function outputOf({ output }: Pick<SelectionFlags, 'output'>, config: Config): string {
  return output ?? config.output ?? DEFAULT_OUTPUT;
}

function patternOf(source: string | undefined): RegExp | null {
  return source === undefined ? null : new RegExp(source);
}

/** Without names where nothing is to be run: there is no last run, or nothing failed in it. */
async function lastFailed(folder: string) {
  const { LastRunError, readLastFailed } = await import('../run/last-run.js');
  try {
    const failed = await readLastFailed(folder);
    if (failed.names.size === 0) {
      tell('nothing is run: in the last run nothing failed');
      process.exitCode = EXIT.passed;
    }
    return failed;
  } catch (error) {
    if (!(error instanceof LastRunError)) throw error;
    tell(`${error.message}; run without --last-failed first, or name the folder of that run with --output`);
    process.exitCode = EXIT.usage;
    return { names: new Set<string>(), files: [] };
  }
}

/** Says which wanted tags no scenario has. */
export function tellUnknownTags({ tags }: Selection, known: Known): void {
  for (const tag of tags.map((text) => text.replace(/^!/, ''))) {
    if (known.names.length > 0 && !known.tags.includes(tag))
      tell(`no scenario has the tag ${tag}${didYouMean(nearest(tag, known.tags))}`);
  }
}

/** Says why nothing is selected, and what may have been meant. */
export function tellNothingSelected(selection: Selection, known: Known): void {
  const [why, near] = whyNothing(selection, known);
  tell(`nothing is selected: ${why}; replypath list prints the names${didYouMean(near)}`);
}

function whyNothing({ grep, grepInvert, tags, names }: Selection, known: Known): [string, string[]] {
  const criteria = [
    ...(grep === null ? [] : [`--grep ${grep.source}`]),
    ...(grepInvert === null ? [] : [`--grep-invert ${grepInvert.source}`]),
    ...tags.map((tag) => `--tag ${tag}`),
    ...(names === null ? [] : ['--last-failed']),
  ];
  if (known.names.length === 0 || criteria.length === 0) return ['no scenario file was found', []];
  if (grep !== null && criteria.length === 1)
    return [`no scenario's name matches ${grep}`, nearest(grep.source, known.names.flatMap(partsOf))];
  const count = known.names.length;
  return [`none of ${count} scenario${count === 1 ? '' : 's'} is left by ${criteria.join(' ')}`, []];
}

/** What of a name people type: the id, its last part, the cells of the matrix. */
function partsOf(name: string): string[] {
  const [, id = name, cells = ''] = /^(.*?)(?: \[(.*)\])?$/s.exec(name) ?? [];
  return [id, id.slice(id.lastIndexOf('/') + 1), ...cells.split(' ')].filter((part) => part !== '');
}
