import { join } from 'node:path';
import t from 'tap';
import type { ScenarioInput } from '../../src/format/scenario.js';
import type { ScenarioResult } from '../../src/model/result.js';
import { complaints, copyChanged, makeFalse, withoutPolicy } from './changed.js';
import { ROOT, run } from './command.js';

const FOLDER = join(ROOT, 'scenarios/failover');

// Streams last for seconds, and wait for the most part.
t.setTimeout(300_000);

t.test('every scenario passes, and says where it is from, what is claimed and what was found', async (t) => {
  const { code, report } = await run([FOLDER, '--workers', '4']);
  t.ok(report.scenarios.length >= 8);
  for (const scenario of report.scenarios) {
    t.strictSame(complaints(scenario), [], scenario.name);
    const { source, claim, finding } = scenario;
    t.match(
      { source, claim, finding },
      { source: { document: String }, claim: /\S/, finding: { status: /\S/ } },
    );
  }
  t.equal(code, 0);
});

t.test('none passes without its policy', async (t) => {
  for (const { name, status, reason } of await runChanged(t.testdir(), withoutPolicy)) {
    t.not(status, 'passed', name);
    t.match(reason?.code, /^(flow-not-as-expected|recipe-failed)$/, name);
  }
});

t.test('none passes with one expectation made false, and it is that flow that fails', async (t) => {
  for (const scenario of await runChanged(t.testdir(), makeFalse)) {
    t.match(scenario, { status: 'failed', reason: { code: 'flow-not-as-expected' } }, scenario.name);
    const found = complaints(scenario);
    t.equal(found.length, 1, `${scenario.name}: ${found.join('\n')}`);
    t.match(found[0], /verdict is [a-z-]+, expected /, scenario.name);
  }
});

t.test('none passes where nothing happens while its streams run', async (t) => {
  const scenarios = await runChanged(t.testdir(), ({ steps }) => {
    for (const step of steps) delete step.during;
  });
  for (const { name, status, reason } of scenarios) {
    t.not(status, 'passed', name);
    t.match(reason?.code, /^(flow-not-as-expected|recipe-failed)$/, name);
  }
});

async function runChanged(
  project: string,
  change: (scenario: ScenarioInput) => void,
): Promise<readonly ScenarioResult[]> {
  const folder = join(project, 'scenarios/failover');
  await copyChanged(FOLDER, folder, change);
  const { report } = await run([folder, '--workers', '4']);
  return report.scenarios;
}
