import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { parse, stringify } from 'yaml';
import type { ScenarioInput, StepInput } from '../../src/format/scenario.js';
import type { RunReport, ScenarioResult } from '../../src/model/result.js';
import type { VerdictName } from '../../src/model/verdict.js';
import { ROOT, run } from './command.js';

const SCENARIOS = join(ROOT, 'scenarios');

// The whole suite four times, on a machine that may have other things to do.
t.setTimeout(300_000);

/** Copies every scenario, changed by `change`, into a project of its own, runs them all, and gives what came of each cell. */
async function runChanged(
  project: string,
  change: (scenario: ScenarioInput) => void,
): Promise<readonly ScenarioResult[]> {
  const folder = join(project, 'scenarios');
  const files = (await readdir(SCENARIOS, { recursive: true })).filter((file) => file.endsWith('.yaml'));
  for (const file of files) {
    // By way of JSON, so that what aliases share is no longer shared.
    const text = JSON.stringify(parse(await readFile(join(SCENARIOS, file), 'utf8')));
    const scenario: ScenarioInput = JSON.parse(text);
    change(scenario);
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), stringify(scenario, { aliasDuplicateObjects: false }));
  }
  const { report } = await run([folder, '--workers', '2']);
  return report.scenarios;
}

/** What differs in a cell: flow by flow, or why it came to no flows. */
function complaints({ status, reason, steps }: ScenarioResult): string[] {
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

const { code, report } = await run([SCENARIOS, '--workers', '2']);
const names = report.scenarios.map(({ name }) => name);

t.test('every scenario passes', async (t) => {
  t.not(names.length, 0);
  for (const scenario of report.scenarios) t.strictSame(complaints(scenario), [], scenario.name);
  t.equal(code, 0);
});

t.test('a tcpdump beside each agent sees what the agents see', async (t) => {
  const flowsOf = ({ scenarios }: RunReport) =>
    scenarios.map(({ name, steps }) => ({ name, steps: steps.map(({ flows }) => flows) }));
  const other = await run([SCENARIOS, '--workers', '2', '--capture', 'tcpdump']);
  t.strictSame(flowsOf(other.report), flowsOf(report));
});

t.test('every scenario says where it is from, what is claimed and what was found', async (t) => {
  for (const { name, source, claim, finding } of report.scenarios) {
    t.match(
      { source, claim, finding },
      { source: { document: String }, claim: /\S/, finding: { status: /\S/ } },
      name,
    );
  }
});

t.test('no scenario passes without its policy', async (t) => {
  const scenarios = await runChanged(t.testdir(), ({ steps }) => {
    for (const step of steps) delete step.apply;
  });
  t.strictSame(
    scenarios.map(({ name }) => name),
    names,
  );
  for (const { name, status, reason, steps } of scenarios) {
    t.not(status, 'passed', name);
    // A check of what the policy made may fail in its place; nothing else may keep the flows from being tried.
    t.match(reason?.code, /^(flow-not-as-expected|recipe-failed)$/, name);
    t.not(steps.length, 0, name);
  }
});

t.test('no scenario passes with one expectation made false, and it is that flow that fails', async (t) => {
  const scenarios = await runChanged(t.testdir(), ({ steps }) => makeFalse(steps));
  t.strictSame(
    scenarios.map(({ name }) => name),
    names,
  );
  for (const scenario of scenarios) {
    t.match(scenario, { status: 'failed', reason: { code: 'flow-not-as-expected' } }, scenario.name);
    const found = complaints(scenario);
    t.equal(found.length, 1, `${scenario.name}: ${found.join('\n')}`);
    t.match(found[0], /verdict is [a-z-]+, expected /, scenario.name);
  }
});

/** Swaps the verdict expected of the last flow that every cell has. */
function makeFalse(steps: readonly StepInput[]): void {
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
