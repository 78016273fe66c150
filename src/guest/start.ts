import { FIXED_PATH } from '../system/path.js';
import type { Kernel } from './kernel.js';
import { share } from './share.js';

/** Their places are their descriptors. */
const STREAMS = ['stdin', 'stdout', 'stderr'] as const;

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
  // A program of this machine is read through the share, and so are its libraries.
  return [
    'b=/run/busybox',
    '$b mkdir -p /dev/pts /dev/shm /dev/net /run/lock',
    '$b mount -t devpts devpts /dev/pts',
    '$b mount -t tmpfs -o mode=1777 shm /dev/shm',
    '[ -e /dev/net/tun ] || $b mknod -m 666 /dev/net/tun c 10 200',
    ...STREAMS.map((name, index) => `$b ln -sf /proc/self/fd/${index} /dev/${name}`),
    '$b ln -sfn /proc/self/fd /dev/fd',
    `$b mkdir -p ${word(modules)} && $b mount -o bind ${word(kernel.modules)} ${word(modules)}`,
    ...(output === null
      ? []
      : [`$b mkdir -p ${word(output)} && $b ${share(kernel.share).output(word(output))}`]),
    '$b hostname guest',
    '$b ip link set lo up',
    ...variables.map(([name, text]) => `export ${name}=${word(text)}`),
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
