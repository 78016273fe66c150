import { join } from 'node:path';
import t from 'tap';
import type { ScenarioInput } from '../../src/format/scenario.js';
import { complaints, copyChanged, makeFalse } from './changed.js';
import { FOLDER, ROOT, run, stepOf } from './command.js';

t.setTimeout(120_000);

/** Scenarios of scenarios/links that no kernel is too small for; test/guest/links.test.ts has them all. */
const HERE = ['ppp-dual', 'bridge-guests', 'lossy-provider', 'slow-provider'];

t.test('kinds of interfaces and links that every kernel has', async (t) => {
  const { code, report } = await run([join(FOLDER, 'links')]);
  t.not(report.scenarios.length, 0);
  for (const scenario of report.scenarios) t.strictSame(complaints(scenario), [], scenario.name);
  t.equal(code, 0);
});

t.test('a script of pppd that fails is told like a recipe that fails', async (t) => {
  const { code, scenario } = await run([join(FOLDER, 'hooks')]);
  const found = scenario('ip-up');
  t.equal(code, 4);
  t.match(found, {
    status: 'errored',
    reason: { code: 'recipe-failed', text: /ip-up ppp0 .*no such provider/s },
  });
  t.match(stepOf(found, 'dialled').commands.at(-1), { node: 'server', exit: 3, unexpected: true });
});

t.test('scenarios of links pass, not without what they show, and not with a false expectation', async (t) => {
  const project = join(t.testdir(), 'scenarios');
  const links = join(ROOT, 'scenarios/links');
  await copyChanged(links, join(project, 'links'), () => {});
  await copyChanged(links, join(project, 'without'), withoutScripts);
  await copyChanged(links, join(project, 'false'), makeFalse);
  const files = HERE.flatMap((name) =>
    ['links', 'without', 'false'].map((folder) => join(project, folder, `${name}.yaml`)),
  );
  const { report } = await run(files);
  for (const scenario of report.scenarios) {
    const { id, name, reason } = scenario;
    if (id.startsWith('links/')) t.strictSame(complaints(scenario), [], name);
    else if (id.startsWith('without/')) t.match(reason?.code, /^(flow-not-as-expected|recipe-failed)$/, name);
    else t.match(complaints(scenario), [/verdict is [a-z-]+, expected /], name);
  }
  t.ok(report.scenarios.length >= files.length);
});

/** A script that does nothing may still have made what is named. */
function withoutScripts({ steps }: ScenarioInput): void {
  for (const step of steps)
    if (step.apply !== undefined) step.apply = [step.apply].flat().map(({ node }) => ({ node, shell: ':' }));
}
