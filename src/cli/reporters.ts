import { appendFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { type Detail, REPORTERS, type ReporterName } from '../model/settings.js';
import type { Reporter, Write } from '../report/reporter.js';
import { nearest } from '../validate/nearest.js';
import { didYouMean } from './arguments.js';
import type { ReportFile } from './report-file.js';
import { print, tell } from './streams.js';
import { type Terminal, terminalOf } from './terminal.js';

/** What a reporter is made with. */
interface Output {
  readonly write: Write;
  readonly terminal: Terminal;
  readonly detail: Detail;
}

/** Each reporter is loaded only when it is the one that was asked for. */
const FACTORIES: Readonly<Record<ReporterName, (output: Output) => Promise<Reporter>>> = {
  list: async ({ write, terminal, detail }) =>
    (await import('../report/list.js')).listReporter({ write, ...terminal, detail }),
  dot: async ({ write, terminal }) => (await import('../report/dot.js')).dotReporter(write, terminal),
  tap: async ({ write }) => (await import('../report/tap.js')).tapReporter(write),
  json: async ({ write }) => (await import('../report/json.js')).jsonReporter(write),
  jsonl: async ({ write }) => (await import('../report/jsonl.js')).jsonlReporter(write),
  junit: async ({ write }) => (await import('../report/junit.js')).junitReporter(write),
  github: async ({ write }) =>
    (await import('../report/github.js')).githubReporter(write, githubJob(process.env)),
};

/** `name` or `name:file`; without a file the report goes to standard output. */
export interface ReporterSpec {
  readonly name: ReporterName;
  readonly file: string | null;
}

/** Reads `name[:file]`, several with commas between them, behind those that were named before. */
export function reporterSpecs(text: string, before: readonly ReporterSpec[] = []): readonly ReporterSpec[] {
  const specs = [...before, ...text.split(',').map(reporterSpec)];
  const toOutput = specs.filter(({ file }) => file === null);
  if (toOutput.length > 1) {
    const names = toOutput.map(({ name }) => name).join(' and ');
    throw new InvalidArgumentError(
      `${names} cannot both go to standard output; write ${toOutput[1]?.name}:FILE.`,
    );
  }
  const files = specs.flatMap(({ file }) => (file === null ? [] : [resolve(file)]));
  const twice = files.find((file, index) => files.indexOf(file) < index);
  if (twice !== undefined) throw new InvalidArgumentError(`Two reports cannot go to one file, ${twice}.`);
  return specs;
}

function reporterSpec(text: string): ReporterSpec {
  const [, given = '', file] = /^([^:]*)(?::(.*))?$/s.exec(text.trim()) ?? [];
  const name = REPORTERS.find((known) => known === given);
  if (name === undefined) {
    throw new InvalidArgumentError(
      `Allowed choices are ${REPORTERS.join(', ')}, each with :FILE or without.${didYouMean(nearest(given, REPORTERS))}`,
    );
  }
  if (file === '') throw new InvalidArgumentError(`A file has to follow ${name}:.`);
  return { name, file: file ?? null };
}

/** The reporters of a run as one. */
export interface Reporting {
  readonly reporter: Reporter;
  /** Ends the files; gives what could not be written. */
  readonly close: () => readonly string[];
}

/** @throws ReportFileError where a file cannot be opened */
export async function openReporters(
  specs: readonly ReporterSpec[],
  detail: Detail,
  cwd: string,
): Promise<Reporting> {
  const files: ReportFile[] = [];
  const reporters: Reporter[] = [];
  for (const { name, file } of specs) {
    const output = file === null ? standardOutput() : await fileOutput(resolve(cwd, file), files);
    reporters.push(await FACTORIES[name]({ ...output, detail }));
  }
  return {
    reporter: (event) => {
      for (const report of reporters) report(event);
    },
    close: () => files.map((file) => file.close()).filter((failure) => failure !== null),
  };
}

function standardOutput(): Omit<Output, 'detail'> {
  return { write: print, terminal: terminalOf(process.stdout, process.env) };
}

/** A file is no terminal, whatever FORCE_COLOR says about the one beside it. */
async function fileOutput(path: string, files: ReportFile[]): Promise<Omit<Output, 'detail'>> {
  const { ReportFile } = await import('./report-file.js');
  const file = await ReportFile.open(path);
  files.push(file);
  return { write: file.write, terminal: terminalOf({}, {}) };
}

/** @see https://docs.github.com/en/actions/reference/workflows-and-actions/variables */
function githubJob({ GITHUB_STEP_SUMMARY, GITHUB_WORKSPACE }: NodeJS.ProcessEnv) {
  const folder = GITHUB_WORKSPACE ? relative(GITHUB_WORKSPACE, process.cwd()) : '';
  const writeSummary = GITHUB_STEP_SUMMARY
    ? (text: string) => appendSummary(GITHUB_STEP_SUMMARY, text)
    : null;
  return { writeSummary, folder: folder.startsWith('..') ? '' : folder };
}

/** A summary that cannot be written takes nothing from the report. */
function appendSummary(file: string, text: string): void {
  try {
    appendFileSync(file, text);
  } catch (error) {
    tell(`cannot write the summary of the job: ${error instanceof Error ? error.message : String(error)}`);
  }
}
