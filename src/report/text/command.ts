import type { CommandReport } from '../../model/result.js';
import { durationText } from './duration.js';
import { type Line, line, span } from './line.js';

/** A recipe's command and what the tool said of it, a line each. */
export function commandLines(command: CommandReport): readonly Line[] {
  const outcome = command.exit === 0 ? '' : `  exit ${command.exit}`;
  const when = command.atMs === undefined ? '' : `at ${durationText(command.atMs)}, `;
  const where = command.file === undefined ? '' : `${command.file}, `;
  const tone = command.unexpected ? 'bad' : 'faint';
  return [
    [
      span(`${when}${command.node}, ${where}line ${command.line}: `, 'faint'),
      span(command.text),
      span(outcome, tone),
    ],
    ...command.message
      .split('\n')
      .filter((text) => text.trim() !== '')
      .map((text) => line(`  ${text}`, tone)),
  ];
}
