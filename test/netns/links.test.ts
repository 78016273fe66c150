import { join } from 'node:path';
import t from 'tap';
import { complaints } from './changed.js';
import { FOLDER, run } from './command.js';

const { code, report } = await run([join(FOLDER, 'links')]);

t.test('kinds of interfaces and links that every kernel has', async (t) => {
  t.not(report.scenarios.length, 0);
  for (const scenario of report.scenarios) t.strictSame(complaints(scenario), [], scenario.name);
  t.equal(code, 0);
});
