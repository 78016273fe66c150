import t from 'tap';
import { AS_USER, run } from './command.js';

const FOLDER = 'test/netns/missing';

/** In a mount namespace of its own, a machine without a program. */
function without(program: string): string[] {
  const user = process.getuid?.() === 0 ? ['--propagation', 'private'] : ['--user', '--map-root-user'];
  const script = `PATH=$PATH:/usr/sbin:/sbin; mount --bind /dev/null "$(command -v ${program})" && exec "$@"`;
  return ['unshare', '--mount', ...user, 'sh', '-c', script, 'sh'];
}

t.test('a machine without nft: what needs it is skipped and says so, the rest runs', async (t) => {
  const { code, report, scenario } = await run([FOLDER], without('nft'));
  t.equal(code, 0);
  t.match(report.summary, { passed: 2, skipped: 2, errored: 0, failed: 0 });
  for (const name of ['typed', 'said']) {
    t.match(scenario(name), {
      status: 'skipped',
      reason: { code: 'feature-missing', text: /nftables \(nft is not installed\)$/ },
      steps: [],
    });
  }
  t.equal(scenario('mangled').status, 'passed', 'iptables is there, and was tried');
});

t.test('a machine with nft', async (t) => {
  const { code, report } = await run([FOLDER]);
  t.equal(code, 0);
  t.match(report.summary, { passed: 4, skipped: 0 });
});

t.test('an ordinary user with one id', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const { report } = await run(
    [`${FOLDER}/plain.yaml`, `${FOLDER}/typed.yaml`],
    [...without('newuidmap'), AS_USER],
  );
  t.match(report.summary, { passed: 2 }, 'what a node starts has its capabilities');
});
