import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { cachedReleases, kernelOf } from '../../src/guest/cache.js';
import { cacheFolder } from '../../src/guest/cache-folder.js';
import { FEATURES } from '../../src/model/feature.js';
import type { MachineReport } from '../../src/model/machine.js';
import type { RunReport } from '../../src/model/result.js';
import { packageFolder } from '../../src/system/package-folder.js';
import { replypathIn } from '../cli/replypath.js';

const DUMMY = join(packageFolder(), 'test/guest/project/scenarios/dummy.yaml');
const PLAIN = `title: Nothing but ping
topology: dual-isp
family: 4
steps:
  - flows:
      - { from: client, to: "server:eth0", probe: ping, expect: symmetric }
`;

t.test('what this machine lacks runs in a guest, the rest here', { timeout: 300_000 }, async (t) => {
  const { release: cached } = await kernelOf('6.12');
  const cwd = t.testdir({ 'plain.yaml': PLAIN });
  // A cache of its own with that kernel, of which nothing is remembered.
  const own = join(cwd, 'cache/replypath/kernels', cached);
  mkdirSync(own, { recursive: true });
  for (const name of ['boot', 'lib', 'vmlinux', 'initrd', 'kernel.json'])
    symlinkSync(join(cacheFolder(), cached, name), join(own, name));
  const replypath = replypathIn(cwd, { XDG_CACHE_HOME: join(cwd, 'cache') });

  const doctor = replypath('doctor', '--json', 'plain.yaml', DUMMY);
  t.match(
    doctor.stderr,
    `replypath: booting a virtual machine with ${cached}, once, to see what it can do\n`,
  );
  const found: MachineReport = JSON.parse(doctor.stdout);
  const dummy = { feature: 'dummy' };
  const hasDummy = found.checks.some(({ name, status }) => name === 'dummy' && status === 'ok');
  t.match(found.suite, { scenarios: 2, runnable: hasDummy ? 2 : 1, lacking: hasDummy ? [] : [dummy] });
  const [kernel, another] = found.kernels;
  t.equal(another, undefined);
  t.match(kernel, { release: cached, complaint: null, runnable: 2, lacking: [] });
  for (const feature of ['vlan', 'vrf', 'wireguard', 'dummy', 'netem'])
    t.match(
      kernel?.features.find(({ name }) => name === feature),
      { complaint: null },
      feature,
    );
  for (const feature of Object.keys(FEATURES))
    t.ok(
      kernel?.features.some(({ name }) => name === feature),
      `${feature} is tried`,
    );

  const begin = performance.now();
  const again = replypath('doctor', '--json', 'plain.yaml', DUMMY);
  t.equal(again.stderr, '', 'nothing is booted again');
  t.ok(performance.now() - begin < 20_000);
  t.strictSame(JSON.parse(again.stdout).kernels, found.kernels);

  const run = replypath('run', '--kernel', 'auto', '--reporter', 'json', 'plain.yaml', DUMMY);
  t.equal(run.code, 0, run.stdout);
  t.equal(run.stderr, '');
  const report: RunReport = JSON.parse(run.stdout);
  t.strictSame(
    report.scenarios.map(({ name, status }) => [name.split('/').at(-1), status]),
    [
      ['plain', 'passed'],
      ['dummy', 'passed'],
    ],
  );
  t.equal(report.environment.kernel, release(), 'the environment is that of this machine');
  const guests = join(cwd, 'replypath-results/guests');
  t.equal(existsSync(guests), !hasDummy);

  rmSync(guests, { recursive: true, force: true });
  const here = replypath('run', '--kernel', 'auto', '--reporter', 'json', 'plain.yaml');
  t.equal(here.code, 0);
  t.notOk(existsSync(guests), 'where everything runs here, nothing boots');
  t.ok((await cachedReleases()).includes(cached), 'the cache of the user stays as it is');
});
