import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { kernelOf } from '../../src/guest/cache.js';
import { bootGuest } from '../../src/guest/guest.js';
import { GuestError, type Kernel } from '../../src/guest/kernel.js';
import { frame } from '../../src/guest/messages.js';
import type { RunReport } from '../../src/model/result.js';
import { packageFolder } from '../../src/system/package-folder.js';
import { MAIN, plainEnvironment, replypathIn } from '../cli/replypath.js';

/** The newest stock kernel of the archive, which every guest here boots. */
const NAME = '6.12';
const PROJECT = join(packageFolder(), 'test/guest/project');

t.test('a suite runs on another kernel as it would here', { timeout: 300_000 }, async (t) => {
  const output = t.testdir();
  const run = replypathIn(PROJECT)(
    ...['run', '--kernel', NAME, '--workers', '1', '--output', output, '--reporter', 'json'],
  );
  t.match(run, { code: 0, stderr: /^(replypath: fetching .*\n)?$/ }, run.stderr);
  const report: RunReport = JSON.parse(run.stdout);
  t.match(report.environment.kernel, /^6\.12\./);
  t.not(report.environment.kernel, release());
  t.strictSame(
    report.scenarios.map(({ name, status }) => [name, status]),
    [
      ['dummy', 'passed'],
      ['kernel', 'passed'],
      ['netem', 'passed'],
    ],
    run.stdout,
  );
  for (const { artifacts } of report.scenarios) t.ok(existsSync(join(artifacts ?? '', 'capture.pcapng')));
  t.strictSame(readdirSync(join(output, 'guests')), ['1.console'], 'one guest for all');
  t.strictSame(JSON.parse(readFileSync(join(output, 'run.json'), 'utf8')), report);
});

t.test('Ctrl-C ends it in order', { timeout: 120_000 }, async (t) => {
  const output = t.testdir();
  const args = [MAIN, 'run', '--kernel', NAME, '--output', output, '--reporter', 'json'];
  const child = spawn(process.execPath, args, { cwd: PROJECT, env: plainEnvironment() });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  await until(() => existsSync(join(output, 'guests/1.console')));
  const begin = performance.now();
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  t.equal(code, 130);
  t.ok(performance.now() - begin < 5_000);
  const report: RunReport = JSON.parse(stdout);
  t.ok(report.scenarios.length > 0);
  for (const { reason } of report.scenarios) t.equal(reason?.code, 'interrupted');
});

t.test('killed, it leaves no guest', { timeout: 120_000 }, async (t) => {
  const output = t.testdir();
  const args = [MAIN, 'run', '--kernel', NAME, '--output', output, '--quiet'];
  const child = spawn(process.execPath, args, { cwd: PROJECT, env: plainEnvironment(), stdio: 'ignore' });
  const guests = () =>
    readdirSync('/proc').filter((pid) => {
      const commandLine = /^\d+$/.test(pid) ? contentOf(`/proc/${pid}/cmdline`) : '';
      return commandLine.startsWith('qemu') && commandLine.includes(output);
    });
  await until(() => guests().length > 0);
  child.kill('SIGKILL');
  await once(child, 'close');
  await until(() => guests().length === 0);
  t.notMatch(readdirSync(tmpdir()).join('\n'), /^replypath-[0-9a-f]{16}$/m, 'nor what it started from');
});

t.test(
  'what a run meets outside of guests',
  { skip: process.geteuid?.() !== 0 && 'only root can mount here', timeout: 120_000 },
  async (t) => {
    /** The command where something else is mounted, in a mount namespace of its own. */
    const where = (mount: string, output: string) => {
      const script = `${mount} && exec "$@"`;
      const command = [
        process.execPath,
        MAIN,
        'run',
        'scenarios/dummy.yaml',
        '--kernel',
        NAME,
        '--output',
        output,
      ];
      const { status, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', ...command], {
        cwd: PROJECT,
        env: plainEnvironment(),
        encoding: 'utf8',
      });
      return { status, stderr };
    };
    t.match(
      where('mount --bind /dev/null /usr/bin/qemu-system-x86_64', t.testdir()),
      {
        status: 4,
        stderr:
          /^replypath: no virtual machine can be made: qemu-system-x86_64 is not installed\. On Debian and Ubuntu: sudo apt-get install --no-install-recommends qemu-system-x86\n$/,
      },
      'no qemu',
    );
    const full = t.testdir();
    const disk = where(`mount -t tmpfs -o size=16k tmpfs '${full}'`, full);
    t.match(disk, { status: 2, stderr: /^replypath: cannot write the results: .*ENOSPC/ }, 'a full disk');
  },
);

t.test('guests that end badly say how', async (t) => {
  const kernel = await kernelOf(NAME);
  const boot = (
    command: readonly string[],
    { of = kernel, silenceMs = 60_000 }: { of?: Kernel; silenceMs?: number } = {},
  ) =>
    bootGuest(
      {
        ...{ kernel: of, command, cwd: '/', environment: {}, output: null },
        ...{ acceleration: 'tcg', console: join(t.testdir({}), 'console'), silenceMs },
        onMessage: () => {},
      },
      new AbortController().signal,
    );
  const complaintOf = (guest: Promise<unknown>) =>
    guest.then(
      () => 'none',
      (error: unknown) => {
        if (!(error instanceof GuestError)) throw error;
        return error.message;
      },
    );
  t.match(
    await complaintOf(boot(['/bin/sh', '-c', 'echo c >/proc/sysrq-trigger'])),
    /^the virtual machine with 6\.12\S+ ended by itself: .*Kernel panic.*\. Its console is in .*console\.$/,
    'a panic',
  );
  t.match(
    await complaintOf(boot(['/bin/sh', '-c', 'exit 7'])),
    /ended by itself: .*replypath: the program in the guest ended with 7/,
    'a program that does not answer',
  );
  const ready = frame({ type: 'ready' }).toString('base64');
  const hangs = `echo ${ready} | base64 -d | tee /dev/vport*p1; exec sleep 1000`;
  const guest = await boot(['/bin/sh', '-c', hangs], { silenceMs: 1_000 });
  t.match((await guest.ended).message, /gave no sign of life within 1 s: .*the kernel is up/, 'it hangs');
  await guest.close();
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((done) => setTimeout(done, 20));
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
