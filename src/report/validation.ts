import type { Diagnostic } from '../model/diagnostic.js';
import { painter } from './paint.js';
import { diagnosticLines } from './text/diagnostic.js';
import { type Line, line, span } from './text/line.js';

/** For people: every fault found, and a line that sums up; each variant of a matrix counts as a scenario. */
export function validationText(
  scenarios: number,
  diagnostics: readonly Diagnostic[],
  terminal: { colours: boolean },
): string {
  const paint = painter(terminal.colours);
  const valid = `${scenarios} scenario${scenarios === 1 ? ' is' : 's are'} valid`;
  const faults = `${diagnostics.length} fault${diagnostics.length === 1 ? '' : 's'}`;
  const end: Line =
    diagnostics.length === 0 ? line(valid, 'good') : [span(faults, 'bad'), span(`, ${valid}`)];
  const lines = [...diagnostics.flatMap((diagnostic) => [...diagnosticLines(diagnostic), []]), end];
  return lines.map((line) => `${paint(line)}\n`).join('');
}
