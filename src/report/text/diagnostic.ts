import type { Diagnostic } from '../../model/diagnostic.js';
import { type Line, line, span } from './line.js';

/** A fault of a file: place and code, what is wrong, the lines themselves, and what to do. */
export function diagnosticLines(diagnostic: Diagnostic): readonly Line[] {
  const { code, hint, message, place } = diagnostic;
  const frame = place.frame === '' ? [] : place.frame.replace(/\n+$/, '').split('\n');
  return [
    [span(`${place.file}:${place.line}:${place.column}`, 'strong'), span('  '), span(code, 'bad')],
    ...message.split('\n').map((text) => line(`  ${text}`)),
    ...frame.map((text) => line(`    ${text}`, 'faint')),
    ...(hint === '' ? [] : hint.split('\n').map((text) => line(`  ${text}`))),
  ];
}
