import type { ExpectationInput } from '../format/expectation.js';
import { markAt, type Tree } from '../load/tree.js';
import type { ExpectedSpread } from '../model/spread.js';
import { VERDICTS } from '../model/verdict.js';
import { parseEndpoint } from './network.js';
import { checkEndpoint, checkInterface, type ExpectationContext } from './passage.js';

/** Wrong once in a million where the shares are as expected. */
const DEFAULT_CONFIDENCE = 0.999999;

type SpreadInput = NonNullable<Extract<ExpectationInput, { verdict: string; when?: never }>['spread']>;
type Path = readonly PropertyKey[];

/** What is expected of the spread of a flow's tuples, with every value that it counts looked up. */
export function expectedSpreadOf(
  tree: Tree,
  path: Path,
  { by, share, confidence = DEFAULT_CONFIDENCE, strayed = 0 }: SpreadInput,
  context: ExpectationContext,
): ExpectedSpread {
  if (!context.hasTuples) {
    context.faults.add(
      markAt(tree, path, true),
      'bad-value',
      'a spread is of a flow with tuples, and this one has none',
      'Give the flow `tuples: 200`, or remove spread.',
    );
  }
  if (share === 'one') return { by, share, confidence, strayed };
  const values = Object.entries(share);
  for (const [value] of values) checkValue(tree, [...path, 'share', value], by, value, context);
  if (!values.some(([, weight]) => weight > 0)) {
    context.faults.add(
      markAt(tree, [...path, 'share']),
      'bad-value',
      'no share has a weight above 0',
      'Give each value its weight, for example { eth0: 1, eth1: 3 }.',
    );
  }
  return { by, share, confidence, strayed };
}

function checkValue(
  tree: Tree,
  path: Path,
  by: ExpectedSpread['by'],
  value: string,
  context: ExpectationContext,
): void {
  const { faults, judged } = context;
  if (value === 'none') return;
  if (by === 'verdict') {
    if (VERDICTS.some((verdict) => verdict === value)) return;
    faults.add(
      markAt(tree, path, true),
      'bad-value',
      `${value} is no verdict`,
      `Write one of ${VERDICTS.join(', ')}.`,
    );
  } else if (!by.endsWith('.nexthop')) {
    checkInterface(tree, path, judged, value, context);
  } else if (parseEndpoint(value) !== null) {
    checkEndpoint(tree, path, value, context);
  } else {
    const hint = 'Write the endpoint where packets are sighted next, for example isp2:lan.';
    faults.add(markAt(tree, path, true), 'bad-endpoint', `${value} is not node:interface`, hint);
  }
}
