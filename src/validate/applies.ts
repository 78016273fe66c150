import { milliseconds } from '../format/common.js';
import type { ApplyInput } from '../format/scenario.js';
import { placeOf } from '../load/source.js';
import { markAt, type Tree } from '../load/tree.js';
import type { ExpectedFailure } from '../model/policy.js';
import type { Apply } from '../model/scenario.js';
import { DEFAULT_TIMEOUT_MS, each, type Path, type StepContext } from './entries.js';
import type { Faults } from './faults.js';
import { pattern } from './pattern.js';
import { policyItems } from './policy.js';
import { withPppEnds } from './ppp-ends.js';

/** What is applied at a path: one entry or a list of them. */
export function appliesOf(
  tree: Tree,
  path: Path,
  input: ApplyInput | readonly ApplyInput[] | undefined,
  context: StepContext,
): Apply[] {
  return each(tree, path, input).flatMap(({ input: one, path: here }): Apply[] => {
    const { network, topology } = context.built;
    const wired = { network, links: topology.links, faults: context.faults };
    const known = network.checkNode(one.node, markAt(tree, [...here, 'node']), context.faults);
    const policy = policyItems(tree, here, one, { ...context, network });
    if (!known) return [];
    const items = policy.map((item) => withPppEnds(item, one.node, markAt(tree, here), wired));
    return [
      {
        node: one.node,
        items,
        expectedFailures: failuresOf(tree, here, one, context.faults),
        timeoutMs: one.timeout === undefined ? DEFAULT_TIMEOUT_MS : milliseconds(one.timeout),
        place: placeOf(markAt(tree, here)),
      },
    ];
  });
}

function failuresOf(tree: Tree, path: Path, input: ApplyInput, faults: Faults): ExpectedFailure[] {
  return (input.expect ?? []).map(({ line, file, exit, message }, index) => {
    const at = markAt(tree, [...path, 'expect', index, 'message']);
    return {
      line,
      ...(file === undefined ? {} : { file }),
      exit: exit ?? null,
      message: message === undefined ? null : pattern(message, at, faults),
    };
  });
}
