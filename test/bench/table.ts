import type { Contest, Goal, Spread, Standing } from './contest.js';

const HEAD = ['', 'wall ms', 'least', 'most', 'ratio', 'cpu ms', 'ratio', 'goal', ''] as const;

/** A contest as a table in Markdown: a line for each contender, and for each goal that it has. */
export function tableOf(contest: Contest, standings: readonly Standing[]): string {
  const rows = standings.flatMap((standing, i) => {
    const { goals } = standing.contender;
    const first = i === 0 ? undefined : standings[0];
    if (goals.length === 0) return [rowOf(standing, first, null)];
    return goals.map((goal) =>
      rowOf(
        standing,
        standings.find(({ contender }) => contender.name === goal.baseline),
        goal,
      ),
    );
  });
  return `### ${contest.title}\n\n${markdown([HEAD, ...rows])}\n`;
}

function rowOf(
  { contender, wallMs, cpuMs }: Standing,
  baseline: Standing | undefined,
  goal: Goal | null,
): readonly string[] {
  const ratio = quotient(wallMs, baseline?.wallMs);
  return [
    contender.name,
    ...[wallMs.median, wallMs.least, wallMs.most].map(number),
    ratio === null ? '' : ratio.toFixed(2),
    cpuMs === null ? '' : number(cpuMs.median),
    quotient(cpuMs, baseline?.cpuMs)?.toFixed(2) ?? '',
    goal === null ? '' : `${goal.ratio} of ${goal.baseline}`,
    goal === null || ratio === null ? '' : ratio <= goal.ratio ? 'reached' : 'not reached',
  ];
}

function quotient(mine: Spread | null, theirs: Spread | null | undefined): number | null {
  return mine && theirs ? mine.median / theirs.median : null;
}

/** Three digits that count, and no more. */
export function number(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** The first row is the head; all columns but the first and the last two are numbers. */
export function markdown(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const isNumber = head.map((_, column) =>
    rows.slice(1).every((row) => /^[-\d., ]*$/.test(row[column] ?? '')),
  );
  const pad = (cell: string, column: number) =>
    isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  const line = (cells: readonly string[]) => `| ${cells.map(pad).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    isNumber[column] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.slice(1).map(line)].join('\n');
}
