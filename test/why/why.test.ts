import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';

// The short form of scripts/why: three random labs, always the same ones, and the labs of a few causes.
const LABS = 3;
const SEED = 117;
const CAUSES = '^why/(reverse-path-filter|no-source-rule|neighbour-unresolved|udp-source)|^random/';

t.setTimeout(300_000);

const ROOT = join(import.meta.dirname, '../../..');

t.test('what is blamed for a flow that went astray, mended, gives it another verdict', async (t) => {
  const argv = [join(import.meta.dirname, 'main.js'), '--root', ROOT, '--grep', CAUSES];
  argv.push('--labs', String(LABS), '--seed', String(SEED));
  const { code, stdout } = await promisify(execFile)(process.execPath, argv).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }) => ({ code, stdout }),
  );
  t.comment(stdout);
  const [, flows, wrong, unchecked] =
    /(\d+) flows astray in \d+ scenarios and labs, (\d+) not explained, (\d+) not checked/.exec(stdout) ?? [];
  t.equal(wrong, '0', stdout);
  t.equal(unchecked, '0', stdout);
  t.ok(Number(flows) >= 20, `${flows} flows were astray`);
  t.equal(code, 0);
});
