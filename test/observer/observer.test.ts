import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';

// The short form of scripts/observe: ten labs, always the same ones, among them one that once showed a fault (+ 6).
const LABS = 10;
const SEED = 2_111_960_300;

t.setTimeout(300_000);

const ROOT = join(import.meta.dirname, '../../..');
const COMMAND = join(import.meta.dirname, '../../src/cli/main.js');

t.test('an outside observer sees what the report says', async (t) => {
  const main = join(import.meta.dirname, 'main.js');
  const argv = [main, '--root', ROOT, '--command', COMMAND, '--only', 'labs'];
  argv.push('--labs', String(LABS), '--seed', String(SEED));
  const { code, stdout } = await promisify(execFile)(process.execPath, argv).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }) => ({ code, stdout }),
  );
  t.comment(stdout);
  const [, flows, labs, disagreements] =
    /(\d+) flows in (\d+) labs compared, (\d+) disagreements, 0 scenarios not observed/.exec(stdout) ?? [];
  t.equal(disagreements, '0', stdout);
  t.equal(labs, String(LABS));
  t.ok(Number(flows) >= 6 * LABS, `${flows} flows were compared`);
  t.equal(code, 0);
});
