import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { findTool } from '../system/path.js';
import { cpio } from './cpio.js';
import { GuestError } from './kernel.js';
import { filtered, runProgram } from './program.js';
import { SHARE_NAMES, type Share, type ShareName, share } from './share.js';

/** For the guest's port, and for what is laid over the machine's file system. */
const MODULES = ['virtio_pci', 'virtio_console', 'overlay'];

/** What a guest shows as soon as a program of ours runs in it. */
export const FIRST_WORDS = 'replypath: the kernel is up';

/**
 * Mounts the machine's file system, which the guest may only read, lays a throw-away one over it, and goes on with
 * the file `start` of the archive that is put behind this one.
 */
const init = (files: Share) => `#!/bin/busybox sh
b=/bin/busybox
$b mount -t devtmpfs dev /dev
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
echo ${FIRST_WORDS}
for module in /modules/*; do $b insmod "$module" || echo "replypath: $module was not loaded"; done
$b mount ${files.root} /lower &&
  $b mount -t tmpfs -o mode=755 upper /upper &&
  $b mkdir /upper/files /upper/work &&
  $b mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work overlay /new || {
  echo replypath: the file system of the machine was not mounted
  $b poweroff -f
}
$b mount -t tmpfs -o mode=755 run /new/run
$b cp /start /bin/busybox /new/run
for each in dev proc sys; do $b mount --move /$each /new/$each; done
exec $b switch_root /new /run/busybox sh /run/start
`;

/** What a kernel starts from, and what it took to make it. */
export interface Beginning {
  readonly share: ShareName;
  readonly initrd: Buffer;
}

/**
 * The archive that a kernel starts from.
 *
 * @param root the folder above lib/modules
 * @throws GuestError where a module or a tool is missing
 */
export async function beginningFor(root: string, release: string): Promise<Beginning> {
  const lacks: string[] = [];
  for (const name of SHARE_NAMES) {
    const files = share(name);
    const modules = await moduleFiles(root, release, [...MODULES, ...files.modules]);
    if (modules.lack === null) return { share: name, initrd: await archive(files, modules.files) };
    lacks.push(modules.lack);
  }
  throw new GuestError(
    `the kernel ${release} cannot read this machine's files: ${[...new Set(lacks)].join('; ')}`,
    'A guest does that by 9p or by virtiofs, and lays overlay over them.',
  );
}

async function archive(files: Share, moduleFiles: readonly string[]): Promise<Buffer> {
  const modules = await Promise.all(
    moduleFiles.map(async (file, index) => ({
      path: `modules/${String(index).padStart(2, '0')}-${basename(file).replace(/\.ko\..*$/, '.ko')}`,
      content: await unpacked(file),
    })),
  );
  const folders = ['bin', 'dev', 'proc', 'sys', 'lower', 'upper', 'new', 'modules'];
  return cpio([
    ...folders.map((path) => ({ path })),
    { path: 'bin/busybox', content: await busybox(), executable: true },
    { path: 'init', content: Buffer.from(init(files)), executable: true },
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
async function moduleFiles(
  root: string,
  release: string,
  modules: readonly string[],
): Promise<{ readonly files: readonly string[]; readonly lack: string | null }> {
  const files = new Set<string>();
  for (const module of modules) {
    const options = ['--dirname', root, '--set-version', release, '--show-depends', module];
    const { exit, stdout, complaint } = await runProgram('modprobe', options);
    if (exit !== 0) return { files: [], lack: `it has no module ${module} (${complaint.trim()})` };
    for (const [, file = ''] of stdout.matchAll(/^insmod (\S+)/gm)) files.add(file);
  }
  return { files: [...files], lack: null };
}

async function unpacked(file: string): Promise<Uint8Array> {
  const packed = await readFile(file).catch((error: Error) => {
    throw new GuestError(`a module cannot be read: ${error.message}`);
  });
  const program = { '.xz': 'xz', '.zst': 'zstd' }[extname(file)];
  if (program === undefined) return extname(file) === '.gz' ? gunzipSync(packed) : packed;
  return filtered(program, ['-dc'], packed).catch((error: { readonly shortMessage?: string }) => {
    throw new GuestError(
      `the module ${file} is damaged, or ${program} is not installed: ${error.shortMessage}`,
    );
  });
}
