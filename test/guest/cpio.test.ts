import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { cpio } from '../../src/guest/cpio.js';

t.test('another program unpacks the archive', async (t) => {
  const folder = t.testdir();
  const odd = Buffer.from([0, 1, 2, 255, 10]);
  const archive = cpio([
    { path: 'bin' },
    { path: 'bin/run', content: Buffer.from('#!/bin/sh\n'), executable: true },
    { path: 'odd name', content: odd },
    { path: 'empty', content: Buffer.alloc(0) },
  ]);
  t.equal(archive.length % 4, 0, 'another one can be put behind it');
  const { status, stderr } = spawnSync('busybox', ['cpio', '-i'], { cwd: folder, input: archive });
  t.equal(status, 0, String(stderr));
  t.ok(statSync(join(folder, 'bin')).isDirectory());
  t.equal(statSync(join(folder, 'bin/run')).mode & 0o777, 0o755);
  t.equal(readFileSync(join(folder, 'bin/run'), 'utf8'), '#!/bin/sh\n');
  t.equal(statSync(join(folder, 'odd name')).mode & 0o777, 0o644);
  t.strictSame(readFileSync(join(folder, 'odd name')), odd);
  t.equal(statSync(join(folder, 'empty')).size, 0);
  t.notOk(existsSync(join(folder, 'TRAILER!!!')));
});
