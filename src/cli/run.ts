import { type Command, Option } from 'commander';
import type { Reporter } from '../report/reporter.js';
import type { RunOutcome } from '../run/run.js';
import {
  chosenPaths,
  outputFolder,
  PATHS,
  PATHS_HELP,
  positiveInteger,
  regularExpression,
} from './arguments.js';
import { EXIT, exitCode } from './exit-code.js';
import { EndingSignals } from './signals.js';
import { print, tell } from './streams.js';
import { terminalOf } from './terminal.js';

const REPORTERS = ['list', 'tap', 'json'] as const;
const CAPTURE_METHODS = ['agent', 'tcpdump'] as const;

interface RunCommandOptions {
  readonly reporter: (typeof REPORTERS)[number];
  readonly grep?: RegExp;
  readonly workers?: number;
  readonly capture: (typeof CAPTURE_METHODS)[number];
  readonly output?: string;
  readonly verbose?: true;
  readonly quiet?: true;
  readonly failOnSkip?: true;
}

const AFTER = `
The report goes to standard output, everything else to standard error.

Examples:
  $ replypath run scenarios/recipes
  $ replypath run --grep 'isp=bcp38 family=6' --verbose
  $ replypath run --reporter tap > results.tap
  $ replypath run --reporter json | jq '.scenarios[] | select(.status != "passed") | .name'`;

export function addRunCommand(program: Command): void {
  program
    .command('run')
    .summary('run scenarios and report which way the packets went')
    .description(
      'Build the labs of scenarios, send their packets, and report for each flow which way it went.',
    )
    .argument(PATHS, PATHS_HELP)
    .addOption(new Option('--reporter <name>', 'how to report').choices(REPORTERS).default('list'))
    .option('--grep <regexp>', 'only scenarios whose name (variant included) matches', regularExpression)
    .option('--workers <number>', 'labs at a time (default: two for each core)', positiveInteger)
    .addOption(
      new Option('--capture <method>', "who captures: each node's own agent, or a tcpdump beside it")
        .choices(CAPTURE_METHODS)
        .default('agent'),
    )
    .option(
      '--output <folder>',
      'where to keep captures and reports (default: replypath-results)',
      outputFolder,
    )
    .option('--fail-on-skip', 'exit with 1 where a scenario is skipped')
    .addOption(new Option('--verbose', 'list: every flow, path and command').conflicts('quiet'))
    .option('--quiet', 'list: only what did not pass, and the summary')
    .addHelpText('after', AFTER)
    .action(async (given: string[], options: RunCommandOptions, command: Command) => {
      const paths = chosenPaths(command, given, process.cwd());
      if (paths !== null) process.exitCode = await runScenarios(paths, options);
    });
}

async function runScenarios(paths: string[], options: RunCommandOptions): Promise<number> {
  const [{ run, ResultsFolderError }, reporter] = await Promise.all([
    import('../run/run.js'),
    reporterFor(options),
  ]);
  const signals = new EndingSignals();
  const outcome = await run(
    {
      paths,
      cwd: process.cwd(),
      grep: options.grep ?? null,
      workers: options.workers ?? null,
      capture: options.capture,
      output: options.output ?? 'replypath-results',
      signal: signals.abort,
    },
    reporter,
  ).catch((error: unknown) => {
    if (error instanceof ResultsFolderError) return error;
    throw error;
  });
  signals.stopListening();
  if (outcome instanceof ResultsFolderError) {
    tell(`cannot write the results: ${outcome.message}; name another folder with --output`);
    return EXIT.usage;
  }
  tellOutcome(outcome, options.grep);
  const signal = outcome.interrupted ? signals.received : null;
  const code = exitCode({ ...outcome, signal, failOnSkip: options.failOnSkip === true });
  // What outlives the run holds pipes to this process, which would wait for their end.
  if (outcome.leftBehind.length > 0) process.exit(code);
  return code;
}

async function reporterFor({ reporter, verbose, quiet }: RunCommandOptions): Promise<Reporter> {
  switch (reporter) {
    case 'tap':
      return (await import('../report/tap.js')).tapReporter(print);
    case 'json':
      return (await import('../report/json.js')).jsonReporter(print);
    case 'list': {
      const { listReporter } = await import('../report/list.js');
      const detail = verbose ? 'verbose' : quiet ? 'quiet' : 'normal';
      return listReporter({ write: print, ...terminalOf(process.stdout, process.env), detail });
    }
  }
}

/** Says on standard error what no report has a place for. */
function tellOutcome(outcome: RunOutcome, grep: RegExp | undefined): void {
  if (outcome.missingTools.length > 0) {
    tell(
      `required tools are missing: ${outcome.missingTools.join(', ')}; replypath doctor says how to get them`,
    );
  }
  for (const { message, hint } of outcome.diagnostics) tell(`${message}. ${hint}`);
  if (outcome.nothingSelected && outcome.diagnostics.length === 0) {
    const why = grep === undefined ? 'no scenario file was found' : `no scenario's name matches ${grep}`;
    tell(`nothing is selected: ${why}; replypath list prints the names`);
  }
  if (outcome.leftBehind.length > 0) {
    tell(`something was left behind on this machine: ${outcome.leftBehind.join(', ')}; please report this`);
  }
}
