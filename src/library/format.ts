import type { Diagnostic } from '../model/diagnostic.js';
import { diagnosticLines } from '../report/text/diagnostic.js';
import { plain } from '../report/text/line.js';

/**
 * A fault for people, as `replypath validate` prints it, without colours: place and code, what is wrong, the
 * lines around, and what to do. Several lines, the last one without a line break.
 */
export function format(diagnostic: Diagnostic): string {
  return diagnosticLines(diagnostic).map(plain).join('\n');
}
