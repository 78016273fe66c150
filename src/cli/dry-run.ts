import { planFlows } from '../plan/flows.js';
import { planLab } from '../plan/lab.js';
import { dryRunText } from '../report/dry-run.js';
import { printable } from '../report/text/printable.js';
import { repeat } from '../run/repetition.js';
import { type ReadScenarios, readingExitCode, readScenarios } from './read-scenarios.js';
import { type Choice, tellNothingSelected, tellUnknownTags } from './selection.js';
import { print, tell } from './streams.js';
import { terminalOf } from './terminal.js';

/** What `run` would be asked for. */
interface Asked extends Choice {
  readonly repeatEach: number;
}

/** Prints what would be run, one name a line. */
export async function listNames({ paths, selection, repeatEach }: Asked, cwd: string): Promise<number> {
  const read = await readScenarios(paths, cwd, selection);
  print(
    repeat(read.scenarios, repeatEach)
      .map(({ scenario }) => `${printable(scenario.name)}\n`)
      .join(''),
  );
  tellReading(read, selection);
  if (read.invalid.length > 0) tell('not all could be read; replypath validate says why');
  return readingExitCode(read);
}

/** Checks and plans everything that would be run, and prints what that is. */
export async function dryRun({ paths, selection, repeatEach }: Asked, cwd: string): Promise<number> {
  const read = await readScenarios(paths, cwd, selection);
  const planned = repeat(read.scenarios, repeatEach).map(({ scenario }) => {
    planLab(scenario);
    const flows = planFlows(scenario);
    return {
      name: scenario.name,
      steps: scenario.steps.length,
      flows: scenario.steps.reduce((sum, step) => sum + (flows.get(step)?.length ?? 0), 0),
    };
  });
  const diagnostics = read.invalid.length > 0 ? read.diagnostics : [];
  print(dryRunText(planned, read.invalid.length, diagnostics, terminalOf(process.stdout, process.env)));
  tellReading(read, selection);
  return readingExitCode(read);
}

/** What reading has found beside the scenarios. */
export function tellReading(read: ReadScenarios, selection: Choice['selection']): void {
  const nowhere = read.diagnostics.filter(({ code }) => code === 'no-such-file' || code === 'no-such-line');
  for (const { message, hint } of nowhere) tell(`${message}. ${hint}`);
  tellUnknownTags(selection, read.known);
  const isEmpty = read.scenarios.length + read.invalid.length === 0 && !read.emptyShard;
  if (isEmpty && nowhere.length === 0) tellNothingSelected(selection, read.known);
}
