import { milliseconds } from '../format/common.js';
import type { ApplyInput, EventInput, ScenarioInput, StepInput } from '../format/scenario.js';
import { placeOf } from '../load/source.js';
import { markAt, subtree, type Tree } from '../load/tree.js';
import type { Family } from '../model/family.js';
import type { ExpectedFailure } from '../model/policy.js';
import type { Apply, LabEvent, Step } from '../model/scenario.js';
import type { Facts } from './conditions.js';
import type { Faults } from './faults.js';
import { flowsOf } from './flows.js';
import { type PolicyContext, policyItems } from './policy.js';
import type { BuiltTopology } from './topology.js';

const DEFAULT_TIMEOUT_MS = 30_000;

/** What steps are read with. */
export interface StepContext extends Omit<PolicyContext, 'network'> {
  readonly built: BuiltTopology;
  readonly facts: Facts;
  readonly family: Family | null;
  readonly faults: Faults;
  /** Nodes where scripts were run before the first of these steps. */
  readonly scripted?: ReadonlySet<string>;
}

type Path = readonly PropertyKey[];

/** The steps of a scenario, from a tree in which only this variant's entries are left. */
export function stepsOf(tree: Tree, input: ScenarioInput, context: StepContext): Step[] {
  const { topology, network } = context.built;
  const scripted = new Set([
    ...(context.scripted ?? []),
    ...topology.nodes.filter(({ policy }) => policy.some(makesInterfaces)).map(({ name }) => name),
  ]);
  return input.steps.map((step, index): Step => {
    const path = ['steps', index];
    const applies = appliesOf(tree, path, step, context);
    const events = eventsOf(tree, path, step, context);
    for (const { node, items } of applies) if (items.some(makesInterfaces)) scripted.add(node);
    for (const event of events) if (event.kind === 'shell') scripted.add(event.node);
    const flows = (step.flows ?? []).flatMap((flow, position) =>
      flowsOf(tree, [...path, 'flows', position], flow, {
        network,
        nodeUnderTest: topology.nodeUnderTest,
        family: context.family,
        defaults: input.defaults ?? {},
        scripted,
        faults: context.faults,
      }),
    );
    return { title: step.title ?? `step ${index + 1}`, fresh: step.fresh ?? false, applies, events, flows };
  });
}

function makesInterfaces(item: { readonly kind: string }): boolean {
  return item.kind === 'shell';
}

function appliesOf(tree: Tree, path: Path, step: StepInput, context: StepContext): Apply[] {
  return each(tree, [...path, 'apply'], step.apply).flatMap(({ input, path: here }): Apply[] => {
    const { network } = context.built;
    const known = network.checkNode(input.node, markAt(tree, [...here, 'node']), context.faults);
    const items = policyItems(tree, here, input, { ...context, network });
    if (!known) return [];
    return [
      {
        node: input.node,
        items,
        expectedFailures: failuresOf(tree, here, input, context.faults),
        timeoutMs: input.timeout === undefined ? DEFAULT_TIMEOUT_MS : milliseconds(input.timeout),
        place: placeOf(markAt(tree, here)),
      },
    ];
  });
}

function failuresOf(tree: Tree, path: Path, input: ApplyInput, faults: Faults): ExpectedFailure[] {
  return (input.expect ?? []).map(({ line, exit, message }, index) => {
    const at = markAt(tree, [...path, 'expect', index, 'message']);
    return { line, exit: exit ?? null, message: message === undefined ? null : pattern(message, at, faults) };
  });
}

/** Text between slashes is a regular expression. */
function pattern(text: string, at: Parameters<Faults['add']>[0], faults: Faults): string | RegExp {
  const body = /^\/(.+)\/(i?)$/s.exec(text);
  if (body === null) return text;
  try {
    return new RegExp(body[1] ?? '', body[2]);
  } catch {
    faults.add(
      at,
      'bad-pattern',
      `${text} is not a regular expression`,
      'Correct it, or remove the slashes for plain text.',
    );
    return text;
  }
}

function eventsOf(tree: Tree, path: Path, step: StepInput, context: StepContext): LabEvent[] {
  return each(tree, [...path, 'event'], step.event).flatMap(({ input, path: here }) =>
    eventOf(tree, here, input, context),
  );
}

function eventOf(tree: Tree, path: Path, input: EventInput, { built, faults }: StepContext): LabEvent[] {
  const place = placeOf(markAt(tree, path));
  const kinds = (['down', 'up', 'shell'] as const).filter((key) => input[key] !== undefined);
  if (kinds.length !== 1) {
    const hint = 'Write one of down, up and shell in each entry; several events are a list.';
    faults.add(
      markAt(tree, path),
      'bad-value',
      `an event is one thing, and this is ${kinds.join(' and ') || 'none'}`,
      hint,
    );
    return [];
  }
  if (input.shell !== undefined) {
    const { node, script, timeout } = input.shell;
    if (!built.network.checkNode(node, markAt(tree, [...path, 'shell', 'node']), faults)) return [];
    return [
      {
        kind: 'shell',
        node,
        script,
        timeoutMs: timeout === undefined ? DEFAULT_TIMEOUT_MS : milliseconds(timeout),
        place,
      },
    ];
  }
  const [key, kind] =
    input.down === undefined ? (['up', 'link-up'] as const) : (['down', 'link-down'] as const);
  const endpoint = built.network.endpoint(input[key] ?? '', markAt(tree, [...path, key]), faults);
  return endpoint === null ? [] : [{ kind, endpoint, place }];
}

/** One entry or a list of them, each with its path. */
function each<Input>(
  tree: Tree,
  path: Path,
  input: Input | readonly Input[] | undefined,
): { input: Input; path: Path }[] {
  if (input === undefined) return [];
  if (subtree(tree, path)?.kind !== 'list') return [{ input: input as Input, path }];
  return (input as readonly Input[]).map((one, index) => ({ input: one, path: [...path, index] }));
}
