import { scenarioFile } from '../format/scenario.js';
import type { Loaded } from '../load/load.js';
import type { Entry, MapTree, Tree } from '../load/tree.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Scenario, Step } from '../model/scenario.js';
import { type Facts, select } from './conditions.js';
import { Faults } from './faults.js';
import { Network } from './network.js';
import { familyOf } from './scenario.js';
import { checkShape } from './shape.js';
import { stepsOf } from './steps.js';

const stepSchema = scenarioFile.shape.steps.element;

export interface ValidatedStep {
  /** Null where something is wrong. */
  readonly step: Step | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * One step more for the lab of a scenario, loaded in the place of a scenario: with its names, parameters and
 * variant.
 *
 * @param scripted nodes where scripts were run before, which may have made interfaces.
 */
export function validateStep(
  loaded: Loaded,
  scenario: Scenario,
  scripted: ReadonlySet<string>,
): ValidatedStep {
  const faults = new Faults();
  const step = stepOf(loaded, scenario, scripted, faults);
  const diagnostics = faults.list();
  return { step: diagnostics.length === 0 ? step : null, diagnostics };
}

function stepOf(
  loaded: Loaded,
  { topology, parameters }: Scenario,
  scripted: ReadonlySet<string>,
  faults: Faults,
): Step | null {
  const file = loaded.scenarios[0]?.file;
  for (const diagnostic of file?.diagnostics ?? []) faults.take(diagnostic);
  if (!file?.tree || checkShape(stepSchema, file.tree, faults) === null) return null;
  const facts: Facts = { values: new Map(Object.entries(parameters)), possible: new Map() };
  const tree = select(file.tree, facts, faults);
  const input = checkShape(stepSchema, tree, faults);
  if (input === null) return null;
  const built = { topology, network: new Network(topology.nodes) };
  const [step] = stepsOf(
    asScenario(tree),
    { title: '', topology: '', steps: [input] },
    { built, loaded, facts, faults, scripted, family: familyOf(facts) },
  );
  return step ?? null;
}

/** The tree of a scenario that has this step alone: where the places of its values are looked for. */
function asScenario(step: Tree): MapTree {
  const { at } = step;
  const steps: Entry = { key: at, value: { kind: 'list', items: [step], at } };
  return { kind: 'map', entries: new Map([['steps', steps]]), at };
}
