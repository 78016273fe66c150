import type { FlowResult } from '../model/flow-result.js';
import { type Compared, comparedProperties } from './text/compared.js';
import { fill, type Line, line, padded, span, width, words } from './text/line.js';

const GAP = 2;

/**
 * What was expected beside what was seen, a row for each property, those that differ marked; where the columns do not
 * allow a table, and for a flow of many tuples, a sentence for each that differs.
 */
export function comparisonLines(flow: FlowResult, indent: number, columns: number): readonly Line[] {
  const rows = comparedProperties(flow);
  const sentences = flow.differences.flatMap((text) => fill(lead(indent, true), words(text, 'bad'), columns));
  // What is judged is never left out for being unknown here.
  if (flow.spread || !rows.some(({ differs }) => differs)) return sentences;
  const table = tableLines(rows, indent);
  if (!table.every((row) => width(row) <= columns)) return sentences;
  const explained = flow.differences.filter((text) => /^(sameNexthop|stream)/.test(text));
  return [
    ...table,
    ...explained.flatMap((text) => fill(lead(indent, text.startsWith('stream')), words(text), columns)),
  ];
}

function tableLines(rows: readonly Compared[], indent: number): readonly Line[] {
  const widest = (texts: readonly string[]) => Math.max(...texts.map((text) => width(line(text)))) + GAP;
  const labels = widest(rows.map(({ label }) => label));
  const expectations = widest(['expected', ...rows.map(({ expected }) => expected)]);
  const head: Line = [
    ...lead(indent, false),
    ...padded([], labels),
    ...padded(line('expected', 'faint'), expectations),
    span('seen', 'faint'),
  ];
  return [
    head,
    ...rows.map(
      ({ label, expected, seen, differs }): Line => [
        ...lead(indent, differs),
        ...padded(line(label, 'faint'), labels),
        ...padded(line(expected), expectations),
        span(seen, differs ? 'bad' : 'plain'),
      ],
    ),
  ];
}

/** The mark stands in front of the column in which the rows begin. */
function lead(indent: number, differs: boolean): Line {
  return differs ? [span(' '.repeat(indent - 2)), span('✗ ', 'bad')] : line(' '.repeat(indent));
}
