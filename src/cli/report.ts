import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { RecordedRun } from '../load/run-folder.js';
import type { RunEvent } from '../model/result.js';
import { DEFAULT_OUTPUT, REPORTERS } from '../model/settings.js';
import { outputFolder, regularExpressions } from './arguments.js';
import { EXIT, exitCode } from './exit-code.js';
import { tellForbiddenSkips } from './forbidden-skips.js';
import { openReporters, type ReporterSpec, reporterSpecs } from './reporters.js';
import { tell } from './streams.js';

interface ReportOptions {
  readonly reporter?: readonly ReporterSpec[];
  readonly merge?: true;
  readonly output?: string;
  readonly verbose?: true;
  readonly quiet?: true;
  readonly failOnSkip?: true;
  readonly allowSkip?: readonly RegExp[];
}

const AFTER = `
Reporters: ${REPORTERS.join(', ')}.
Without a file, the report goes to standard output.

Exits as the run would by its results: 4 an error or scenarios that were not
run, 3 an invalid scenario, 1 a failure, 5 nothing was selected, 0 all passed or
skipped; and with 2 where the folder cannot be reported.

Examples:
  $ replypath report
  $ replypath report --reporter junit:junit.xml --reporter github
  $ replypath report ci-results --verbose
  $ replypath report --merge shard-1 shard-2 --output replypath-results`;

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .summary('report a run again, or join the runs of shards')
    .description('Make any report of a run again from its folder, or join the runs of shards to one.')
    .argument('[folders...]', `folders of runs (default: ${DEFAULT_OUTPUT})`)
    .option(
      '--reporter <name[:file]>',
      'how to report, and where; can be repeated (default: list)',
      reporterSpecs,
    )
    .option('--merge', 'join several runs, each with other scenarios')
    .option('--output <folder>', 'with --merge: keep the joined run there, for further reports', outputFolder)
    .option('--fail-on-skip', 'exit with 1 where a scenario was skipped')
    .option(
      '--allow-skip <regexp>',
      'the same, but for skips whose reason matches (several times)',
      regularExpressions,
    )
    .addOption(new Option('--verbose', 'list: every flow, path and command').conflicts('quiet'))
    .option('--quiet', 'list: only what did not pass, and the summary')
    .addHelpText('after', AFTER)
    .action(async (given: string[], options: ReportOptions, command: Command) => {
      const folders = given.length === 0 ? [DEFAULT_OUTPUT] : given;
      if (options.merge === undefined && folders.length > 1) {
        command.error('error: several folders are joined only with --merge');
      }
      if (options.merge === undefined && options.output !== undefined) {
        command.error('error: --output is where --merge keeps the joined run');
      }
      if (
        folders.some((folder) => options.output !== undefined && resolve(folder) === resolve(options.output))
      ) {
        command.error(`error: --output ${options.output} is one of the runs that are joined`);
      }
      process.exitCode = await reportRuns(folders, options);
    });
}

async function reportRuns(folders: readonly string[], options: ReportOptions): Promise<number> {
  const runs = await readRuns(folders);
  if (runs === null) return EXIT.usage;
  for (const run of runs) await tellProgress(run);
  const { completed, joined } = await import('../report/join.js');
  const [only] = runs;
  const events =
    only !== undefined && runs.length === 1 ? completed(only.events) : joined(runs.map((run) => run.events));
  if (runs.length > 1) tellDifferences(runs);
  if (options.output !== undefined && !(await keep(options.output, events))) return EXIT.usage;
  const detail = options.verbose ? 'verbose' : options.quiet ? 'quiet' : 'normal';
  const { ReportFileError } = await import('./report-file.js');
  try {
    const { reporter, close } = await openReporters(
      options.reporter ?? [{ name: 'list', file: null }],
      detail,
      process.cwd(),
    );
    for (const event of events) reporter(event);
    const [failure] = close();
    if (failure !== undefined) throw new ReportFileError(failure);
  } catch (error) {
    if (!(error instanceof ReportFileError)) throw error;
    tell(`cannot write the report: ${error.message}`);
    return EXIT.usage;
  }
  return codeOf(events, options);
}

/** Null where one cannot be read, or has a scenario that another has too; that has been told. */
async function readRuns(folders: readonly string[]): Promise<readonly RecordedRun[] | null> {
  const [{ readRunFolder }, { duplicatesOf }, { printable }] = await Promise.all([
    import('../load/run-folder.js'),
    import('../report/join.js'),
    import('../report/text/printable.js'),
  ]);
  const read = await Promise.all(folders.map((folder) => readRunFolder(folder, process.cwd())));
  const runs = read.flatMap((each) => ('events' in each ? [each] : []));
  for (const each of read) {
    if ('message' in each) tell(printable(`${each.message}. ${each.hint}`));
  }
  if (runs.length < read.length) return null;
  const [duplicate, ...more] = duplicatesOf(runs.map(({ events }) => events));
  if (duplicate === undefined) return runs;
  const others = more.length === 0 ? '' : `, and so are ${more.length} more`;
  const { name, first, again } = duplicate;
  tell(
    printable(
      `${name} is in ${folders[first]} and in ${folders[again]}${others}: which one counts is not for replypath to decide. Name one of them.`,
    ),
  );
  return null;
}

/** Says where a run has no end: the report itself shows only what there is. */
async function tellProgress({ folder, events }: RecordedRun): Promise<void> {
  const [{ progressOf }, { printable }] = await Promise.all([
    import('../report/join.js'),
    import('../report/text/printable.js'),
  ]);
  if (events.at(-1)?.type === 'run-ended') return;
  const { announced, ended } = progressOf(events);
  const begun = events.flatMap((event) => (event.type === 'scenario-started' ? [event.name] : []));
  const underWay = begun.filter((name) => !ended.has(name));
  const some = underWay.length === 0 ? '' : `; under way: ${underWay.slice(0, 5).join(', ')}`;
  const more = underWay.length > 5 ? `, and ${underWay.length - 5} more` : '';
  tell(
    printable(
      `the run in ${folder} was killed, or still goes on: ${ended.size} of ${announced.length} scenarios have ended${some}${more}`,
    ),
  );
}

/** What the joined report says of its environment is true of the first run that ran anything only. */
function tellDifferences(runs: readonly RecordedRun[]): void {
  const environments = runs.flatMap(({ folder, events: [start] }) =>
    // An empty shard has looked at nothing.
    start?.type === 'run-started' && start.scenarios.length > 0
      ? [{ folder, values: valuesOf(start.environment) }]
      : [],
  );
  const keys = new Set(environments.flatMap(({ values }) => Object.keys(values)));
  for (const key of keys) {
    const values = new Set(environments.map((each) => each.values[key] ?? 'none'));
    if (values.size <= 1) continue;
    const all = environments.map((each) => `${each.values[key] ?? 'none'} (${each.folder})`).join(', ');
    tell(`the runs differ in ${key}: ${all}; the report names the first`);
  }
}

function valuesOf({
  tools,
  ...rest
}: Extract<RunEvent, { type: 'run-started' }>['environment']): Readonly<Record<string, string>> {
  const values = Object.entries(rest).map(([key, value]) => [
    key,
    typeof value === 'object' ? Object.keys(value).join(' and ') : String(value),
  ]);
  return { ...Object.fromEntries(values), ...tools };
}

/** Writes the joined run as `run` would have; false where that is refused, which has been told. */
async function keep(output: string, events: readonly RunEvent[]): Promise<boolean> {
  const [{ openResults }, { ResultsFolderError }, { ReportCollector }] = await Promise.all([
    import('../run/results-folder.js'),
    import('../run/writing.js'),
    import('../report/collect.js'),
  ]);
  const collector = new ReportCollector();
  try {
    const folder = await openResults(resolve(output), 'none');
    for (const event of events) {
      folder.note(event);
      const report = collector.add(event);
      if (report !== null) await folder.finish(report);
    }
    return true;
  } catch (error) {
    if (!(error instanceof ResultsFolderError)) throw error;
    tell(`cannot write the joined run: ${error.message}; name another folder with --output`);
    return false;
  }
}

/** By the results alone; scenarios that were not run are no success. */
async function codeOf(
  events: readonly RunEvent[],
  { failOnSkip, allowSkip }: ReportOptions,
): Promise<number> {
  const { progressOf, resultsOf } = await import('../report/join.js');
  const { announced, ended } = progressOf(events);
  const scenarios = resultsOf(events);
  const skips = { failOnSkip: failOnSkip ?? allowSkip !== undefined, allowedSkips: allowSkip ?? [] };
  tellForbiddenSkips(scenarios, skips);
  const code = exitCode({
    report: { scenarios },
    nothingSelected: announced.length === 0,
    leftBehind: [],
    missingTools: [],
    signal: null,
    ...skips,
  });
  return code !== EXIT.bug && announced.some((name) => !ended.has(name)) ? EXIT.lab : code;
}
