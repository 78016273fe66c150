import { INLINE } from '../load/inline.js';
import { loadInline, loadScenarios } from '../load/load.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Scenario, Variant } from '../model/scenario.js';
import { validate } from '../validate/validate.js';
import { InvalidScenarioError } from './errors.js';
import { loadOptions } from './folders.js';
import type { TopologyInput } from './input/topology.js';

/** What a lab is made of: a network alone, a scenario's file, or a scenario that `load` gave. */
export type LabSource = TopologySource | string | Scenario;

export interface TopologySource {
  /** The name of a file in lab/topologies, a path that begins with `./` or `../`, or a topology. */
  readonly topology: string | TopologyInput;
}

export interface SourceOptions {
  /** What names and paths are relative to; the working directory of the process unless given. */
  readonly cwd?: string;
  /**
   * Values of the topology's parameters, and `family` to restrict probes to one. For a scenario's file: the cell
   * of its matrix, as far as is needed to name one.
   */
  readonly variant?: Variant;
}

/** The one scenario that a source stands for. @throws InvalidScenarioError */
export async function scenarioOf(source: LabSource, { cwd, variant = {} }: SourceOptions): Promise<Scenario> {
  if (typeof source === 'string') return scenarioOfFile(source, cwd, variant);
  if ('id' in source && 'steps' in source) return source;
  const matrix = Object.fromEntries(Object.entries(variant).map(([key, value]) => [key, [value]]));
  const inline = {
    title: 'a lab',
    topology: source.topology,
    ...(Object.keys(matrix).length === 0 ? {} : { matrix }),
    steps: [{}],
  };
  const { scenarios, diagnostics } = validate(await loadInline('lab', inline, loadOptions(cwd)));
  const [scenario] = scenarios;
  if (scenario === undefined) throw new InvalidScenarioError(diagnostics);
  return scenario;
}

async function scenarioOfFile(path: string, cwd: string | undefined, variant: Variant): Promise<Scenario> {
  const { scenarios, diagnostics } = validate(await loadScenarios([path], loadOptions(cwd)));
  if (diagnostics.length > 0) throw new InvalidScenarioError(diagnostics);
  const matching = scenarios.filter((scenario) =>
    Object.entries(variant).every(([key, value]) => String(scenario.variant[key]) === String(value)),
  );
  const [scenario, another] = matching;
  if (scenario !== undefined && another === undefined) return scenario;
  const names = scenarios.map(({ name }) => name);
  const shown = names.length > 8 ? [...names.slice(0, 8), `${names.length - 8} more`] : names;
  throw new InvalidScenarioError([
    faultOf(
      'not-one-scenario',
      `a lab is of one scenario, and ${matching.length === 0 ? 'none' : matching.length} of this file ${matching.length > 1 ? 'have' : 'has'} the variant that is wanted`,
      `Name one by \`variant\`: there are ${shown.join(', ')}.`,
      path,
    ),
  ]);
}

/** A fault of what was given as a whole. The codes are of this library alone; docs/library.md has them. */
export function faultOf(
  code: 'not-one-scenario' | 'not-one-flow' | 'unknown-node',
  message: string,
  hint: string,
  file = INLINE,
): Diagnostic {
  return { code, message, hint, place: { file, line: 1, column: 1, frame: '' } };
}
