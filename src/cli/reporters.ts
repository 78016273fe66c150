import { appendFileSync, closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Reporter, Write } from '../report/reporter.js';
import { suggestion } from '../validate/nearest.js';
import { print, tell } from './streams.js';
import { type Terminal, terminalOf } from './terminal.js';

export const REPORTERS = ['list', 'dot', 'tap', 'json', 'jsonl', 'junit', 'github'] as const;

export type ReporterName = (typeof REPORTERS)[number];

/** How a reporter for people is to write. */
export interface Extent extends Terminal {
  readonly detail: 'quiet' | 'normal' | 'verbose';
}

/** A reporter and where it writes to: standard output where no file is named. */
export interface ReporterChoice {
  readonly name: ReporterName;
  readonly file: string | null;
}

/** `name` or `name:file`, added to those before. */
export function reporterChoice(text: string, before: readonly ReporterChoice[] = []): ReporterChoice[] {
  const [, given = '', file = null] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  const name = REPORTERS.find((each) => each === given);
  if (name === undefined) {
    throw new InvalidArgumentError(suggestion(given, REPORTERS, `There is no reporter ${given}.`));
  }
  if (file === '') throw new InvalidArgumentError('After the colon goes the name of a file.');
  if (before.some((other) => other.file === file)) {
    const where = file === null ? 'standard output' : file;
    throw new InvalidArgumentError(
      `Two reporters write to ${where}; give one a file of its own: ${name}:FILE`,
    );
  }
  return [...before, { name, file }];
}

/** What a reporter needs is imported only when it is the one that was asked for. */
export async function reporterOf(name: ReporterName, write: Write, extent: Extent): Promise<Reporter> {
  switch (name) {
    case 'list':
      return (await import('../report/list.js')).listReporter({ write, ...extent });
    case 'dot':
      return (await import('../report/dot.js')).dotReporter(write, extent);
    case 'tap':
      return (await import('../report/tap.js')).tapReporter(write);
    case 'json':
      return (await import('../report/json.js')).jsonReporter(write);
    case 'jsonl':
      return (await import('../report/jsonl.js')).jsonlReporter(write);
    case 'junit':
      return (await import('../report/junit.js')).junitReporter(write);
    case 'github':
      return (await import('../report/github.js')).githubReporter(write, githubJob(process.env));
  }
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

export interface OpenReporters {
  readonly report: Reporter;
  readonly close: () => void;
}

/** @throws the system's error where a file cannot be opened or written */
export async function openReporters(
  choices: readonly ReporterChoice[],
  detail: Extent['detail'],
): Promise<OpenReporters> {
  const files: number[] = [];
  const reporters: Reporter[] = [];
  for (const { name, file } of choices) {
    if (file === null) {
      reporters.push(await reporterOf(name, print, { ...terminalOf(process.stdout, process.env), detail }));
      continue;
    }
    mkdirSync(dirname(file), { recursive: true });
    const descriptor = openSync(file, 'w');
    files.push(descriptor);
    const write: Write = (text) => void writeSync(descriptor, text);
    reporters.push(
      await reporterOf(name, write, { colours: false, columns: Number.POSITIVE_INFINITY, detail }),
    );
  }
  return {
    report: (event) => {
      for (const reporter of reporters) reporter(event);
    },
    close: () => files.forEach(closeSync),
  };
}
