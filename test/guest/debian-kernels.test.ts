import t from 'tap';
import { newestOf } from '../../src/guest/debian-kernels.js';

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
