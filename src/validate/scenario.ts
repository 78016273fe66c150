import { type ScenarioInput, scenarioFile } from '../format/scenario.js';
import { topologyFile } from '../format/topology.js';
import type { Loaded, LoadedScenario } from '../load/load.js';
import { get, type MapTree, type Tree, toPlain, valuesIn } from '../load/tree.js';
import type { Family } from '../model/family.js';
import type { Need } from '../model/need.js';
import type { Scenario, Variant } from '../model/scenario.js';
import { conditionKeys, type Facts, select, type Value } from './conditions.js';
import { type MergedTopology, mergeTopology } from './extend.js';
import type { Faults } from './faults.js';
import { variantName, variantsOf } from './matrix.js';
import { type Parameter, parametersOf, substitute } from './parameters.js';
import { policyTrees } from './policy.js';
import { rangeOfSteps, stepsWithin } from './range.js';
import { checkShape } from './shape.js';
import { stepsOf } from './steps.js';
import { type BuiltTopology, buildTopology } from './topology.js';

/** Values times variants: a fraction of a second's work. Suites have a thirtieth of it in a file. */
const MAXIMUM_WORK = 250_000;

/** All variants of a scenario file; what is wrong in any of them goes to `faults`. */
export function scenariosOf(loadedScenario: LoadedScenario, loaded: Loaded, faults: Faults): Scenario[] {
  const { id, file, lines } = loadedScenario;
  for (const diagnostic of file.diagnostics) faults.take(diagnostic);
  const { tree } = file;
  if (tree === null) return [];
  if (tree.kind !== 'map') {
    faults.add(
      tree.at,
      'wrong-type',
      'a scenario has to be a map',
      'Begin with title:, topology: and steps:.',
    );
    return [];
  }
  checkScenarioShape(tree, faults);
  const reference = get(tree, 'topology');
  const merged = reference === null ? null : mergeTopology(reference, loaded, faults);
  if (merged === null) return [];
  const parameters = parametersOf(merged.tree, faults);
  const topologyConditions = conditionsOf(merged.tree, loaded);
  const conditions = new Set([...conditionsOf(tree, loaded), ...topologyConditions]);
  const variants = variantsOf(tree, parameters, conditions, faults);
  if (!isWithinReason(tree, merged.tree, variants.length, loaded, faults)) return [];
  const decisive = new Set([...parameters.keys(), ...topologyConditions]);
  const range = lines === null ? null : rangeOfSteps(tree, lines);
  const topologies = new Map<string, BuiltTopology | null>();
  return variants.flatMap((variant) => {
    const facts = factsOf(tree, parameters, variant, variants);
    // Variants that differ in nothing that the topology depends on, the family mostly, share one.
    const key = JSON.stringify([...facts.values].filter(([name]) => decisive.has(name)));
    const built = topologies.get(key) ?? topologyOf(merged, parameters, facts, loaded, faults);
    topologies.set(key, built);
    const before = faults.count;
    const selected = select(tree, facts, faults);
    if (faults.count > before) return [];
    const input = checkScenarioShape(selected, faults);
    if (built === null || input === null) return [];
    const scenario = scenarioOf(id, file.file, selected, input, variant, { built, facts, loaded, faults });
    const steps = range === null ? scenario.steps : stepsWithin(scenario.steps, selected, range);
    // The step that is meant is not part of this variant.
    return steps === null ? [] : [{ ...scenario, steps }];
  });
}

/** Each variant is checked apart: reports a matrix that is large for the size of the files. */
function isWithinReason(
  tree: MapTree,
  topology: Tree,
  variants: number,
  loaded: Loaded,
  faults: Faults,
): boolean {
  const matrix = tree.entries.get('matrix');
  if (variants < 2 || matrix === undefined) return true;
  const trees = new Set([...policyTrees(tree, loaded), ...policyTrees(topology, loaded)]);
  const values = [...trees].reduce((sum, one) => sum + valuesIn(one), 0);
  if (variants * values <= MAXIMUM_WORK) return true;
  const message = `the matrix has ${variants} cells, too many for files with ${values} values`;
  faults.add(matrix.key, 'bad-matrix', message, 'Make several scenarios of it, or less to be varied.');
  return false;
}

/** Every key on which something in a tree, or in a policy file that it leads to, depends. */
function conditionsOf(tree: Tree, loaded: Loaded): Set<string> {
  return new Set([...policyTrees(tree, loaded)].flatMap((one) => [...conditionKeys(one)]));
}

/** The topology is checked apart, after merging: its shape is not known before. */
function checkScenarioShape(tree: Tree, faults: Faults): ScenarioInput | null {
  const plain = toPlain(tree);
  const isMap = get(tree, 'topology')?.kind === 'map';
  return checkShape(scenarioFile, tree, faults, isMap ? { ...(plain as object), topology: 'inline' } : plain);
}

function factsOf(
  tree: MapTree,
  parameters: ReadonlyMap<string, Parameter>,
  variant: Variant,
  variants: readonly Variant[],
): Facts {
  const values = new Map<string, Value>();
  const possible = new Map<string, readonly Value[]>();
  for (const [name, parameter] of parameters) {
    values.set(name, parameter.default);
    possible.set(name, parameter.values);
  }
  for (const [key, value] of Object.entries(variant)) {
    values.set(key, value);
    if (!possible.has(key)) possible.set(key, [...new Set(variants.map((one) => one[key] ?? value))]);
  }
  const family = get(tree, 'family');
  if (family?.kind === 'scalar' && typeof family.value === 'number') {
    values.set('family', family.value);
    possible.set('family', [4, 6]);
  }
  return { values, possible };
}

function topologyOf(
  merged: MergedTopology,
  parameters: ReadonlyMap<string, Parameter>,
  facts: Facts,
  loaded: Loaded,
  faults: Faults,
): BuiltTopology | null {
  const parameterValues = new Map([...facts.values].filter(([name]) => parameters.has(name)));
  const before = faults.count;
  const whole = substitute(merged.tree, parameterValues, faults);
  // What a condition leaves out is checked with it.
  if (faults.count > before || checkShape(topologyFile, whole, faults) === null) return null;
  const tree = select(whole, facts, faults);
  const input = faults.count > before ? null : checkShape(topologyFile, tree, faults);
  return input === null ? null : buildTopology(merged.name, tree, input, { loaded, facts, faults });
}

function scenarioOf(
  id: string,
  file: string,
  tree: Tree,
  input: ScenarioInput,
  variant: Variant,
  context: { built: BuiltTopology; facts: Facts; loaded: Loaded; faults: Faults },
): Scenario {
  const { source, finding } = input;
  return {
    id,
    name: variantName(id, variant),
    file,
    title: input.title,
    tags: input.tags ?? [],
    source: source === undefined ? null : { document: source.document, comment: source.comment ?? null },
    claim: input.claim ?? null,
    finding:
      finding === undefined
        ? null
        : typeof finding === 'string'
          ? { status: finding, text: '' }
          : { status: finding.status, text: finding.text ?? '' },
    lesson: input.lesson ?? null,
    variant,
    requires: (input.requires ?? []).map(needOf),
    topology: context.built.topology,
    parameters: Object.fromEntries(context.facts.values),
    steps: stepsOf(tree, input, { ...context, family: familyOf(context.facts) }),
  };
}

function needOf(input: NonNullable<ScenarioInput['requires']>[number]): Need {
  if (typeof input === 'string') return input;
  return { tool: input.tool, oldest: input.version?.replace(/^>= */, '') ?? null };
}

export function familyOf(facts: Facts): Family | null {
  const family = Number(facts.values.get('family'));
  return family === 4 || family === 6 ? family : null;
}
