import { painter } from './paint.js';
import { fill, type Line, line, padded, span, type Tone, words } from './text/line.js';

/** What `doctor` found of one thing that labs need or can use. */
interface Check {
  readonly name: string;
  readonly status: 'ok' | 'missing' | 'limited';
  readonly detail: string;
  readonly remedy: string | null;
}

const TONES: Readonly<Record<Check['status'], Tone>> = { ok: 'good', limited: 'doubt', missing: 'bad' };

/** For people: a line for each check, and below it what to do where something is to be done. */
export function machineText(
  checks: readonly Check[],
  terminal: { colours: boolean; columns: number },
): string {
  const paint = painter(terminal.colours);
  const names = Math.max(0, ...checks.map(({ name }) => [...name].length));
  const lines = checks.flatMap(({ name, status, detail, remedy }): readonly Line[] => {
    const lead = [...padded(line(status, TONES[status]), 9), ...padded(line(name, 'strong'), names + 2)];
    const advice = [...padded(line(''), 9 + names + 2), span('→ ')];
    return [
      ...fill(lead, words(detail), terminal.columns),
      ...(remedy === null ? [] : fill(advice, words(remedy), terminal.columns)),
    ];
  });
  return lines.map((line) => `${paint(line)}\n`).join('');
}
