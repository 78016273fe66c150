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
  const { code, report, scenario } = await run([`${FOLDER}/*.yaml`], without('nft'));
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

t.test('tools: one that is not there, and one that is too old', async (t) => {
  const { code, scenario } = await run([`${FOLDER}/tools`]);
  t.equal(code, 0);
  const lack = 'this machine lacks what the scenario needs: ';
  t.match(scenario('absent'), {
    status: 'skipped',
    reason: { text: `${lack}no-such-tool is not installed` },
    steps: [],
  });
  t.match(scenario('old'), { status: 'skipped', reason: { text: /: ip is \d[\d.]*, older than 999\.1$/ } });
  t.equal(scenario('new').status, 'passed');
});

t.test('root is what an ordinary user is not', async (t) => {
  const { scenario } = await run([`${FOLDER}/tools/root.yaml`], [AS_USER]);
  t.match(scenario('root'), { status: 'skipped', reason: { text: /: root \(this is an ordinary user\)$/ } });
});

t.test('and what root is', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const { scenario } = await run([`${FOLDER}/tools/root.yaml`]);
  t.equal(scenario('root').status, 'passed');
});

t.test('a machine with nft', async (t) => {
  const { code, report } = await run([`${FOLDER}/*.yaml`]);
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
