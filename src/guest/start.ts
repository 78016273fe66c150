import { FIXED_PATH } from '../system/path.js';
import type { Kernel } from './kernel.js';

export interface Start {
  readonly kernel: Kernel;
  /** The program that answers, and what it is started with. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** Set for the program. */
  readonly environment: Readonly<Record<string, string>>;
  readonly output: string | null;
}

/**
 * What a guest's first process does, in sh, once this machine's files are its root: what is missing of a system that
 * has booted, then the program. When that ends, so does the guest.
 */
export function startScript({ kernel, command, cwd, environment, output }: Start): string {
  const modules = `/lib/modules/${kernel.release}`;
  const variables = Object.entries({ PATH: FIXED_PATH, HOME: '/root', TERM: 'dumb', ...environment });
  return [
    ...variables.map(([name, text]) => `export ${name}=${word(text)}`),
    'mkdir -p /dev/pts /dev/shm /dev/net /run/lock',
    'mount -t devpts devpts /dev/pts',
    'mount -t tmpfs -o mode=1777 shm /dev/shm',
    '[ -e /dev/net/tun ] || mknod -m 666 /dev/net/tun c 10 200',
    'for n in 0 1 2; do ln -sf /proc/self/fd/$n /dev/$(echo stdin stdout stderr | cut -d" " -f$((n + 1))); done',
    'ln -sfn /proc/self/fd /dev/fd',
    `mkdir -p ${word(modules)} && mount --bind ${word(kernel.modules)} ${word(modules)}`,
    ...(output === null
      ? []
      : [
          `mkdir -p ${word(output)}`,
          `mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288 output ${word(output)}`,
        ]),
    'hostname guest',
    'ip link set lo up',
    `cd ${word(cwd)}`,
    `${command.map(word).join(' ')} </dev/null`,
    'echo "replypath: the program in the guest ended with $?"',
    'echo o >/proc/sysrq-trigger',
    // No program can be started from here on, and a first process that ends is a panic.
    'while :; do :; done',
    '',
  ].join('\n');
}

function word(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
