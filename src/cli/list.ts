import type { Command } from 'commander';
import { PATHS, PATHS_HELP } from './arguments.js';
import { EXIT } from './exit-code.js';
import {
  addConfigOptions,
  addSelectionOptions,
  type Choice,
  choiceOf,
  outputOption,
  type SelectionFlags,
} from './selection.js';
import { print, tell } from './streams.js';

const AFTER = `
Environment variables and the config file count as with run: REPLYPATH_SHARD,
_OUTPUT, _CONFIG.

Examples:
  $ replypath list
  $ replypath list scenarios/recipes --grep family=6
  $ replypath list --tag source-rule --grep-invert isp=open
  $ replypath list --json | jq -r '.[].tags[]' | sort | uniq -c`;

interface ListFlags extends SelectionFlags {
  readonly json?: true;
}

export function addListCommand(program: Command): void {
  const command = program
    .command('list')
    .summary('print the names of scenarios')
    .description('Print the names of scenarios, one for each variant of a matrix, as run would select them.')
    .argument(PATHS, PATHS_HELP)
    .option('--json', 'as JSON, with title, tags and variant')
    .configureHelp({ optionDescription: ({ description }) => description });
  addSelectionOptions(command).addOption(outputOption('folder of the run that --last-failed means'));
  addConfigOptions(command)
    .addHelpText('after', AFTER)
    .action(async (given: string[], flags: ListFlags, command: Command) => {
      const cwd = process.cwd();
      const { chosenConfig } = await import('./config.js');
      const config = await chosenConfig(flags.config, cwd);
      const choice = config === null ? null : await choiceOf(command, given, flags, config, cwd);
      if (config === null) process.exitCode = EXIT.usage;
      if (choice !== null) process.exitCode = await listScenarios(choice, flags.json === true, cwd);
    });
}

async function listScenarios(choice: Choice, json: boolean, cwd: string): Promise<number> {
  const { listNames, tellReading } = await import('./dry-run.js');
  if (!json) return listNames({ ...choice, repeatEach: 1 }, cwd);
  const { readScenarios, readingExitCode } = await import('./read-scenarios.js');
  const read = await readScenarios(choice.paths, cwd, choice.selection);
  const items = read.scenarios.map(({ id, name, file, title, tags, variant }) => ({
    id,
    name,
    file,
    title,
    tags,
    variant,
  }));
  print(`${JSON.stringify(items, null, 2)}\n`);
  tellReading(read, choice.selection);
  if (read.invalid.length > 0) tell('not all could be read; replypath validate says why');
  return readingExitCode(read);
}
