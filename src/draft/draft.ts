import { stringify } from 'yaml';
import type { ExpectedFlow } from './expectation.js';

/** What a new scenario file is to say. */
export interface Draft {
  readonly title: string;
  /** Where an editor finds the JSON Schema; null where nobody knows. */
  readonly schema: string | null;
  readonly topology: DraftTopology;
  readonly steps: readonly DraftStep[];
}

export type DraftTopology =
  /** By name, with what stands there of it in a comment. */
  | { readonly kind: 'named'; readonly name: string; readonly title: string; readonly parameters: Parameters }
  /** As YAML to stand in the scenario itself. */
  | { readonly kind: 'inline'; readonly text: string };

/** Values by the name of a topology's parameter. */
type Parameters = Readonly<Record<string, readonly (string | number)[]>>;

export interface DraftStep {
  readonly title: string;
  /** A script that is applied before the flows; null for none. */
  readonly recipe: { readonly node: string; readonly script: string } | null;
  readonly flows: readonly ExpectedFlow[];
}

/** The file, with comments for somebody who has not seen one before. */
export function draftText(draft: Draft): string {
  const { schema, topology, steps } = draft;
  const [flow] = steps.flatMap(({ flows }) => flows);
  const hasRecipe = steps.some(({ recipe }) => recipe !== null);
  return [
    ...(schema === null ? [] : [`# yaml-language-server: $schema=${schema}`]),
    `title: ${scalar(draft.title)}`,
    ...topologyLines(topology),
    'steps:',
    '  # The steps of a scenario follow each other in the same lab: apply, then events, then flows.',
    ...steps.flatMap(stepLines),
    ...(hasRecipe || flow === undefined ? [] : [...nextStepLines(flow)]),
    '',
  ].join('\n');
}

function topologyLines(topology: DraftTopology): readonly string[] {
  if (topology.kind === 'inline') return ['topology:', ...indented(topology.text, 2)];
  const { name, title, parameters } = topology;
  const matrix = Object.entries(parameters).map(
    ([key, values]) => `#   ${key}: [${values.map((value) => scalar(value)).join(', ')}]`,
  );
  return [
    ...commented(title),
    `topology: ${scalar(name)}`,
    ...(matrix.length === 0
      ? []
      : ['# Run once for each combination of values, with what you want to vary of:']),
    ...(matrix.length === 0 ? [] : ['# matrix:', ...matrix]),
  ];
}

function stepLines({ title, recipe, flows }: DraftStep): readonly string[] {
  return [
    `  - title: ${scalar(title)}`,
    ...(recipe === null
      ? []
      : [
          '    apply:',
          `      node: ${scalar(recipe.node)}`,
          '      # Run by bash as root, in a lab only; a command that fails fails the scenario.',
          ...indented(stringify({ shell: recipe.script }, { blockQuote: 'literal', lineWidth: 0 }), 6),
        ]),
    ...(flows.length === 0 ? [] : ['    flows:', ...flows.flatMap(flowLines)]),
  ];
}

function flowLines({ from, to, family, probe, expect }: ExpectedFlow): readonly string[] {
  const expected =
    typeof expect === 'string'
      ? [`        expect: ${expect}`]
      : [
          '        expect:',
          ...Object.entries(expect).map(([key, value]) => `          ${key}: ${inline(value)}`),
        ];
  return [
    `      - from: ${scalar(from)}`,
    `        to: ${scalar(to)}`,
    ...(family === null ? [] : [`        family: ${family}`]),
    `        probe: ${scalar(probe)} # ping, tcp/PORT or udp/PORT`,
    ...expected,
  ];
}

function nextStepLines({ from, to, probe }: ExpectedFlow): readonly string[] {
  const [node = to] = to.split(':');
  return [
    '  # Then a step with your own configuration, just as you would type it:',
    '  # - title: with a fix',
    '  #   apply:',
    `  #     node: ${node}`,
    '  #     shell: |',
    '  #       ip rule add …',
    '  #   flows:',
    `  #     - { from: ${from}, to: "${to}", probe: ${probe}, expect: symmetric }`,
  ];
}

/** A title, over several lines where it has them. */
function commented(text: string): readonly string[] {
  return text === '' ? [] : text.split('\n').map((each) => `# ${each}`);
}

/** On one line: maps in braces. */
function inline(value: unknown): string {
  return stringify(value, { lineWidth: 0, collectionStyle: 'flow' }).trimEnd();
}

function scalar(value: string | number): string {
  return stringify(value, { lineWidth: 0, defaultStringType: 'PLAIN' }).trimEnd();
}

function indented(text: string, columns: number): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((each) => (each === '' ? '' : ' '.repeat(columns) + each));
}
