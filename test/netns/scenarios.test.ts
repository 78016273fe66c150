import { join } from 'node:path';
import t from 'tap';
import type { ScenarioInput } from '../../src/format/scenario.js';
import type { FlowResult } from '../../src/model/flow-result.js';
import type { RunReport, ScenarioResult } from '../../src/model/result.js';
import { complaints, copyChanged, makeFalse, withoutPolicy } from './changed.js';
import { ROOT, run } from './command.js';

/** Those of scenarios/links need another kernel: test/guest/links.test.ts. */
const FOLDERS = ['recipes', 'reports'];

// The whole suite four times, on a machine that may have other things to do.
t.setTimeout(300_000);

const paths = FOLDERS.map((folder) => join(ROOT, 'scenarios', folder));
const { code, report } = await run([...paths, '--workers', '2']);
const names = report.scenarios.map(({ name }) => name);

t.test('every scenario passes', async (t) => {
  t.not(names.length, 0);
  for (const scenario of report.scenarios) t.strictSame(complaints(scenario), [], scenario.name);
  t.equal(code, 0);
});

t.test('a tcpdump beside each agent sees what the agents see', async (t) => {
  const flowsOf = ({ scenarios }: RunReport) =>
    scenarios.map(({ name, steps }) => ({
      name,
      steps: steps.map(({ flows }) => flows.map(withoutRaces)),
    }));
  const other = await run([...paths, '--workers', '2', '--capture', 'tcpdump']);
  t.strictSame(flowsOf(other.report), flowsOf(report));
});

/**
 * These are two runs, and two things in one of TCP are a race: how often it sent again while a SYN proxy let it
 * wait, and whether a server's answer was on its way before the reset that ended its connection came in.
 */
function withoutRaces(flow: FlowResult) {
  if (!flow.probe.startsWith('tcp/')) return flow;
  const { duplicates, received, refusal } = flow;
  return { ...flow, duplicates: duplicates > 0, received: refusal?.kind === 'tcp-reset' ? null : received };
}

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
  const scenarios = await runChanged(t.testdir(), withoutPolicy);
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
  const scenarios = await runChanged(t.testdir(), makeFalse);
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

/** Copies every scenario, changed by `change`, into a project of its own, runs them all, and gives what came of each cell. */
async function runChanged(
  project: string,
  change: (scenario: ScenarioInput) => void,
): Promise<readonly ScenarioResult[]> {
  const folder = join(project, 'scenarios');
  for (const each of FOLDERS) await copyChanged(join(ROOT, 'scenarios', each), join(folder, each), change);
  const { report } = await run([folder, '--workers', '2']);
  return report.scenarios;
}
