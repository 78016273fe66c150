import { type Command, Option } from 'commander';
import {
  CAPTURE_METHODS,
  type CaptureMethod,
  type Detail,
  EXPLAINED,
  type Explained,
  HOST,
  REPORTERS,
  STATES_KEPT,
  type StatesKept,
} from '../model/settings.js';
import {
  bailLimit,
  environmentSwitch,
  kernelNames,
  naturalNumber,
  positiveInteger,
  regularExpressions,
  seedNumber,
} from './arguments.js';
import type { Config } from './config.js';
import { type ReporterSpec, reporterSpecs } from './reporters.js';
import {
  addConfigOptions,
  addSelectionOptions,
  type Choice,
  choiceOf,
  outputOf,
  outputOption,
  type SelectionFlags,
} from './selection.js';

/** The flags of `run`, and the environment variables of those that have one; undefined where neither is given. */
export interface RunFlags extends SelectionFlags {
  readonly kernel?: readonly string[];
  readonly workers?: number;
  readonly repeatEach?: number;
  readonly retries?: number;
  readonly bail?: number;
  readonly seed?: number;
  readonly capture?: CaptureMethod;
  readonly explain?: Exclude<Explained, number>;
  readonly state?: StatesKept;
  readonly failOnSkip?: true;
  readonly allowSkip?: readonly RegExp[];
  readonly list?: true;
  readonly dryRun?: true;
  readonly reporter?: readonly ReporterSpec[];
  readonly verbose?: true;
  readonly quiet?: true;
}

/** How `run` runs, once flags, environment and config are put together. */
export interface RunSettings extends Choice {
  /** `host` for this machine; none twice. */
  readonly kernelNames: readonly string[];
  readonly workers: number | null;
  readonly repeatEach: number;
  readonly retries: number;
  readonly bail: number | null;
  /** In the place of every seed in the files. */
  readonly seed: number | null;
  readonly capture: CaptureMethod;
  readonly explained: Exclude<Explained, number>;
  readonly states: StatesKept;
  readonly failOnSkip: boolean;
  readonly allowedSkips: readonly RegExp[];
  readonly reporters: readonly ReporterSpec[];
  readonly detail: Detail;
  readonly output: string;
}

export function addRunOptions(command: Command): Command {
  addSelectionOptions(command)
    // Defaults are in the descriptions, since the config may have others, and the variables below the options.
    .configureHelp({ optionDescription: ({ description }) => description })
    .optionsGroup('Running:')
    .addOption(
      new Option(
        '--kernel <kernel>',
        'make labs in virtual machines with another kernel: 6.12, 6.1, a path; of several, compare them; auto: just what this machine cannot run (default: host)',
      )
        .argParser(kernelNames)
        .env('REPLYPATH_KERNEL'),
    )
    .addOption(
      numberOption('--workers <number>', 'labs at a time (default: two for each core)', 'WORKERS').argParser(
        positiveInteger,
      ),
    )
    .addOption(
      numberOption(
        '--repeat-each <number>',
        'run each scenario so often (default: 1)',
        'REPEAT_EACH',
      ).argParser(positiveInteger),
    )
    .addOption(
      numberOption(
        '--retries <number>',
        'try again what did not pass; what then passes is flaky (default: 0)',
        'RETRIES',
      ).argParser(naturalNumber),
    )
    .addOption(
      numberOption(
        '--bail [number]',
        'begin no other after so many that did not pass (without a number: 1)',
        'BAIL',
      )
        .preset('1')
        .argParser(bailLimit),
    )
    .addOption(
      numberOption(
        '--seed <number>',
        'draw the source ports of flows with tuples by it (default: as each flow says)',
        'SEED',
      ).argParser(seedNumber),
    )
    .option('--fail-on-skip', 'exit with 1 where a scenario is skipped')
    .addOption(
      new Option('--allow-skip <regexp>', 'the same, but for skips whose reason matches (several times)')
        .argParser(regularExpressions)
        .env('REPLYPATH_ALLOW_SKIP'),
    )
    .addOption(
      new Option(
        '--capture <method>',
        "who captures: agent, each node's own (the default), or tcpdump, a second witness",
      )
        .choices(CAPTURE_METHODS)
        .env('REPLYPATH_CAPTURE'),
    )
    .addOption(
      new Option(
        '--explain <flows>',
        'look for the causes of flows: failed, those not as expected (the default), all, or none',
      )
        .choices(EXPLAINED)
        .env('REPLYPATH_EXPLAIN'),
    )
    .option('--list', 'run nothing: print the names of what would be run')
    .option('--dry-run', 'run nothing: check and plan everything, and say what would be run')
    .optionsGroup('Reporting:')
    .addOption(
      new Option(
        '--reporter <name[:file]>',
        `how to report and into which file, several times or with commas: ${REPORTERS.join(', ')} (default: list)`,
      )
        .argParser(reporterSpecs)
        .env('REPLYPATH_REPORTER'),
    )
    .addOption(new Option('--verbose', 'list: every flow, path and command').conflicts('quiet'))
    .option('--quiet', 'list: only what did not pass, and the summary')
    .addOption(outputOption('where to keep captures and reports'))
    .addOption(
      new Option(
        '--state <labs>',
        'keep there how nodes were configured before and after: failed, of labs in which something went wrong (the default), all, or none',
      )
        .choices(STATES_KEPT)
        .env('REPLYPATH_STATE'),
    );
  return addConfigOptions(command);
}

function numberOption(flags: string, description: string, variable: string): Option {
  return new Option(flags, description).env(`REPLYPATH_${variable}`);
}

/**
 * Flags win over the environment, which wins over the config, which wins over the defaults. Null where there is nothing
 * to go on with, which has been told and set as the exit code.
 */
export async function runSettings(
  command: Command,
  given: readonly string[],
  flags: RunFlags,
  config: Config,
  cwd: string,
): Promise<RunSettings | null> {
  const choice = await choiceOf(command, given, flags, config, cwd);
  if (choice === null) return null;
  const allowedSkips = flags.allowSkip ?? config.allowSkip?.map((source) => new RegExp(source)) ?? [];
  const strict =
    flags.failOnSkip ?? environmentSwitch(command, 'REPLYPATH_FAIL_ON_SKIP') ?? config.failOnSkip;
  return {
    ...choice,
    kernelNames: flags.kernel ?? configuredKernels(command, config) ?? [HOST],
    workers: flags.workers ?? config.workers ?? null,
    repeatEach: flags.repeatEach ?? config.repeatEach ?? 1,
    retries: flags.retries ?? config.retries ?? 0,
    bail: flags.bail ?? config.bail ?? null,
    seed: flags.seed ?? null,
    capture: flags.capture ?? config.capture ?? 'agent',
    explained: flags.explain ?? config.explain ?? 'failed',
    states: flags.state ?? config.state ?? 'failed',
    failOnSkip: strict ?? allowedSkips.length > 0,
    allowedSkips,
    reporters: flags.reporter ?? configuredReporters(command, config) ?? [{ name: 'list', file: null }],
    detail: flags.verbose ? 'verbose' : flags.quiet ? 'quiet' : (config.detail ?? 'normal'),
    output: outputOf(flags, config),
  };
}

/** The config's form has been checked, but not whether its reporters go together. */
function configuredReporters(command: Command, { reporters }: Config): readonly ReporterSpec[] | null {
  return configured(command, 'reporters', reporters, reporterSpecs);
}

/** Nor whether it names one kernel twice. */
function configuredKernels(command: Command, { kernel }: Config): readonly string[] | null {
  return configured(command, 'kernel', typeof kernel === 'string' ? [kernel] : kernel, kernelNames);
}

/** What the parser of a flag makes of the values that the config has for it; null where it has none. */
function configured<T>(
  command: Command,
  key: keyof Config,
  values: readonly string[] | undefined,
  parse: (text: string, before: readonly T[]) => readonly T[],
): readonly T[] | null {
  if (values === undefined) return null;
  try {
    return values.reduce<readonly T[]>((before, text) => parse(text, before), []);
  } catch (error) {
    return command.error(
      `error: ${key} of the config file: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
