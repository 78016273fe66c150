import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { cachedReleases, kernelOf } from '../../src/guest/cache.js';
import { GuestError } from '../../src/guest/kernel.js';

const RELEASE = '9.9.1-amd64';

t.test('what is in the cache', async (t) => {
  t.test('nothing, where the folder is missing', async (t) => {
    t.strictSame(await cachedReleases(join(t.testdir(), 'none')), []);
  });

  t.test('only what was prepared to its end, by this version', async (t) => {
    const folder = t.testdir({
      [RELEASE]: { 'kernel.json': JSON.stringify({ version: 1, sums: {} }) },
      '9.9.2-amd64': { 'kernel.json': JSON.stringify({ version: 0, sums: {} }) },
      '9.9.3-amd64': { 'kernel.json': '{' },
      '.new-abc': {},
    });
    t.strictSame(await cachedReleases(folder), [RELEASE]);
  });
});

t.test('faults say what is wrong and what to do', async (t) => {
  const folder = t.testdir({ short: 'MZ', text: 'x'.repeat(70_000) });
  const cache = join(folder, 'cache');
  mkdirSync(join(cache, RELEASE, 'boot'), { recursive: true });
  writeFileSync(
    join(cache, RELEASE, 'kernel.json'),
    JSON.stringify({ version: 1, sums: { [`boot/vmlinuz-${RELEASE}`]: 'another' } }),
  );
  const image = join(cache, RELEASE, `boot/vmlinuz-${RELEASE}`);
  writeFileSync(image, 'changed');

  const complaints = async (name: string) => {
    try {
      await kernelOf(name, { folder: cache });
      return 'none';
    } catch (error) {
      if (!(error instanceof GuestError)) throw error;
      return error.message;
    }
  };
  t.equal(
    await complaints('9.9'),
    `the cache is damaged: ${image} has changed. Remove it, and it is fetched again: rm -r '${join(cache, RELEASE)}'.`,
  );
  rmSync(image);
  t.match(await complaints(RELEASE), `the cache is damaged: ${image} cannot be read.`);
  t.match(await complaints(join(folder, 'nowhere')), /^cannot read the kernel .*nowhere: ENOENT/);
  t.match(await complaints(folder), /^cannot read the kernel .*: EISDIR/);
  for (const name of ['short', 'text'])
    t.match(await complaints(join(folder, name)), /is no kernel image\. Name a bzImage/);
  t.match(
    await complaints('4.19'),
    /^(there is no kernel 4\.19 in Debian's archive\. It has 6\.|the kernel 4\.19 is not in .*, and apt knows none)/,
  );
});
