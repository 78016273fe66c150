import type { ExplanationReport, NumberedFlow } from '../../model/explanation.js';
import { copiedLine } from './labelled.js';
import { fill, type Line, line, padded, span, width, words } from './line.js';
import { explainCommand } from './next.js';
import { mark } from './scenario.js';

/** Columns between those of the list. */
const GAP = 2;

/** The flows that may be asked for, where it is left to choose. */
export function flowListLines({ scenario, flows }: ExplanationReport, columns: number): readonly Line[] {
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
    copiedLine('next', explainCommand(scenario, '--flow', String(told[0]?.number ?? 1))),
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
