import { join } from 'node:path';
import t from 'tap';
import { complaints } from './changed.js';
import { FOLDER, run } from './command.js';

/** Scenarios of which each variant is the other's twin: what happens in one happens elsewhere, or not at all, in the other. */
t.test('each event does what it says, at its place and nowhere else', async (t) => {
  const { code, report } = await run([join(FOLDER, 'events')]);
  t.ok(report.scenarios.length >= 6);
  for (const scenario of report.scenarios) t.strictSame(complaints(scenario), [], scenario.name);
  t.equal(code, 0);
});
