import { join } from 'node:path';
import t from 'tap';
import { complaints } from './changed.js';
import { FOLDER, run, stepOf } from './command.js';
import { inAllManners } from './manners.js';

t.setTimeout(120_000);

/** Scenarios of scenarios/links that no kernel is too small for; test/guest/links.test.ts has the others. */
const HERE = ['ppp-dual', 'ppp-ipv6', 'bridge-guests', 'lossy-provider', 'slow-provider'];

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
  const [failed] = stepOf(found, 'dialled').commands.filter(({ exit }) => exit !== 0);
  t.match(failed, { node: 'server', exit: 3, unexpected: true, text: /ip-up ppp0/ });
});

t.test('scenarios of links', async (t) => {
  await inAllManners(t, { paths: HERE.map((name) => `scenarios/links/${name}.yaml`) });
});
