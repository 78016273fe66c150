import type { Command } from 'commander';
import { positiveInteger, regularExpression } from './arguments.js';

const AFTER = `
SCENARIO is a file, or the name of a scenario as list prints it. With file:line
the flow that stands there is explained. Otherwise, and without --flow, it is
the first flow that is not as expected. Where all are, those that are not
symmetric are listed with their numbers; where there are not several, it is the
one, or the first flow.

The request is read downwards and the reply upwards. Where a terminal has less
than 80 columns they stand below each other, each in order of time.

The exit code is 0 where there was something to explain, whatever became of the
flow: run says whether a scenario passes.

Examples:
  $ replypath explain scenarios/recipes/a1-rt2.yaml --grep 'isp=bcp38 family=4'
  $ replypath explain 'recipes/a1-rt2 [isp=bcp38 family=6]' --flow 2
  $ replypath explain scenarios/mine.yaml:12 --verbose
  $ replypath explain scenarios/mine.yaml --json | jq .flow.cause`;

export interface ExplainFlags {
  readonly flow?: number;
  readonly grep?: RegExp;
  readonly kernel?: string;
  readonly verbose?: true;
  readonly json?: true;
}

export function addExplainCommand(program: Command): void {
  program
    .command('explain')
    .summary('tell the story of one flow: which way it went, and why')
    .description(
      'Run a scenario, and tell of one of its flows what each node decided, why it went as it did, and what would change that.',
    )
    .argument('<scenario>', 'scenario file, perhaps with a line, or the name of a scenario')
    .option('--flow <number>', 'the flow of that number, in order of the file, from 1', positiveInteger)
    .option('--grep <regexp>', 'the variant whose name matches', regularExpression)
    .option('--kernel <kernel>', 'make the lab in a virtual machine with another kernel: 6.12, a path, auto')
    .option('--verbose', 'also every look-up, rule list, counter, neighbour, connection and trace event')
    .option('--json', 'as JSON, which replypath schema explanation describes')
    .addHelpText('after', AFTER)
    .action(async (given: string, flags: ExplainFlags) => {
      const { explain } = await import('./explain-flow.js');
      process.exitCode = await explain(given, flags, process.cwd());
    });
}
