import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { findTool } from '../system/path.js';
import { cpio } from './cpio.js';
import { GuestError } from './kernel.js';
import { filtered, runProgram } from './program.js';

/** What the machine's file system reaches a guest by, and what is laid over it. */
const MODULES = ['virtio_pci', 'virtio_console', '9p', '9pnet_virtio', 'overlay'];

/** What a guest shows as soon as a program of ours runs in it. */
export const FIRST_WORDS = 'replypath: the kernel is up';

/**
 * Mounts the machine's file system, which the guest may only read, lays a throw-away one over it, and goes on with
 * the file `start` of the archive that is put behind this one.
 */
const INIT = `#!/bin/busybox sh
b=/bin/busybox
$b mount -t devtmpfs dev /dev
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
echo ${FIRST_WORDS}
for module in /modules/*; do $b insmod "$module" || echo "replypath: $module was not loaded"; done
$b mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=524288,cache=loose root /lower &&
  $b mount -t tmpfs -o mode=755 upper /upper &&
  $b mkdir /upper/files /upper/work &&
  $b mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work overlay /new || {
  echo replypath: the file system of the machine was not mounted
  $b poweroff -f
}
$b mount -t tmpfs -o mode=755 run /new/run
$b cp /start /new/run/start
for each in dev proc sys; do $b mount --move /$each /new/$each; done
exec $b switch_root /new /bin/sh /run/start
`;

/**
 * The archive that a kernel starts from.
 *
 * @param root the folder above lib/modules
 * @throws GuestError where a module or a tool is missing
 */
export async function initrdFor(root: string, release: string): Promise<Buffer> {
  const files = await moduleFiles(root, release);
  const modules = await Promise.all(
    files.map(async (file, index) => ({
      path: `modules/${String(index).padStart(2, '0')}-${basename(file).replace(/\.ko\..*$/, '.ko')}`,
      content: await unpacked(file),
    })),
  );
  const folders = ['bin', 'dev', 'proc', 'sys', 'lower', 'upper', 'new', 'modules'];
  return cpio([
    ...folders.map((path) => ({ path })),
    { path: 'bin/busybox', content: await busybox(), executable: true },
    { path: 'init', content: Buffer.from(INIT), executable: true },
    ...modules,
  ]);
}

/** It is all that there is before the machine's file system, so that it must need no library. */
async function busybox(): Promise<Buffer> {
  const path = findTool('busybox') ?? '/bin/busybox';
  const content = await readFile(path);
  if (isStatic(content)) return content;
  throw new GuestError(
    `no virtual machine can be made: ${path} needs libraries`,
    'On Debian and Ubuntu: sudo apt-get install busybox-static',
  );
}

/** The type of a program header that names the program which loads libraries; elf(5). */
const PT_INTERP = 3;

/** Whether a program for 64-bit processors is loaded by the kernel alone; elf(5), Elf64_Ehdr and Elf64_Phdr. */
function isStatic(program: Buffer): boolean {
  const [begin, size, count] = [
    Number(program.readBigUInt64LE(0x20)),
    program.readUInt16LE(0x36),
    program.readUInt16LE(0x38),
  ];
  const types = Array.from({ length: count }, (_, index) => program.readUInt32LE(begin + index * size));
  return !types.includes(PT_INTERP);
}

/** In the order in which they have to be loaded; modprobe(8) knows it from modules.dep. */
async function moduleFiles(root: string, release: string): Promise<readonly string[]> {
  const files = new Set<string>();
  for (const module of MODULES) {
    const options = ['--dirname', root, '--set-version', release, '--show-depends', module];
    const { exit, stdout, complaint } = await runProgram('modprobe', options);
    if (exit !== 0) {
      throw new GuestError(
        `the kernel ${release} has no module ${module}: ${complaint.trim()}`,
        "A guest reads the files of this machine by 9p. Take a kernel that has it, such as Debian's without cloud in their names.",
      );
    }
    for (const [, file = ''] of stdout.matchAll(/^insmod (\S+)/gm)) files.add(file);
  }
  return [...files];
}

async function unpacked(file: string): Promise<Uint8Array> {
  const packed = await readFile(file);
  const program = { '.xz': 'xz', '.zst': 'zstd' }[extname(file)];
  if (program === undefined) return extname(file) === '.gz' ? gunzipSync(packed) : packed;
  return filtered(program, ['-dc'], packed);
}
