import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { PolicyItemInput } from '../../src/format/policy.js';
import type { ScenarioInput } from '../../src/format/scenario.js';
import type { ScenarioResult } from '../../src/model/result.js';
import type { VerdictName } from '../../src/model/verdict.js';

/** Copies every scenario below one folder to another one, changed by `change`. */
export async function copyChanged(
  from: string,
  to: string,
  change: (scenario: ScenarioInput) => void,
): Promise<void> {
  const files = (await readdir(from, { recursive: true })).filter((file) => file.endsWith('.yaml'));
  for (const file of files) {
    // By way of JSON, so that what aliases share is no longer shared.
    const text = JSON.stringify(parse(await readFile(join(from, file), 'utf8')));
    const scenario: ScenarioInput = JSON.parse(text);
    change(scenario);
    await mkdir(dirname(join(to, file)), { recursive: true });
    await writeFile(join(to, file), stringify(scenario, { aliasDuplicateObjects: false }));
  }
}

/**
 * Every policy does nothing. It is still there: a key of the matrix that it alone looks at would be of no use without
 * it, and a script may have made the interfaces that are named elsewhere.
 */
export function withoutPolicy({ steps }: ScenarioInput): void {
  const emptied = ({ when }: Pick<PolicyItemInput, 'when'>) => ({ shell: ':', ...(when && { when }) });
  for (const step of steps) {
    if (step.apply === undefined) continue;
    step.apply = [step.apply].flat().map(({ node, items, when }) => ({
      node,
      ...emptied({ when }),
      ...(items && { shell: undefined, items: items.map(emptied) }),
    }));
  }
}

/** Swaps the verdict expected of the last flow that every cell has. */
export function makeFalse({ steps }: ScenarioInput): void {
  const flow = steps
    .filter((step) => step.when === undefined)
    .flatMap((step) => step.flows ?? [])
    .findLast((each) => each.when === undefined);
  if (flow === undefined) throw new Error('no flow stands in every cell');
  const entries = Array.isArray(flow.expect) ? flow.expect : [flow.expect];
  const expected = new Set(entries.map((entry) => (typeof entry === 'string' ? entry : entry.verdict)));
  const others: readonly VerdictName[] = ['symmetric', 'asymmetric', 'request-lost'];
  const other = others.find((verdict) => !expected.has(verdict));
  if (other !== undefined) flow.expect = other;
}

/** What differs in a cell: flow by flow, or why it came to no flows. */
export function complaints({ status, reason, steps }: ScenarioResult): string[] {
  const flows = steps.flatMap(({ title, flows }) =>
    flows
      .filter((flow) => flow.status === 'failed')
      .map(
        ({ from, to, probe, differences }) =>
          `${title}: ${from} to ${to}, ${probe}: ${differences.join('; ')}`,
      ),
  );
  return flows.length > 0 || status === 'passed' ? flows : [reason?.text ?? status];
}
