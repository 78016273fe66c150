import type { Differing, FlowPlace, KernelDifference } from '../model/difference.js';
import type { Environment, ScenarioResult } from '../model/result.js';
import { comparedOf, differences, kernelNamesOf } from './differences.js';
import { fill, type Line, line, padded, type Span, span, type Tone, width, words } from './text/line.js';
import { ARROW } from './text/path-text.js';

/** Columns between those of a table. */
const GAP = 2;

/** Columns in front of what differs, for its mark; and, below it, in front of a kernel's name. */
const ROWS = 6;
const KERNELS = ROWS + 2;

/** No difference is told by its colour alone. */
const MARK = span('≠ ', 'doubt');

/** What is not the same on all kernels of a run, or that nothing is; no lines where there was one kernel. */
export function differenceLines(
  environment: Environment,
  results: readonly ScenarioResult[],
  columns: number,
): readonly Line[] {
  const kernels = kernelNamesOf(environment);
  const found = differences(kernels, results);
  const heading = headingOf(kernels, found, results);
  if (heading === null) return [];
  const all = found.map(({ scenario }) => scenario);
  return [
    [],
    ...fill([], words(heading, found.length === 0 ? 'good' : 'strong'), columns),
    ...found.flatMap((each, index) => [
      ...(all[index - 1] === each.scenario
        ? []
        : [[], ...fill(line('  '), [line(each.scenario, 'strong')], columns)]),
      ...placeLines(each.flow, columns),
      ...rowsOf(each, kernels, columns),
    ]),
  ];
}

/** `Kernels differ in 2 of 93 scenarios:`; null where nothing could be compared. */
export function headingOf(
  kernels: readonly string[],
  found: readonly KernelDifference[],
  results: readonly ScenarioResult[],
): string | null {
  const { total, compared } = comparedOf(kernels, results);
  const of = (count: number) => `${count} of ${total} scenario${total === 1 ? '' : 's'}`;
  const differing = new Set(found.map(({ scenario }) => scenario)).size;
  if (differing > 0) return `Kernels differ in ${of(differing)}:`;
  if (kernels.length === 0 || compared === 0) return null;
  const names = [...kernels.slice(0, -2), kernels.slice(-2).join(' and ')].join(', ');
  const same = `No verdict or path differs between ${names}`;
  return compared === total ? `${same}.` : `${same} in the ${of(compared)} that ran on all of them.`;
}

/** As the list has it: the step's title, and below it the flow. */
function placeLines(flow: FlowPlace | null, columns: number): readonly Line[] {
  if (flow === null) return [];
  const { title, from, to, probe, family } = flow;
  const step = title === '' ? [] : fill(line('  · '), words(title), columns);
  return [
    ...step,
    ...fill(line('    '), [line(`${from} → ${to}`), line(probe), line(`IPv${family}`)], columns),
  ];
}

/** Short values in a table with a column for each kernel where the columns allow it, long ones below one another. */
function rowsOf(
  { differing }: KernelDifference,
  kernels: readonly string[],
  columns: number,
): readonly Line[] {
  const long = differing.filter(isLong);
  const short = differing.filter((each) => !isLong(each));
  const table = tableLines(short, kernels);
  const fits = table.every((row) => width(row) <= columns);
  return [...(fits ? table : stackedLines(short, kernels, columns)), ...stackedLines(long, kernels, columns)];
}

/** A kernel with no reason, or without the flow, needs no line of its own. */
function isTold({ property, values }: Differing, kernel: string): boolean {
  return property === 'reason' ? values[kernel] !== null : values[kernel] !== undefined || !isPath(property);
}

function isLong({ property }: Differing): boolean {
  return property === 'reason' || isPath(property);
}

function isPath(property: Differing['property']): boolean {
  return property === 'request path' || property === 'reply path';
}

function tableLines(rows: readonly Differing[], kernels: readonly string[]): readonly Line[] {
  if (rows.length === 0) return [];
  const widest = (texts: readonly string[]) => Math.max(...texts.map((text) => width(line(text)))) + GAP;
  const labels = widest(rows.map(({ property }) => property));
  const widths = kernels.map((kernel) => widest([kernel, ...rows.map((row) => valueText(row, kernel))]));
  const cells = (texts: readonly Line[]) =>
    texts.flatMap((text, index) => (index < texts.length - 1 ? padded(text, widths[index] ?? 0) : text));
  return [
    [...line(' '.repeat(ROWS + labels)), ...cells(kernels.map((kernel) => line(kernel, 'faint')))],
    ...rows.map(
      (row): Line => [
        ...lead(),
        ...padded(line(row.property, 'faint'), labels),
        ...cells(kernels.map((kernel) => line(valueText(row, kernel), toneOf(row, kernel, kernels)))),
      ],
    ),
  ];
}

function stackedLines(
  rows: readonly Differing[],
  kernels: readonly string[],
  columns: number,
): readonly Line[] {
  const names = Math.max(...kernels.map((kernel) => width(line(kernel)))) + GAP;
  return rows.flatMap((row) => [
    [...lead(), span(row.property, 'faint')],
    ...kernels
      .filter((kernel) => isTold(row, kernel))
      .flatMap((kernel) =>
        fill(
          [span(' '.repeat(KERNELS)), ...padded(line(kernel, 'faint'), names)],
          piecesOf(row, kernel, toneOf(row, kernel, kernels)),
          columns,
        ),
      ),
  ]);
}

function lead(): readonly Span[] {
  return [span(' '.repeat(ROWS - width([MARK]))), MARK];
}

/** What stands for a property on a kernel. */
export function valueText({ property, values }: Differing, kernel: string): string {
  const value = values[kernel];
  if (value === undefined) return '-';
  return value ?? (isPath(property) ? 'never sighted' : 'none');
}

/** What is as on the first kernel that has it is not coloured. */
function toneOf({ values }: Differing, kernel: string, kernels: readonly string[]): Tone {
  if (values[kernel] === undefined) return 'faint';
  const first = kernels.find((each) => values[each] !== undefined) ?? kernel;
  return values[kernel] === values[first] ? 'plain' : 'doubt';
}

/** A path is broken between its nodes, and a sentence between its words. */
function piecesOf(row: Differing, kernel: string, tone: Tone): readonly Line[] {
  const text = valueText(row, kernel);
  if (!isPath(row.property)) return words(text, tone);
  const arrow = ARROW.trimStart();
  return text.split(ARROW).map((node, index) => line(index === 0 ? node : `${arrow}${node}`, tone));
}
