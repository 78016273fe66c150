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
      [RELEASE]: { 'kernel.json': JSON.stringify({ version: 2, sums: {} }) },
      '9.9.2-amd64': { 'kernel.json': JSON.stringify({ version: 1, sums: {} }) },
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
    JSON.stringify({ version: 2, sums: { [`boot/vmlinuz-${RELEASE}`]: 'another' } }),
  );
  const image = join(cache, RELEASE, `boot/vmlinuz-${RELEASE}`);
  writeFileSync(image, 'changed');

  const i386 = join(folder, 'i386');
  const header = Buffer.alloc(0x400);
  header.write('HdrS', 0x202);
  header.writeUInt16LE(0x100, 0x20e);
  header.write('6.12.1-686 (debian)', 0x300);
  writeFileSync(i386, header);

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
  const hint = 'Name a bzImage for 64-bit x86 processors, such as /boot/vmlinuz-6.12.';
  t.equal(await complaints(folder), `cannot read the kernel ${folder}: it is a folder. ${hint}`);
  t.equal(await complaints('/dev/null'), `cannot read the kernel /dev/null: it is no regular file. ${hint}`);
  writeFileSync(join(folder, 'closed'), 'MZ', { mode: 0 });
  if (process.geteuid?.() !== 0)
    t.match(await complaints(join(folder, 'closed')), /^cannot read the kernel .*closed: EACCES/);
  // An image for arm64 begins so; Documentation/arch/arm64/booting.rst.
  writeFileSync(join(folder, 'arm64'), `MZ${'\0'.repeat(54)}ARM\x64${'\0'.repeat(4096)}`);
  for (const name of ['short', 'text', 'arm64'])
    t.equal(await complaints(join(folder, name)), `${join(folder, name)} is no kernel image. ${hint}`);
  t.equal(await complaints(i386), `${i386} is a kernel for 32-bit processors. ${hint}`);
  t.match(
    await complaints('4.19'),
    /^(there is no kernel 4\.19 in Debian's archive\. It has 6\.|the kernel 4\.19 is not in .*, and apt knows none)/,
  );
});
