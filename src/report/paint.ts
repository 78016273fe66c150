import pc from 'picocolors';
import type { Line, Tone } from './text/line.js';

export type Paint = (line: Line) => string;

/** Writes a line with the colours of its tones, or without any. */
export function painter(colours: boolean): Paint {
  const c = pc.createColors(colours);
  const style: Readonly<Record<Tone, (text: string) => string>> = {
    plain: (text) => text,
    strong: c.bold,
    faint: c.dim,
    good: c.green,
    bad: c.red,
    doubt: c.yellow,
  };
  return (line) =>
    line
      .map(({ text, tone }) => style[tone](text))
      .join('')
      .trimEnd();
}
