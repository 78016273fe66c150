import { bash, delimiter } from './shell.js';

/**
 * Run as the first process of namespaces of its own: everything is read-only here, with a /proc and a /run of
 * its own, and what follows runs in a user namespace below with the same users, who cannot undo that. The same
 * as the sandbox of `run`; docs/architecture.md says why.
 */
const SANDBOX = bash`# Everything that is mounted becomes read-only: mount_setattr(2), number 442 everywhere.
set -e
cd /
umask 022
perl -e 'my ($root, $attributes) = ("/", pack "Q4", 1, 0, 1 << 18, 0);
  syscall(442, -100, $root, 0x8000, $attributes, length $attributes) == 0
    or die "cannot make the file system read-only (mount_setattr, Linux 5.12 or newer): $!\n"'

# A /proc of this PID namespace, with sysctls read-only but for those of the network namespace; a /run.
mount -t proc -o nosuid,nodev,noexec proc /proc
mount --bind /proc/sys /proc/sys
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,ro,nosuid,nodev,noexec /proc/sys
mount -t tmpfs -o nosuid,nodev,mode=755 lab /run
mkdir /run/etc /run/new /run/lab /run/shared
mount --rbind /etc /run/etc

# A user namespace below this one, with the same users, in which all these mounts are locked
# (mount_namespaces(7)). Only who stays outside may map more than one user: that is the child.
perl -e '
  my %ids = map {
    open my $file, "<", "/proc/self/$_" or die "$_: $!\n";
    ($_ => join "", map { my ($first, undef, $count) = split; "$first $first $count\n" } <$file>);
  } qw(uid_map gid_map);
  my $parent = $$;
  pipe my $wait, my $go or die "pipe: $!\n";
  my $child = fork // die "fork: $!\n";
  if (!$child) {
    close $go;
    sysread $wait, my $nothing, 1;
    for my $map (sort keys %ids) {
      open my $file, "+<", "/proc/$parent/$map" or exit 1;
      defined syswrite $file, $ids{$map} or exit 1;
    }
    exit 0;
  }
  my $unshare = qx(uname -m) =~ /^x86_64/ ? 272 : 97;
  # CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWUTS, CLONE_NEWIPC
  syscall($unshare, 0x10000000 | 0x20000 | 0x40000000 | 0x4000000 | 0x8000000) == 0 or die "unshare: $!\n";
  close $go;
  waitpid $child, 0;
  die "cannot map the users of the lab\n" if $?;
  exec @ARGV or die "bash: $!\n"' bash /proc/self/fd/9 "$@"
`;

/**
 * The text to paste: the lab in namespaces of its own, which go with the command. Nothing of it is a command
 * of the shell into which it is pasted but one `unshare`, so that no variable, function or option is left there.
 *
 * @param labs how many labs the script makes, one after the other; it is called with the number of each.
 */
export function enclose(script: string, labs: number): string {
  const end = delimiter('LAB', script);
  const run = [
    '# shellcheck disable=SC2046  # none or two options',
    `env -i LC_ALL=C HOME=/root TERM=dumb LAB_SHELL="\${LAB_SHELL:+\${TERM:-dumb}}" \\`,
    '    PATH=/run/replypath/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\',
    `  unshare $([ "$(id -u)" = 0 ] || echo --map-root-user --map-auto) \\`,
    '    --mount --uts --ipc --net --pid --fork --kill-child \\',
  ];
  const call = (lab: string) => `  bash /proc/self/fd/8 ${lab} 8<<'SANDBOX' 9<<'${end}'`;
  const inputs = `${SANDBOX}\nSANDBOX\n${script}${end}\n`;
  if (labs === 1) return `${run.join('\n')}\n${call('1')}\n${inputs}`;
  const numbers = Array.from({ length: labs }, (_, i) => i + 1).join(' ');
  return `(for LAB in ${numbers}; do\n${run.join('\n')}\n${call('"$LAB"')} || exit\n${inputs}done)\n`;
}
