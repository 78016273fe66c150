import type { FlowResult } from '../model/flow-result.js';
import { type FlowColumns, flowColumns } from './text/flow.js';
import { type Line, padded, span, width } from './text/line.js';

const GAP = 2;

/** The columns that are aligned, in the order of a line; the remark follows the last one raggedly. */
const ALIGNED = ['ends', 'probe', 'family', 'way', 'verdict'] as const;

/**
 * Lays flows out below one another, columns aligned: one line each where `columns` allow it for
 * all of them, else the way through the judged node and the remark on lines of their own.
 */
export class FlowLayout {
  private readonly widths: Readonly<Record<(typeof ALIGNED)[number], number>>;
  private readonly oneLine: boolean;

  constructor(
    flows: readonly FlowResult[],
    readonly indent: number,
    columns: number,
  ) {
    const all = flows.map(flowColumns);
    const widest = (of: (flow: FlowColumns) => number) => Math.max(0, ...all.map(of));
    this.widths = {
      ends: widest(({ ends }) => width(ends)),
      probe: widest(({ probe }) => width(probe)),
      family: widest(({ family }) => width(family)),
      way: widest(({ way }) => width(way)),
      verdict: widest(({ verdict }) => width(verdict)),
    };
    const before = indent + 2 + ALIGNED.slice(0, -1).reduce((sum, key) => sum + this.widths[key] + GAP, 0);
    this.oneLine = before + widest(({ verdict, remark }) => width(verdict) + 1 + width(remark)) <= columns;
  }

  lines(flow: FlowResult): readonly Line[] {
    const cells = flowColumns(flow);
    const mark = flow.status === 'passed' ? span('  ') : span('✗ ', 'bad');
    const start: Line = [
      span(' '.repeat(this.indent)),
      mark,
      ...this.aligned(cells, ['ends', 'probe', 'family']),
    ];
    if (this.oneLine) {
      return [[...start, ...this.aligned(cells, ['way']), ...cells.verdict, span(' '), ...cells.remark]];
    }
    const more = [cells.way, cells.remark].filter((line) => line.length > 0);
    const deeper = span(' '.repeat(this.indent + 4));
    return [[...start, ...cells.verdict], ...more.map((line) => [deeper, ...line])];
  }

  private aligned(cells: FlowColumns, keys: readonly (typeof ALIGNED)[number][]): Line {
    const used = keys.filter((key) => this.widths[key] > 0);
    return used.flatMap((key) => padded(cells[key], this.widths[key] + GAP));
  }
}
