import type { Explanation, ExplanationReport, NumberedFlow, Suggestion } from '../../model/explanation.js';
import type { FlowResult } from '../../model/flow-result.js';
import { journeyLines } from '../journey-layout.js';
import { basisPieces } from './basis.js';
import { evidenceLines } from './evidence.js';
import { expectedText } from './expectation.js';
import { type Detail, flowColumns } from './flow.js';
import { fill, type Line, line, padded, plain, span, width, words } from './line.js';
import { explainCommand } from './next.js';
import { mark } from './scenario.js';
import { spreadDetails } from './spread.js';
import { streamDetails } from './stream.js';
import { suggestionLines } from './suggestion.js';

export interface ExplanationExtent {
  readonly columns: number;
  /** Also every look-up, rule list, counter, neighbour, connection and trace event. */
  readonly verbose: boolean;
}

/** Columns between those of a list. */
const GAP = 2;

/** Columns that labels take. */
const LABEL = 11;

/** Lines of a cause's evidence that are told without `--verbose`. */
const MOST_EVIDENCE = 2;

/** What `explain` shows: the story of one flow, or of which flows there is one. */
export function explanationLines(report: ExplanationReport, extent: ExplanationExtent): readonly Line[] {
  const { flow, number } = report;
  return flow === null || number === null
    ? flowListLines(report, extent)
    : storyLines(report, flow, number, extent);
}

function storyLines(
  report: ExplanationReport,
  flow: FlowResult,
  number: number,
  extent: ExplanationExtent,
): readonly Line[] {
  const { columns, verbose } = extent;
  const { explanation, suggestion } = flow;
  const detail = (each: Detail) => detailLines(each, columns);
  return [
    ...headLines(report, number, columns),
    ...flowLine(flow, columns),
    ...(flow.status === 'failed'
      ? detail({ label: 'expected', pieces: words(expectedText(flow.expected)) })
      : []),
    ...streamDetails(flow).flatMap(detail),
    ...(flow.spread ? spreadDetails(flow, flow.spread).flatMap(detail) : []),
    ...(flow.spread ? detail({ label: 'shown', pieces: words(shownText(flow.status)) }) : []),
    [],
    ...causeLines(flow, extent),
    ...(explanation === undefined ? [] : [[], ...partsLines(flow, explanation, extent)]),
    [],
    ...(suggestion ? tryLines(suggestion, columns) : []),
    ...(explanation === undefined ? [] : basisLines(explanation, columns)),
    ...(verbose
      ? []
      : copied('next', explainCommand(report.scenario, '--flow', String(number), '--verbose'))),
  ];
}

/** Without its way, of which the whole story is. */
function flowLine(flow: FlowResult, columns: number): readonly Line[] {
  const { ends, probe, family, verdict, remark } = flowColumns(flow);
  const pieces = [ends, probe, family].map((piece) => [...piece, span(' ')]);
  const lead = flow.status === 'failed' ? span('✗ ', 'bad') : span('  ');
  return fill([lead], [...pieces, verdict, ...(remark.length === 0 ? [] : [remark])], columns);
}

function shownText(status: FlowResult['status']): string {
  const which = status === 'failed' ? 'the first that is not as expected' : 'the first';
  return `of its source ports, ${which}`;
}

/** Which flow of which scenario. */
function headLines({ scenario, flows }: ExplanationReport, number: number, columns: number): readonly Line[] {
  const step = flows.find((each) => each.number === number)?.step ?? '';
  const pieces = [
    line(scenario.name, 'strong'),
    line(` flow ${number} of ${flows.length}`, 'faint'),
    ...(step === '' ? [] : [line(' ·', 'faint'), ...words(step)]),
  ];
  return fill([mark(scenario), span(' ')], pieces, columns);
}

function causeLines(
  { cause, verdict }: FlowResult,
  { columns, verbose }: ExplanationExtent,
): readonly Line[] {
  if (cause === null) {
    const text =
      verdict === 'symmetric'
        ? 'the reply went the way that the request came'
        : 'none of the known causes explains it';
    return detailLines({ label: verdict === 'symmetric' ? '' : 'cause', pieces: words(text) }, columns);
  }
  const shown = verbose ? cause.evidence : cause.evidence.slice(0, MOST_EVIDENCE);
  return [
    ...detailLines(
      { label: 'cause', pieces: [...words(cause.text, 'strong'), line(`(${cause.code})`, 'faint')] },
      columns,
    ),
    ...shown.flatMap((text, index) =>
      detailLines({ label: index === 0 ? 'evidence' : '', pieces: words(text) }, columns),
    ),
  ];
}

function partsLines(
  flow: FlowResult,
  explanation: Explanation,
  { columns, verbose }: ExplanationExtent,
): readonly Line[] {
  const { disagreements, marks, passages } = explanation;
  return [
    ...journeyLines(flow, passages, { columns, detailed: verbose }),
    ...marks.flatMap(({ node, stages }) =>
      detailLines({ label: 'mark', pieces: words(`${node}: ${stages.join(' · ')}`) }, columns),
    ),
    ...disagreements.flatMap((text) =>
      detailLines({ label: 'doubt', pieces: words(text, 'doubt') }, columns),
    ),
    ...(verbose ? evidenceLines(flow, explanation, columns) : []),
  ];
}

function basisLines(explanation: Explanation, columns: number): readonly Line[] {
  return [
    ...detailLines({ label: 'rests on', pieces: basisPieces(explanation) }, columns),
    ...explanation.missing.flatMap((text, index) =>
      detailLines({ label: index === 0 ? 'missing' : '', pieces: words(text) }, columns),
    ),
  ];
}

/** The flows that may be asked for, where it is left to choose. */
function flowListLines(
  { scenario, flows }: ExplanationReport,
  { columns }: ExplanationExtent,
): readonly Line[] {
  const told = flows.filter(({ verdict }) => verdict !== 'symmetric');
  const lead = `all ${flows.length} flows are as expected, and these are not symmetric:`;
  const widest = (of: (flow: NumberedFlow) => string) =>
    Math.max(...told.map((flow) => width(line(of(flow))))) + GAP;
  const widths: ListWidths = {
    number: String(flows.length).length,
    ends: widest(endsText),
    probe: widest(({ probe }) => probe),
  };
  return [
    ...fill([mark(scenario), span(' ')], [line(scenario.name, 'strong')], columns),
    ...fill(line('  '), words(lead), columns),
    ...told.flatMap((flow, index) => [
      ...(flow.step === told[index - 1]?.step || flow.step === ''
        ? []
        : fill(line('  · '), words(flow.step), columns)),
      numberedLine(flow, widths),
    ]),
    [],
    ...copied('next', explainCommand(scenario, '--flow', String(told[0]?.number ?? 1))),
  ];
}

interface ListWidths {
  readonly number: number;
  readonly ends: number;
  readonly probe: number;
}

function endsText({ from, to }: NumberedFlow): string {
  return `${from} → ${to}`;
}

function numberedLine(flow: NumberedFlow, widths: ListWidths): Line {
  return [
    span(`    ${String(flow.number).padStart(widths.number)}  `, 'strong'),
    ...padded(line(endsText(flow)), widths.ends),
    ...padded(line(flow.probe), widths.probe),
    span(`IPv${flow.family}  ${flow.verdict}`),
  ];
}

function detailLines({ label, pieces }: Detail, columns: number): readonly Line[] {
  return fill(lead(label), pieces, columns);
}

function tryLines(suggestion: Suggestion, columns: number): readonly Line[] {
  const broken = (prose: Line) => fill([], words(plain(prose)), columns - LABEL);
  return suggestionLines(suggestion, broken).map((text, index) => [
    ...lead(index === 0 ? 'try' : ''),
    ...text,
  ]);
}

/** In one piece at any width: it is there to be copied. */
function copied(label: string, text: string): readonly Line[] {
  return [[...lead(label), span(text)]];
}

function lead(label: string): Line {
  return [span('  '), ...padded(line(label, 'faint'), LABEL - 2)];
}
