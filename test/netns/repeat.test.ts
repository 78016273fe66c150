import { join } from 'node:path';
import t from 'tap';
import { dir } from 'tmp-promise';
import { execute, ROOT } from './command.js';

// The short form of scripts/repeat.
t.test('two runs side by side give the same', async (t) => {
  const output = await dir({ unsafeCleanup: true });
  t.teardown(() => output.cleanup());
  const program = join(import.meta.dirname, 'repeat.js');
  const options = ['--runs', '2', '--parallel', '2', '--output', output.path];
  const { code, stdout, stderr } = await execute([
    process.execPath,
    program,
    ...options,
    join(ROOT, 'scenarios/recipes/a1-rt2.yaml'),
    join(ROOT, 'scenarios/reports/b11-to-rule.yaml'),
  ]);
  t.match(
    stdout,
    /^\d+ scenarios, [1-9]\d* flows; the first run exited with 0\n2 runs, .*\n0 differ\n$/,
    stderr,
  );
  t.equal(code, 0);
});
