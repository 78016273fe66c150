import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { kernelOf } from '../../src/guest/cache.js';
import { bootGuest } from '../../src/guest/guest.js';
import { GuestError } from '../../src/guest/kernel.js';
import { packageFolder } from '../../src/system/package-folder.js';
import { MAIN, plainEnvironment } from '../cli/replypath.js';

const NAME = '6.12';
const PROJECT = join(packageFolder(), 'test/guest/project');
const BUSY_MS = 120_000;

interface Circumstances {
  /** What is done in a mount namespace of the command's own first; $1 is its cache. */
  readonly before?: string;
  readonly network?: boolean;
}

/** The command, with a cache of its own, where something is wrong. */
function runWhere(cache: string, { before = 'true', network = true }: Circumstances) {
  const script = `cache=$1; shift; ${before} && exec "$@"`;
  const args = ['run', '--kernel', NAME, '--output', join(cache, 'out'), '--reporter', 'json'];
  const command = [process.execPath, MAIN, ...args, 'scenarios/dummy.yaml'];
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['--mount', ...(network ? [] : ['--net']), 'sh', '-c', script, 'sh', cache, ...command],
    {
      ...{ cwd: PROJECT, encoding: 'utf8', timeout: BUSY_MS },
      env: { ...plainEnvironment(), XDG_CACHE_HOME: cache },
    },
  );
  return { status, stdout, stderr };
}

const asRoot = process.geteuid?.() !== 0 && 'only root can mount here';
const without = (folders: string) =>
  folders
    .split(' ')
    .map((folder) => `mount -t tmpfs none ${folder}`)
    .join(' && ');

/** A program of the machine that does something else. */
const instead = (program: string, script: string) =>
  `printf '#!/bin/sh\\n%s\\n' '${script}' >"$cache/${program}" && chmod 755 "$cache/${program}" && mount --bind "$cache/${program}" "$(command -v ${program})"`;

t.test('a kernel that cannot be fetched', { skip: asRoot, timeout: 4 * BUSY_MS }, async (t) => {
  const table: readonly (readonly [what: string, circumstances: Circumstances, stderr: RegExp])[] = [
    [
      'apt knows no packages',
      { before: without('/var/lib/apt/lists /var/cache/apt') },
      /^replypath: the kernel 6\.12 is not in \S+, and apt knows none\. Run apt-get update where this is Debian or Ubuntu; elsewhere give the path of an image that has its modules\.\n$/,
    ],
    [
      'apt-get is killed',
      { before: instead('apt-get', 'echo begun >linux-image.deb; kill -9 $$') },
      /^replypath: fetching .*\nreplypath: the package linux-image-6\.12\S+ was not fetched: apt-get was ended by SIGKILL\. Is there a network, and space on the disk\?\n$/,
    ],
    [
      'half a package',
      { before: instead('apt-get', 'echo begun >linux-image.deb') },
      /^replypath: fetching .*\nreplypath: the package of 6\.12\S+ was not unpacked: dpkg-deb: error: .*\. Is there a network, and space on the disk\?\n$/,
    ],
    [
      'a full disk',
      { before: 'mount -t tmpfs -o size=4m none "$cache"' },
      /^replypath: fetching .*\nreplypath: the package linux-image-6\.12\S+ was not fetched: E: .*(No space left on device|enough free space).*\. Is there a network, and space on the disk\?\n$/,
    ],
    [
      'no network',
      { network: false },
      /^replypath: fetching .*\nreplypath: the package linux-image-6\.12\S+ was not fetched: E: .*(resolving|connect).*\. Is there a network, and space on the disk\?\n$/,
    ],
    [
      'a cache that cannot be written',
      { before: 'mount -t tmpfs -o ro none "$cache"' },
      /^replypath: fetching .*\nreplypath: the kernel 6\.12\S+ was not prepared: (EROFS|ENOENT): .*mkdir .*\. XDG_CACHE_HOME names another folder for it\.\n$/,
    ],
  ];
  for (const [what, circumstances, stderr] of table) {
    const cache = t.testdir();
    t.match(runWhere(cache, circumstances), { status: 4, stdout: '', stderr }, what);
    const kernels = join(cache, 'replypath/kernels');
    t.strictSame(
      readdirSync(cache).includes('replypath') ? readdirSync(kernels) : [],
      [],
      `${what}: nothing is left`,
    );
  }
});

t.test('a user without a home', { skip: asRoot }, async (t) => {
  const nobody = ['setpriv', '--reuid', '54321', '--regid', '54321', '--clear-groups'];
  const program = `const { cacheFolder } = await import(${JSON.stringify(new URL('../../src/guest/cache-folder.js', import.meta.url).href)});
    try { console.log(cacheFolder()) } catch (error) { console.log(error.message) }`;
  const { stdout } = spawnSync(
    'env',
    ['-i', ...nobody, process.execPath, '--input-type=module', '-e', program],
    {
      encoding: 'utf8',
    },
  );
  t.equal(
    stdout,
    'there is no folder for kernels: this user has no home. Set XDG_CACHE_HOME to the absolute path of a folder.\n',
  );
});

t.test('where a guest cannot be started', { timeout: BUSY_MS }, async (t) => {
  const kernel = await kernelOf(NAME);
  const folder = t.testdir({});
  const boot = () =>
    bootGuest(
      {
        ...{ kernel, command: ['true'], cwd: '/', environment: {}, output: null },
        ...{ acceleration: 'tcg', console: null, onMessage: () => {} },
      },
      new AbortController().signal,
    );
  const before = process.env.TMPDIR;
  t.teardown(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });
  process.env.TMPDIR = join(folder, 'none');
  const hint = 'TMPDIR names another folder for what it starts from, some 4 MB for an instant.';
  t.match(await refusal(boot()), {
    complaint: /^no virtual machine can be started from \S+none: ENOENT: /,
    hint,
  });
  mkdirSync(join(folder, 'closed'));
  chmodSync(join(folder, 'closed'), 0o500);
  process.env.TMPDIR = join(folder, 'closed');
  if (process.geteuid?.() !== 0) t.match(await refusal(boot()), { complaint: /: EACCES: /, hint });
});

t.test('a cache that was damaged', { timeout: BUSY_MS }, async (t) => {
  const { image, release } = await kernelOf(NAME);
  const folder = t.testdir({});
  const copy = join(folder, release);
  execFileSync('cp', ['--archive', dirname(image), copy]);
  t.match(await kernelOf(NAME, { folder }), { release, image: join(copy, 'vmlinux') }, 'a copy is as good');
  const hint = `Remove it, and it is fetched again: rm -r '${copy}'.`;
  const modules = `lib/modules/${release}`;
  const table: readonly (readonly [file: string, damage: (file: string) => void, what: string])[] = [
    ['vmlinux', (file) => truncateSync(file, 1_000_000), `${copy}/vmlinux has changed`],
    ['initrd', (file) => appendFileSync(file, 'x'), `${copy}/initrd has changed`],
    ['initrd', rmSync, `${copy}/initrd cannot be read`],
    [
      `${modules}/modules.dep.bin`,
      (file) => writeFileSync(file, ''),
      `${copy}/${modules}/modules.dep.bin has changed`,
    ],
    [
      `${modules}/kernel/net/8021q/8021q.ko.xz`,
      (file) => truncateSync(file, 1_000),
      `a module in ${copy}/${modules} is missing or has another size`,
    ],
    [
      `${modules}/kernel/drivers/net/vrf.ko.xz`,
      rmSync,
      `a module in ${copy}/${modules} is missing or has another size`,
    ],
  ];
  for (const [file, damage, what] of table) {
    copyFileSync(join(copy, file), join(folder, 'kept'));
    damage(join(copy, file));
    t.match(
      await refusal(kernelOf(NAME, { folder })),
      { complaint: `the cache is damaged: ${what}`, hint },
      what,
    );
    copyFileSync(join(folder, 'kept'), join(copy, file));
  }
});

t.test('an image whose modules are not all there', { timeout: BUSY_MS }, async (t) => {
  const { modules, release } = await kernelOf(NAME);
  const root = t.testdir({ boot: {} });
  const image = join(root, 'boot/vmlinuz');
  copyFileSync(join(modules, '../../../boot', `vmlinuz-${release}`), image);
  const complaint = async () => (await refusal(kernelOf(image))).message;
  t.equal(
    await complaint(),
    `the modules of ${image}, which is ${release}, are neither in ${root}/lib/modules nor in /lib/modules. Put them there, as make modules_install of the kernel does.`,
  );
  mkdirSync(join(root, 'lib'));
  execFileSync('cp', ['--archive', join(modules, '..'), join(root, 'lib')]);
  t.match(await kernelOf(image), { release, share: '9p', image });

  const own = join(root, 'lib/modules', release);
  truncateSync(join(own, 'kernel/fs/9p/9p.ko.xz'), 1_000);
  t.match(await complaint(), /^the module \S+\/9p\.ko\.xz is damaged, or xz is not installed: .*xz/);
  rmSync(join(own, 'kernel/fs/overlayfs'), { recursive: true });
  execFileSync('depmod', ['-b', root, release], { stdio: 'ignore', env: { PATH: '/usr/sbin:/sbin' } });
  t.equal(
    await complaint(),
    `the kernel ${release} cannot read this machine's files: it has no module overlay (modprobe: FATAL: Module overlay not found in directory ${own}). A guest does that by 9p or by virtiofs, and lays overlay over them.`,
  );
});

async function refusal(attempt: Promise<unknown>): Promise<GuestError> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof GuestError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
