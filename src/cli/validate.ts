import type { Command } from 'commander';
import { chosenPaths, PATHS, PATHS_HELP } from './arguments.js';
import { EXIT } from './exit-code.js';
import { print } from './streams.js';
import { terminalOf } from './terminal.js';

const AFTER = `
Nothing is run. Exits with 3 where a file is invalid.

Examples:
  $ replypath validate
  $ replypath validate scenarios/mine.yaml --json`;

export function addValidateCommand(program: Command): void {
  program
    .command('validate')
    .summary('check scenario files')
    .description('Check scenario files, and the topologies and policies that they name.')
    .argument(PATHS, PATHS_HELP)
    .option('--json', 'as JSON')
    .addHelpText('after', AFTER)
    .action(async (given: string[], options: { json?: true }, command: Command) => {
      const cwd = process.cwd();
      const { chosenConfig } = await import('./config.js');
      const config = await chosenConfig(undefined, cwd);
      const paths = config === null ? null : chosenPaths(command, given, cwd, config.paths);
      if (config === null) process.exitCode = EXIT.usage;
      if (paths !== null) process.exitCode = await validateScenarios(paths, options.json === true);
    });
}

async function validateScenarios(paths: string[], json: boolean): Promise<number> {
  const { readScenarios, readingExitCode } = await import('./read-scenarios.js');
  const read = await readScenarios(paths, process.cwd());
  const { scenarios, diagnostics } = read;
  if (json) {
    print(`${JSON.stringify({ version: 1, scenarios: scenarios.length, diagnostics }, null, 2)}\n`);
  } else {
    const { validationText } = await import('../report/validation.js');
    print(validationText(scenarios.length, diagnostics, terminalOf(process.stdout, process.env)));
  }
  return readingExitCode(read);
}
