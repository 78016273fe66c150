import type { ScenarioInput } from '../format/scenario.js';
import type { Tree } from '../load/tree.js';
import { makesInterfaces } from '../model/policy.js';
import { deedsOf, type Step } from '../model/scenario.js';
import { appliesOf } from './applies.js';
import { duringOf } from './during.js';
import type { StepContext } from './entries.js';
import { eventsOf } from './events.js';
import { flowsOf } from './flows.js';
import { checkDuring } from './stream.js';

/** The steps of a scenario, from a tree in which only this variant's entries are left. */
export function stepsOf(tree: Tree, input: ScenarioInput, context: StepContext): Step[] {
  const { topology, network } = context.built;
  const scripted = new Set([
    ...(context.scripted ?? []),
    ...topology.nodes.filter(({ policy }) => policy.some(makesInterfaces)).map(({ name }) => name),
  ]);
  return input.steps.map((step, index): Step => {
    const path = ['steps', index];
    const applies = appliesOf(tree, [...path, 'apply'], step.apply, context);
    const events = eventsOf(tree, [...path, 'event'], step.event, context);
    const during = duringOf(tree, [...path, 'during'], step.during, context);
    for (const deed of deedsOf({ applies, events, during })) {
      if ('event' in deed && deed.event.kind === 'shell') scripted.add(deed.event.node);
      if ('apply' in deed && deed.apply.items.some(makesInterfaces)) scripted.add(deed.apply.node);
    }
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
    checkDuring(tree, [...path, 'during'], during, flows, context.faults);
    const title = step.title ?? `step ${index + 1}`;
    return { title, fresh: step.fresh ?? false, applies, events, flows, during };
  });
}
