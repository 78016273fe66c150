import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFolder } from '../system/package-folder.js';
import type { Share } from './share.js';

/** A program that serves a folder. There are two of the name virtiofsd, with options of their own. */
interface Server {
  readonly path: string;
  /** Whether the guest keeps for good what it has read: `share.pl` seals what nobody is to write. */
  readonly options: (folder: string, isFixed: boolean) => readonly string[];
  readonly servesOrdinaryUsers: boolean;
}

const SERVERS: readonly Server[] = [
  {
    // In Rust: a package of its own, in Debian since 13.
    path: '/usr/libexec/virtiofsd',
    options: (folder, isFixed) => [
      ...['--shared-dir', folder, '--sandbox', 'chroot', '--cache', isFixed ? 'always' : 'auto'],
      // An overlay refuses a folder that is mounted when it is looked at.
      ...['--no-announce-submounts', '--rlimit-nofile', '0', '--log-level', 'error'],
    ],
    servesOrdinaryUsers: true,
  },
  {
    // QEMU's own until 7.2. It opens what an overlay reads as it is asked to, with O_NOATIME, which only a file's owner may.
    path: '/usr/lib/qemu/virtiofsd',
    options: (folder, isFixed) => [
      ...[
        '-o',
        `source=${folder.replaceAll(/[\\,]/g, '\\$&')},sandbox=chroot,cache=${isFixed ? 'always' : 'auto'},log_level=err`,
      ],
      '--rlimit-nofile=0',
    ],
    servesOrdinaryUsers: false,
  },
];

/** Descriptors at which `share.pl` gives qemu the connections, in the order of the folders. */
const FIRST_FD = 10;

/**
 * By virtiofs, which Debian's cloud kernels have in the place of 9p: a server for each folder, in a mount namespace in
 * which all but that is read-only.
 */
export const virtiofs: Share = {
  modules: ['virtiofs'],
  lack: () => {
    const found = server();
    if (found === null)
      return {
        complaint: 'virtiofsd is not installed',
        hint: 'It is the package virtiofsd; on Debian 12 and Ubuntu 22.04 qemu-system-common has it.',
      };
    if (found.servesOrdinaryUsers || process.geteuid?.() === 0) return null;
    return {
      complaint: `${found.path} serves nobody but root`,
      hint: 'Run this as root, install virtiofsd 1.0 or newer as /usr/libexec/virtiofsd, or take a kernel that has 9p.',
    };
  },
  root: '-t virtiofs root',
  output: (path) => `mount -t virtiofs output ${path}`,
  before: ({ output }) => [
    ...['/usr/bin/perl', join(packageFolder(), 'src/guest/share.pl'), tmpdir()],
    ...served('read', '/'),
    ...(output === null ? [] : served('write', output)),
    '--',
  ],
  options: ({ output, memoryMb }) => [
    // The servers read and write the guest's memory.
    ...['-object', `memory-backend-memfd,id=memory,size=${memoryMb}M,share=on`],
    ...['-machine', 'memory-backend=memory'],
    ...(output === null ? ['root'] : ['root', 'output']).flatMap((tag, index) => [
      ...['-chardev', `socket,id=${tag},fd=${FIRST_FD + index}`],
      ...['-device', `vhost-user-fs-pci,chardev=${tag},tag=${tag}`],
    ]),
  ],
};

function served(access: 'read' | 'write', folder: string): readonly string[] {
  const found = server();
  if (found === null) return [];
  // Other guests of a run write to what this one does.
  return [access, folder, found.path, ...found.options(folder, access === 'read'), '--'];
}

function server(): Server | null {
  return SERVERS.find(({ path }) => isExecutable(path)) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
