import type { ExplanationReport } from '../../model/explanation.js';
import { flowListLines } from './flow-list.js';
import { type Line, width } from './line.js';
import { EVERYTHING, type Fullness, storyLines } from './story.js';

export interface ExplanationExtent {
  readonly columns: number;
  /** Also every look-up, rule list, counter, neighbour, connection and trace event. */
  readonly verbose: boolean;
}

/** The smallest terminal that most people have. */
const SCREEN = { columns: 80, rows: 24 } as const;

/** What is told on one screen: of these the first that fits, so that what matters least is left to `--verbose`. */
const BRIEF: readonly Fullness[] = [
  { all: false, airy: true, basis: true, commands: true },
  { all: false, airy: true, basis: false, commands: true },
  { all: false, airy: false, basis: false, commands: true },
  { all: false, airy: true, basis: false, commands: false },
];

const LEAST: Fullness = { all: false, airy: false, basis: false, commands: false };

/** What `explain` shows: the story of one flow, or of which flows there is one. */
export function explanationLines(
  report: ExplanationReport,
  { columns, verbose }: ExplanationExtent,
): readonly Line[] {
  const { flow, number } = report;
  if (flow === null || number === null) return flowListLines(report, columns);
  const told = (fullness: Fullness, across: number) => storyLines({ report, flow, number }, fullness, across);
  if (verbose) return told(EVERYTHING, columns);
  // The same is told at every width.
  const fits = (fullness: Fullness) => {
    const lines = told(fullness, SCREEN.columns);
    return lines.length <= SCREEN.rows && lines.every((each) => width(each) <= SCREEN.columns);
  };
  return told(BRIEF.find(fits) ?? LEAST, columns);
}
