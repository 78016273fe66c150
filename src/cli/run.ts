import type { Command } from 'commander';
import type { RunOutcome } from '../run/run.js';
import { PATHS, PATHS_HELP } from './arguments.js';
import { EXIT, exitCode } from './exit-code.js';
import { tellForbiddenSkips } from './forbidden-skips.js';
import { openReporters, type Reporting } from './reporters.js';
import { addRunOptions, type RunFlags, type RunSettings, runSettings } from './run-options.js';
import { EndingSignals } from './signals.js';
import { tell } from './streams.js';

const AFTER = `
A path may be file:line. Then what is run of the file is the step that holds
the line, and those before it that it builds on, in the variants that have it; a
line outside of the steps stands for the whole file.

The report goes to standard output, everything else to standard error.

Flags win over environment variables, which win over the config file:
  REPLYPATH_KERNEL, _WORKERS, _REPEAT_EACH, _RETRIES, _BAIL, _CAPTURE, _SHARD,
  _FAIL_ON_SKIP (1 or 0), _ALLOW_SKIP, _REPORTER, _OUTPUT, _CONFIG

Examples:
  $ replypath run scenarios/recipes
  $ replypath run scenarios/recipes/a1-rt2.yaml:30
  $ replypath run --grep 'isp=bcp38 family=6' --verbose
  $ replypath run --last-failed --bail
  $ replypath run --repeat-each 20 --retries 0 --quiet scenarios/recipes
  $ replypath run --kernel host,6.12,6.1 scenarios/recipes
  $ replypath run --shard 1/3 --retries 1 --reporter list,tap:out/results.tap
  $ replypath run --reporter json | jq '.scenarios[] | select(.flaky) | .name'`;

export function addRunCommand(program: Command): void {
  const command = program
    .command('run')
    .summary('run scenarios and report which way the packets went')
    .description(
      'Build the labs of scenarios, send their packets, and report for each flow which way it went.',
    )
    .argument(PATHS, PATHS_HELP);
  addRunOptions(command)
    .addHelpText('after', AFTER)
    .action(async (given: string[], flags: RunFlags, command: Command) => {
      const cwd = process.cwd();
      const { chosenConfig } = await import('./config.js');
      const config = await chosenConfig(flags.config, cwd);
      if (config === null) {
        process.exitCode = EXIT.usage;
        return;
      }
      const settings = await runSettings(command, given, flags, config, cwd);
      if (settings === null) return;
      if (flags.list || flags.dryRun) {
        const { dryRun, listNames } = await import('./dry-run.js');
        process.exitCode = await (flags.list ? listNames : dryRun)(settings, cwd);
      } else {
        process.exitCode = await runScenarios(settings, cwd);
      }
    });
}

async function runScenarios(settings: RunSettings, cwd: string): Promise<number> {
  const [{ run, ResultsFolderError }, reporting] = await Promise.all([
    import('../run/run.js'),
    reportingOf(settings, cwd),
  ]);
  if (reporting === null) return EXIT.usage;
  const { kernelsNamed } = await import('./kernels-named.js');
  const kernels = await kernelsNamed(settings.kernelNames);
  if (typeof kernels === 'number') return kernels;
  const signals = new EndingSignals();
  const outcome = await run({ ...settings, kernels, cwd, signal: signals.abort }, reporting.reporter).catch(
    (error: unknown) => {
      if (error instanceof ResultsFolderError) return error;
      throw error;
    },
  );
  signals.stopListening();
  const unwritten = reporting.close();
  if (outcome instanceof ResultsFolderError) {
    tell(`cannot write the results: ${outcome.message}; name another folder with --output`);
    return EXIT.usage;
  }
  for (const failure of unwritten) tell(`cannot write the report: ${failure}`);
  await tellOutcome(outcome, settings);
  const signal = outcome.interrupted ? signals.received : null;
  const code = exitCode({ ...outcome, ...settings, signal, reportUnwritten: unwritten.length > 0 });
  // What outlives the run holds pipes to this process, which would wait for their end.
  if (outcome.leftBehind.length > 0) process.exit(code);
  return code;
}

/** Null where the file of a report cannot be opened, which has been told. */
async function reportingOf({ reporters, detail }: RunSettings, cwd: string): Promise<Reporting | null> {
  const { ReportFileError } = await import('./report-file.js');
  try {
    return await openReporters(reporters, detail, cwd);
  } catch (error) {
    if (!(error instanceof ReportFileError)) throw error;
    tell(`cannot write the report: ${error.message}; name another file with --reporter`);
    return null;
  }
}

/** Says on standard error what no report has a place for. */
async function tellOutcome(outcome: RunOutcome, settings: RunSettings): Promise<void> {
  const { tellNothingSelected, tellUnknownTags } = await import('./selection.js');
  if (outcome.missingTools.length > 0) {
    tell(
      `required tools are missing: ${outcome.missingTools.join(', ')}; replypath doctor says how to get them`,
    );
  }
  for (const { message, hint } of outcome.diagnostics) tell(`${message}. ${hint}`);
  tellUnknownTags(settings.selection, outcome.known);
  if (outcome.nothingSelected && outcome.diagnostics.length === 0)
    tellNothingSelected(settings.selection, outcome.known);
  if (outcome.bailed.length > 0) {
    const count = outcome.bailed.length;
    tell(`--bail: ${count} scenario${count === 1 ? ' was' : 's were'} not run, after what did not pass`);
  }
  tellForbiddenSkips(outcome.report.scenarios, settings);
  if (outcome.leftBehind.length > 0) {
    tell(`something was left behind on this machine: ${outcome.leftBehind.join(', ')}; please report this`);
  }
}
