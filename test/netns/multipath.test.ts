import { join } from 'node:path';
import t from 'tap';
import { complaints, copyChanged, makeFalse, withoutPolicy } from './changed.js';
import { ROOT, run } from './command.js';

/** Each makes the router's routes by a policy, and tells from the spread alone which. */
const FOLDER = join(ROOT, 'scenarios', 'multipath');

t.setTimeout(300_000);

const { code, report } = await run([FOLDER, '--workers', '2']);
const names = report.scenarios.map(({ name }) => name);

t.test('every scenario passes', async (t) => {
  t.not(names.length, 0);
  for (const scenario of report.scenarios) t.strictSame(complaints(scenario), [], scenario.name);
  t.equal(code, 0);
});

t.test(
  'other source ports, other tuples: they pass with another seed, and the report says which',
  async (t) => {
    const other = await run([FOLDER, '--workers', '2', '--seed', '99']);
    for (const scenario of other.report.scenarios) {
      t.strictSame(complaints(scenario), [], scenario.name);
      const spreads = scenario.steps.flatMap(({ flows }) => flows.flatMap(({ spread }) => spread ?? []));
      t.ok(spreads.every(({ seed }) => seed === 99));
    }
  },
);

t.test('no scenario passes without its policy, or with one expectation made false', async (t) => {
  for (const [label, change] of Object.entries({ withoutPolicy, makeFalse })) {
    const project = join(t.testdir(), label, 'scenarios', 'multipath');
    await copyChanged(FOLDER, project, change);
    const changed = await run([project, '--workers', '2']);
    t.strictSame(
      changed.report.scenarios.map(({ name }) => name),
      names,
    );
    for (const { name, status } of changed.report.scenarios) t.equal(status, 'failed', `${name} ${label}`);
  }
});
