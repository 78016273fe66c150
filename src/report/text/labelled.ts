import type { Detail } from './flow.js';
import { fill, type Line, line, padded, span } from './line.js';

/** Columns that labels take, and what is in front of them. */
export const LABEL = 11;

/** A paragraph beside its label. */
export function labelledLines({ label, pieces }: Detail, columns: number): readonly Line[] {
  return fill(labelLead(label), pieces, columns);
}

/** In one piece at any width: it is there to be copied. */
export function copiedLine(label: string, text: string): Line {
  return [...labelLead(label), span(text)];
}

export function labelLead(label: string): Line {
  return [span('  '), ...padded(line(label, 'faint'), LABEL - 2)];
}
