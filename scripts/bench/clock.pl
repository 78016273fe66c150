#!/usr/bin/perl
# scripts/bench/clock.pl SECONDS COMMAND [ARGUMENT…]
#
# Runs a command, waits until everything that it started has ended, and prints as the last line on standard error
# `clock EXIT WALL CPU`: exit status (128 + signal, 124 where it was killed after SECONDS), milliseconds until the
# command itself ended, and milliseconds of processor time of all processes.
#
# time(1) does not do: the kernel throws away the processor time of what a PID namespace takes with it when its first
# process is killed (zap_pid_ns_processes in kernel/pid_namespace.c). A control group counts it, cgroups(7); where none can be
# made CPU is `-`. As subreaper, prctl(2), this one waits also for what outlives its parent.
use strict;
use warnings;

use constant {
    PR_SET_PDEATHSIG => 1, PR_SET_CHILD_SUBREAPER => 36, CLOCK_MONOTONIC => 1,
    SIGINT => 2, SIGKILL => 9, SIGTERM => 15, EINTR => 4, EBUSY => 16,
};

# arch/x86/entry/syscalls/syscall_64.tbl; include/uapi/asm-generic/unistd.h
chomp(my $machine = `uname -m`);
my %SYS = $machine eq 'x86_64' ? (prctl => 157, clock_gettime => 228) : (prctl => 167, clock_gettime => 113);

sub now_ms {
    my $timespec = "\0" x 16;
    syscall $SYS{clock_gettime}, CLOCK_MONOTONIC, $timespec;
    my ($seconds, $nanoseconds) = unpack 'q q', $timespec;
    return $seconds * 1000 + $nanoseconds / 1e6;
}

# A control group below our own; its folder, or undef.
sub make_group {
    my ($mount) = map { (split)[1] } grep { (split)[2] eq 'cgroup2' } lines('/proc/self/mounts') or return;
    my ($own) = map { /^0::(.*)/ } lines('/proc/self/cgroup') or return;
    my $folder = "$mount$own/replypath-bench-$$";
    mkdir $folder and -r "$folder/cpu.stat" or return;
    return $folder;
}

sub enter_group {
    my ($folder) = @_;
    open my $processes, '>', "$folder/cgroup.procs" or die "$folder: $!\n";
    syswrite $processes, $$ or die "$folder: $!\n";
    return;
}

# Milliseconds.
sub processor_time {
    my ($folder) = @_;
    my ($microseconds) = map { /^usage_usec (\d+)/ } lines("$folder/cpu.stat");
    return sprintf '%.3f', $microseconds / 1000;
}

# The last processes may still be on their way out.
sub remove_group {
    my ($folder) = @_;
    for (1 .. 500) {
        return if rmdir $folder or $! != EBUSY;
        select undef, undef, undef, 0.01;
    }
    return;
}

sub lines {
    my ($file) = @_;
    open my $in, '<', $file or return;
    my @lines = <$in>;
    return @lines;
}

my ($seconds, @command) = @ARGV;
my ($late, $signal, $pid) = (0, 0, 0);
for ([INT => SIGINT], [TERM => SIGTERM]) {
    my ($name, $number) = @$_;
    $SIG{$name} = sub { $signal = $number; kill SIGKILL, $pid if $pid };
}
$SIG{ALRM} = sub { $late = 1; kill SIGKILL, $pid };
syscall $SYS{prctl}, PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0;
syscall $SYS{prctl}, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0;
my $group = make_group();

my $begin = now_ms();
$pid = fork // die "fork: $!\n";
if (!$pid) {
    $SIG{$_} = 'DEFAULT' for qw(INT TERM ALRM);
    syscall $SYS{prctl}, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0;
    enter_group($group) if defined $group;
    exec { $command[0] } @command or die "$command[0]: $!\n";
}
alarm $seconds;
my ($status, $wall);
while (1) {
    my $ended = waitpid -1, 0;
    ($status, $wall) = ($?, now_ms() - $begin) if $ended == $pid;
    last if $ended < 0 && $! != EINTR;
}
alarm 0;
my $cpu = '-';
if (defined $group) {
    $cpu = processor_time($group);
    remove_group($group);
}
my $exit = $signal ? 128 + $signal : $late ? 124 : $status & 127 ? 128 + ($status & 127) : $status >> 8;
printf STDERR "clock %d %.3f %s\n", $exit, $wall, $cpu;
exit $exit;
