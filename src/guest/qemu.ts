import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { FIXED_PATH, findTool } from '../system/path.js';
import { GuestError, type Kernel } from './kernel.js';
import { share } from './share.js';

/** What a guest takes of this machine's memory, beside some 50 MB of qemu's own. */
const MEMORY_MB = 640;

const QEMU = 'qemu-system-x86_64';

/** Programs without which no guest can be made, with Debian's packages. */
const PROGRAMS = {
  [QEMU]: 'qemu-system-x86',
  busybox: 'busybox-static',
  modprobe: 'kmod',
  setpriv: 'util-linux',
  xz: 'xz-utils',
} as const;

export type Acceleration = 'kvm' | 'tcg';

/** What is missing for guests, and the command that installs it on Debian and Ubuntu; null where nothing is. */
export function missingPrograms(): { readonly complaint: string; readonly remedy: string } | null {
  const missing = Object.entries(PROGRAMS).filter(([program]) => findTool(program) === null);
  if (missing.length === 0) return null;
  const [programs, packages] = [0, 1].map((part) => missing.map((each) => each[part] ?? ''));
  return {
    complaint: `${programs?.join(', ')} is not installed`,
    remedy: `sudo apt-get install --no-install-recommends ${packages?.join(' ')}`,
  };
}

/** @throws GuestError that names what is missing */
export function requirePrograms(): void {
  const missing = missingPrograms();
  if (missing === null) return;
  const { complaint, remedy } = missing;
  throw new GuestError(`no virtual machine can be made: ${complaint}`, `On Debian and Ubuntu: ${remedy}`);
}

/** Descriptors that qemu is started with: the guest's port, and the archive that it starts from. */
const PORT_FD = 3;
const INITRD_FD = 4;

export interface Hardware {
  readonly kernel: Kernel;
  readonly acceleration: Acceleration;
  /** The one folder that it may write; null for none. */
  readonly output: string | null;
}

/** A virtual machine's process, and the two ways to it. */
export interface Qemu {
  readonly console: Readable[];
  /** The other end of the guest's port. */
  readonly port: Socket;
  /** Resolves when it is no more. */
  readonly ended: Promise<void>;
  kill(): void;
}

/**
 * Switches a virtual machine on. It ends with this process; prctl(2), PR_SET_PDEATHSIG.
 *
 * @param start put behind the archive that the kernel starts from
 * @throws GuestError where the machine refuses a file for that
 */
export async function startQemu(hardware: Hardware, start: Uint8Array): Promise<Qemu> {
  const initrd = await namelessFile(Buffer.concat([hardware.kernel.initrd, start]));
  const [program, args] = qemuCommand(hardware);
  // execa takes no descriptor of a file. In a group of its own it does not hear of Ctrl-C, which is for us.
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', initrd.fd],
    detached: true,
    env: { PATH: FIXED_PATH },
  });
  const ended = once(child, 'close').then(() => {});
  await initrd.close();
  const console = [child.stdout, child.stderr].filter((stream) => stream !== null);
  // Node makes every pipe a socket pair, open in both directions.
  const port = child.stdio[PORT_FD] as unknown as Socket;
  port.on('error', () => {});
  return { console, port, ended, kill: () => void child.kill('SIGKILL') };
}

/** Only who has it open can read it: it is gone when that is nobody any more, however they end. */
async function namelessFile(content: Uint8Array): Promise<FileHandle> {
  const path = join(tmpdir(), `replypath-${randomBytes(8).toString('hex')}`);
  let file: FileHandle | null = null;
  try {
    file = await open(path, 'wx+', 0o600);
    await unlink(path);
    await file.writeFile(content);
    return file;
  } catch (error) {
    await file?.close();
    const message = error instanceof Error ? error.message : String(error);
    throw new GuestError(
      `no virtual machine can be started from ${tmpdir()}: ${message}`,
      'TMPDIR names another folder for what it starts from, some 4 MB for an instant.',
    );
  }
}

/** One processor each: with two, QEMU 7.2 under emulation let one guest in five panic (its fault, mended in 8.1). */
function qemuCommand({ kernel, acceleration, output }: Hardware): [string, string[]] {
  const files = share(kernel.share);
  const folders = { output, memoryMb: MEMORY_MB };
  const machine =
    acceleration === 'kvm'
      ? ['-accel', 'kvm', '-cpu', 'host']
      : ['-accel', 'tcg,tb-size=256', '-cpu', 'qemu64,+rdrand'];
  const parameters = [
    ...['console=ttyS0', 'loglevel=4', 'panic=-1', 'mitigations=off', 'nokaslr', 'tsc=reliable'],
    // The first Node would wait for randomness, which the processor has.
    ...['no_timer_check', 'random.trust_cpu=on'],
    // Of programs that are always at the same addresses what was translated once serves all their processes.
    'norandmaps',
    // Labs make and end namespaces all the time, each with a grace period.
    'rcupdate.rcu_expedited=1',
    ...['init_on_alloc=0', 'audit=0', 'apparmor=0'],
  ];
  const options = [
    ...['-M', 'q35', ...machine, '-smp', '1', '-m', String(MEMORY_MB)],
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
    ...['-kernel', kernel.image, '-initrd', `/proc/self/fd/${INITRD_FD}`, '-append', parameters.join(' ')],
    ...files.options(folders),
    ...['-device', 'virtio-serial-pci', '-chardev', `socket,id=port,fd=${PORT_FD}`],
    ...['-device', 'virtserialport,chardev=port,name=replypath'],
  ];
  return ['setpriv', ['--pdeathsig', 'KILL', ...files.before(folders), QEMU, ...options]];
}
