import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { isStock, newest, newestOf, unpackRelease } from '../../src/guest/debian-kernels.js';

const RELEASES = [
  '6.1.0-9-amd64',
  '6.1.0-50-amd64',
  '6.1.0-50-cloud-amd64',
  '6.1.0-50-rt-amd64',
  '6.12.9+deb12-amd64',
  '6.12.100+deb12-amd64',
  '6.12.100+deb12-cloud-amd64',
  '6.12.43+deb13-amd64',
];

t.test('which release a name stands for', async (t) => {
  const table: readonly (readonly [name: string, release: string | null])[] = [
    ['6.1', '6.1.0-50-amd64'],
    ['6.1.0', '6.1.0-50-amd64'],
    ['6.1-cloud', '6.1.0-50-cloud-amd64'],
    ['6.1-rt', '6.1.0-50-rt-amd64'],
    ['6.12', '6.12.100+deb12-amd64'],
    ['6.12.9', '6.12.9+deb12-amd64'],
    ['6.12-cloud', '6.12.100+deb12-cloud-amd64'],
    ['6', '6.12.100+deb12-amd64'],
    ['6.1.0-9-amd64', '6.1.0-9-amd64'],
    ['6.12-rt', null],
    ['6.2', null],
    ['6.', null],
    ['', null],
    ['latest', null],
    ['-amd64', null],
  ];
  for (const [name, release] of table) t.equal(newestOf(name, RELEASES), release, `"${name}"`);
});

t.test('modules are found in packages up to Debian 12, and in those since', async (t) => {
  const release = '9.9.1-amd64';
  for (const lib of ['lib', 'usr/lib']) {
    const control = `Package: linux-image-${release}\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: none\n`;
    const folder = t.testdir({ content: { DEBIAN: { control } }, unpacked: {} });
    const [content, file] = [join(folder, 'content'), join(folder, 'linux-image.deb')];
    execFileSync('mkdir', ['-p', join(content, lib, 'modules', release)]);
    execFileSync('dpkg-deb', ['--build', '--root-owner-group', content, file]);
    await unpackRelease(release, file, join(folder, 'unpacked'));
    t.ok(existsSync(join(folder, 'unpacked/lib/modules', release, 'modules.dep.bin')), lib);
  }
});

t.test('the newest, and the newest stock one', async (t) => {
  t.equal(newest(['6.1.0-50-amd64', '6.12.100+deb12-cloud-amd64']), '6.12.100+deb12-cloud-amd64');
  t.equal(newest(RELEASES.filter(isStock)), '6.12.100+deb12-amd64');
  t.strictSame(['6.1.0-50-rt-amd64', '6.1.0-50-cloud-amd64', 'x', ''].filter(isStock), []);
  t.equal(newest([]), null);
});
