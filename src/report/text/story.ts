import type { Explanation, ExplanationReport } from '../../model/explanation.js';
import type { FlowResult } from '../../model/flow-result.js';
import { journeyLines } from '../journey-layout.js';
import { basisPieces } from './basis.js';
import { continued } from './continued.js';
import { evidenceLines } from './evidence.js';
import { expectedText } from './expectation.js';
import { type Detail, flowColumns } from './flow.js';
import { LABEL, labelLead, labelledLines } from './labelled.js';
import { cut, fill, type Line, line, plain, span, words } from './line.js';
import { mark } from './scenario.js';
import { spreadDetails } from './spread.js';
import { streamDetails } from './stream.js';
import { suggestionLines } from './suggestion.js';

/** The flow that is told of, and the report that it is of. */
export interface Told {
  readonly report: ExplanationReport;
  readonly flow: FlowResult;
  /** From 1. */
  readonly number: number;
}

/** How much is told beside the verdict, the cause, and what decided on the way. */
export interface Fullness {
  /** Also all that was gathered, and everything at length. */
  readonly all: boolean;
  /** Empty lines between the parts. */
  readonly airy: boolean;
  /** What it is known by. */
  readonly basis: boolean;
  /** Those of the suggestion. */
  readonly commands: boolean;
}

export const EVERYTHING: Fullness = { all: true, airy: true, basis: true, commands: true };

/** Ways of many tuples, or of a stream, that a short story has. */
const MOST_WAYS = 2;

/** The story of one flow. */
export function storyLines(
  { report, flow, number }: Told,
  fullness: Fullness,
  columns: number,
): readonly Line[] {
  const { all, airy, commands } = fullness;
  const { explanation, suggestion } = flow;
  const gap = airy ? [[]] : [];
  const broken = (prose: Line) => fill([], words(plain(prose)), columns - LABEL);
  const pasted = (command: string) => continued(command, columns - LABEL - 2);
  const tried = suggestion ? suggestionLines(suggestion, { broken, continued: pasted, all, commands }) : [];
  return [
    headLine(report, number, columns),
    ...flowLine(flow, columns),
    ...[...expectedDetails(flow), ...measuredDetails(flow, all)].flatMap((each) =>
      labelledLines(each, columns),
    ),
    ...gap,
    ...causeDetails(flow, all).flatMap((each) => labelledLines(each, columns)),
    ...(explanation === undefined ? [] : [...gap, ...partsLines(flow, explanation, all, columns)]),
    ...(tried.length === 0 ? [] : gap),
    ...tried.map((text, index) => [...labelLead(index === 0 ? 'try' : ''), ...text]),
    ...(all || tried.length === 0 ? gap : []),
    ...(explanation === undefined ? [] : basisLines(explanation, fullness, columns)),
    ...(all ? [] : labelledLines({ label: 'more', pieces: words(MORE) }, columns)),
  ];
}

const MORE = 'with --verbose: evidence, look-ups, rule lists, counters, traces';

/** Which flow of which scenario. */
function headLine({ scenario, flows }: ExplanationReport, number: number, columns: number): Line {
  const step = flows.find((each) => each.number === number)?.step ?? '';
  const head = [
    ...[mark(scenario), span(' '), span(scenario.name, 'strong')],
    span(`  flow ${number} of ${flows.length}`, 'faint'),
    ...(step === '' ? [] : [span('  · ', 'faint'), span(step)]),
  ];
  return cut(head, columns);
}

/** Without its way, of which the whole story is. */
function flowLine(flow: FlowResult, columns: number): readonly Line[] {
  const { ends, probe, family, verdict, remark } = flowColumns(flow);
  const pieces = [ends, probe, family].map((piece) => [...piece, span(' ')]);
  const lead = flow.status === 'failed' ? span('✗ ', 'bad') : span('  ');
  return fill([lead], [...pieces, verdict, ...(remark.length === 0 ? [] : [remark])], columns);
}

function expectedDetails({ expected, status }: FlowResult): readonly Detail[] {
  return status === 'failed' ? [{ label: 'expected', pieces: words(expectedText(expected)) }] : [];
}

/** What was measured of many packets, and of which of them the story is. */
function measuredDetails(flow: FlowResult, all: boolean): readonly Detail[] {
  const { spread } = flow;
  const whole = [...streamDetails(flow), ...(spread ? spreadDetails(flow, spread) : [])];
  if (whole.length === 0) return [];
  const shown: Detail = { label: 'shown', pieces: words(shownText(flow)) };
  const ways = whole.filter(({ label }) => label !== 'stream' && label !== 'seed');
  const rest = ways.slice(MOST_WAYS);
  if (all || rest.length < 2) return [...whole, shown];
  const more: Detail = { label: '', pieces: words(`and ${rest.length} other ways`) };
  return [...whole.filter((each) => !rest.includes(each) && each.label !== 'seed'), more, shown];
}

/** Which of many packets the story is of: as `joinTuples` and `judgeFlow` choose it. */
function shownText({ spread, verdict, expected }: FlowResult): string {
  const what = spread ? 'source port' : 'request';
  if (spread && verdict !== expected.verdict) return `the first ${what} that is not as expected`;
  return verdict === 'symmetric' ? `the first ${what}` : `the first ${what} that is not symmetric`;
}

function causeDetails({ cause, verdict }: FlowResult, all: boolean): readonly Detail[] {
  if (cause === null) {
    const isSymmetric = verdict === 'symmetric';
    const text = isSymmetric
      ? 'the reply went the way that the request came'
      : 'none of the known causes explains it';
    return [{ label: isSymmetric ? '' : 'cause', pieces: words(text) }];
  }
  const { code, evidence, text } = cause;
  return [
    { label: 'cause', pieces: [...words(text, 'strong'), line(`(${code})`, 'faint')] },
    ...(all ? evidence : []).map((each, index) => ({
      label: index === 0 ? 'evidence' : '',
      pieces: words(each),
    })),
  ];
}

function partsLines(
  flow: FlowResult,
  explanation: Explanation,
  all: boolean,
  columns: number,
): readonly Line[] {
  const { disagreements, marks, passages } = explanation;
  const lives = marks.map(({ node, stages }) => words(`${node}: ${stages.join(' · ')}`));
  return [
    ...journeyLines(flow, passages, { columns, detailed: all }),
    ...lives.flatMap((pieces) => labelledLines({ label: 'mark', pieces }, columns)),
    ...disagreements.flatMap((text) =>
      labelledLines({ label: 'doubt', pieces: words(text, 'doubt') }, columns),
    ),
    ...(all ? evidenceLines(flow, explanation, columns) : []),
  ];
}

/** What could not be had is told in any case, if briefly. */
function basisLines(explanation: Explanation, { all, basis }: Fullness, columns: number): readonly Line[] {
  const { missing } = explanation;
  const [first, ...others] = missing;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const briefly =
    first === undefined ? [] : [cut([...labelLead('missing'), span(first)], columns - more.length)];
  return [
    ...(basis ? labelledLines({ label: 'rests on', pieces: basisPieces(explanation) }, columns) : []),
    ...(all
      ? missing.flatMap((text, i) =>
          labelledLines({ label: i === 0 ? 'missing' : '', pieces: words(text) }, columns),
        )
      : briefly.map((text) => [...text, span(more)])),
  ];
}
