import fc from 'fast-check';
import t from 'tap';
import { check, readSeeds } from './fuzz/check.js';
import { mutated } from './fuzz/mutate.js';

/** Some five seconds of processor time; `scripts/fuzz` is the long form. */
const RUNS = 100;

// A machine that is busy with other tests takes its time.
t.setTimeout(120_000);

t.test('mutated files are taken or refused in order', async (t) => {
  const root = process.cwd();
  const folder = t.testdir({});
  let invalid = 0;
  const property = fc.asyncProperty(mutated(await readSeeds(root)), async ({ seed, content }) => {
    const { complaints, codes } = await check(root, folder, seed, content);
    if (codes.length > 0) invalid++;
    if (complaints.length > 0) throw new Error([seed.name, ...complaints].join('\n'));
  });
  await fc.assert(property, { numRuns: RUNS, seed: 20_261_121 });
  t.ok(invalid > RUNS / 4, 'and they were no longer what they had been');
});
