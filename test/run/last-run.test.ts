import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { RunReport, ScenarioResult } from '../../src/model/result.js';
import { LastRunError, lastRunText, readLastFailed } from '../../src/run/last-run.js';
import { broken, failed, invalid, passed, result, skipped } from '../report/events.js';
import { on } from '../report/kernels.js';

function report(scenarios: readonly ScenarioResult[]): RunReport {
  return { scenarios } as unknown as RunReport;
}

t.test('what did not pass, without repetitions and kernels, each file once', async (t) => {
  const folder = t.testdir();
  const again = result({ ...failed, name: `${failed.name} #2`, repetition: 2 });
  const elsewhere = on('6.12', again);
  const text = lastRunText(report([passed, failed, again, elsewhere, broken, invalid, skipped]));
  writeFileSync(join(folder, 'last-run.json'), text);
  const { names, files } = await readLastFailed(folder);
  t.strictSame([...names], [failed.name, broken.name, invalid.name]);
  t.strictSame(files, ['scenarios/a.yaml', 'scenarios/bad.yaml']);
});

t.test('no last run, or none that can be read', async (t) => {
  const folder = t.testdir({
    broken: { 'last-run.json': '[{' },
    other: { 'last-run.json': '[{ "name": 1 }]' },
    folder: { 'last-run.json': {} },
  });
  const table = [
    ['nothing', /there is no last run: .*nothing\/last-run\.json does not exist$/],
    ['broken', /last-run\.json is not the record of a run$/],
    ['other', /last-run\.json is not the record of a run$/],
    ['folder', /cannot read .*folder\/last-run\.json/],
  ] as const;
  for (const [name, message] of table) {
    const error = await readLastFailed(join(folder, name)).catch((thrown: unknown) => thrown);
    t.ok(error instanceof LastRunError, name);
    t.match(error, { message });
  }
});
