import type { Command } from 'commander';
import { chosenPaths, PATHS, PATHS_HELP, regularExpression } from './arguments.js';
import { print, tell } from './streams.js';

const AFTER = `
Examples:
  $ replypath list
  $ replypath list scenarios/recipes --grep family=6
  $ replypath list --json | jq -r '.[].tags[]' | sort | uniq -c`;

export function addListCommand(program: Command): void {
  program
    .command('list')
    .summary('print the names of scenarios')
    .description('Print the names of scenarios, one for each variant of a matrix.')
    .argument(PATHS, PATHS_HELP)
    .option('--grep <regexp>', 'only names that match', regularExpression)
    .option('--json', 'as JSON, with title, tags and variant')
    .addHelpText('after', AFTER)
    .action(async (given: string[], options: { grep?: RegExp; json?: true }, command: Command) => {
      const paths = chosenPaths(command, given, process.cwd());
      if (paths !== null) process.exitCode = await listScenarios(paths, options);
    });
}

async function listScenarios(
  paths: string[],
  { grep, json }: { grep?: RegExp; json?: true },
): Promise<number> {
  const { readScenarios, readingExitCode } = await import('./read-scenarios.js');
  const { scenarios, diagnostics } = await readScenarios(paths, process.cwd());
  const selected = scenarios.filter(({ name }) => grep === undefined || grep.test(name));
  if (json) {
    const items = selected.map(({ id, name, file, title, tags, variant }) => ({
      id,
      name,
      file,
      title,
      tags,
      variant,
    }));
    print(`${JSON.stringify(items, null, 2)}\n`);
  } else {
    const { printable } = await import('../report/text/printable.js');
    print(selected.map(({ name }) => `${printable(name)}\n`).join(''));
  }
  if (diagnostics.length > 0) tell('not all could be read; replypath validate says why');
  return readingExitCode({ scenarios: selected, diagnostics });
}
