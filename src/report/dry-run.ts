import type { Diagnostic } from '../model/diagnostic.js';
import { painter } from './paint.js';
import { diagnosticLines } from './text/diagnostic.js';
import { fill, type Line, line, span } from './text/line.js';

/** A scenario that would be run. */
export interface PlannedScenario {
  readonly name: string;
  readonly steps: number;
  readonly flows: number;
}

/** For people: what a run would do, and every fault of the files that it could not run. */
export function dryRunText(
  planned: readonly PlannedScenario[],
  invalid: number,
  diagnostics: readonly Diagnostic[],
  { colours, columns }: { colours: boolean; columns: number },
): string {
  const paint = painter(colours);
  const lines = [
    ...diagnostics.flatMap((diagnostic) => [...diagnosticLines(diagnostic), []]),
    ...planned.flatMap(({ name, steps, flows }) => {
      const extent = `${count(steps, 'step')}, ${count(flows, 'flow')}`;
      return fill([], [line(name), line(` ${extent}`, 'faint')], columns);
    }),
    ...(planned.length === 0 ? [] : [[]]),
    endLine(planned.length, invalid),
  ];
  return lines.map((line) => `${paint(line)}\n`).join('');
}

function endLine(planned: number, invalid: number): Line {
  const would = line(`${count(planned, 'scenario')} would be run`, planned > 0 ? 'good' : 'doubt');
  const faulty = invalid === 1 ? '1 file is invalid' : `${invalid} files are invalid`;
  return invalid === 0 ? would : [...would, span(', '), span(faulty, 'bad')];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
