#!/usr/bin/perl
# replypath's agent: the one program of ours that runs inside a lab.
#
# It does what Node.js cannot do without a native addon: enter namespaces, mount, bind a socket to a
# device, answer by IP_PKTINFO, and send a frame that no firewall of the lab can hold back. It needs
# nothing but perl-base, which every Debian and Ubuntu has, and loads no module: that would triple the
# time it takes to start.
#
#   agent.pl PARENT USERS [PROGRAM ARGUMENT...]
#
# It is started once per run, by the process PARENT, and ends with it. It forks the first process of fresh
# mount, PID, network, UTS and IPC namespaces and waits for its end. USERS is `same`; or for an ordinary user,
# who needs a user namespace, the ids that it has there: `one`, or `FIRST_UID:COUNT:FIRST_GID:COUNT` beside root.
#
# The first process runs PROGRAM where one is given, and else is the keeper. It makes the machine's file system
# read-only and then makes labs: each is one process tree with PID and mount namespaces of its own, in a user
# namespace in which nobody can undo what the keeper sealed. The first process of a lab forks one agent per node,
# each in network, mount and UTS namespaces of its own, and stays behind for what is nobody's (links, bridges).
# The program is compiled once, all these are forks.
#
# The keeper's control socket is descriptor 3. It listens on /run/keeper, which only the command can reach
# (through /proc/PID/root). For a lab of N nodes the command first connects 1 + 2N times, for the control
# socket of its first process and then the control and the capture of each node, and then says `lab`.
#
# When a control socket ends the agent behind it ends, and when a first process ends the kernel kills the
# rest of its PID namespace: nothing outlives the command, and a lab ends by one signal.
#
# Protocol: a line is a message, its fields are separated by tabs, with \\ \t \n for these characters.
# A request is `id verb argument...`; exactly one answer `id field...` comes for each, in any order.
# What nobody asked for (capture events, devices) has the id `*`. Errors are errno numbers, 0 for success.
# Network addresses are hexadecimal (8 or 32 digits), because perl-base would need a module to parse them.
#
# To the keeper:
#
#   lab NODE[!]...   -> lab PID       a `!` gives the node /etc, /run, /var and /tmp of its own
#   end PID          -> ended         once nothing of that lab is left
#
# To the first process of a lab and to its nodes:
#
#   run TIMEOUT_MS STDIN PROGRAM ARGUMENT...         -> exit STATUS SIGNAL TIMED_OUT STDOUT STDERR
#   set FILE VALUE [FILE VALUE ...]                  -> errnos ERRNO...            (sysctls)
#   append FILE TEXT                                 -> errno ERRNO
#   read FILE                                        -> text ERRNO TEXT            (at most 4 MiB; of /proc, whose files have no size)
#   put FILE MODE TEXT                               -> errno ERRNO                (its folders are made, MODE is octal)
#   lay-over FOLDER                                  -> errno ERRNO                (what is in it is in /usr of the node, too; once per folder)
#   start NAME COMMAND                               -> errno ERRNO                (`bash -c COMMAND`, which goes on)
#       What it prints, on either stream, and its end come unasked:
#       * output NAME MS TEXT            milliseconds of the monotonic clock
#       * exited NAME MS STATUS SIGNAL
#   await NAME TIMEOUT_MS KIND ARGUMENT...           -> ready 0|1 MESSAGE          (0 also where NAME ends before; empty for none)
#       KIND: file PATH, unix PATH, tcp PORT, udp PORT, command PROGRAM ARGUMENT...; MESSAGE: the program's last
#   stop NAME SIGNAL GRACE_MS                        -> stopped                    (KILL after GRACE_MS)
#   settle TIMEOUT_MS                                -> pending DEVICE...          (none once all is in effect)
#   capture PROGRAM ARGUMENT...                      -> errno ERRNO                (once per node)
#   capture-signal NUMBER                            -> errno ERRNO
#   capture-here SNAPLEN                             -> errno ERRNO                (once per node, instead of `capture`)
#   capture-dropped                                  -> dropped COUNT              (of `capture-here`)
#       With a capture the node also says what devices it has, at once and at each change, before the next answer:
#       * device TIME INDEX [NAME KIND MASTER LINK ADDRESS]     nanoseconds since 1970; an index alone is of one that is gone
#   sentinel TEXT                                    -> errno ERRNO
#   listen tcp|udp BINDING ADDRESS PORT              -> errno ERRNO                (BINDING: address, pktinfo)
#   close-listeners                                  -> errno 0
#   tcp ADDRESS PORT BIND_ADDRESS BIND_PORT DEVICE TIMEOUT_MS INTERVAL_MS PAYLOAD...  -> sent PHASE REFUSAL ERROR SENT ANSWERS REFUSED...
#   udp ...the same...
#       INTERVAL_MS: 0 for all at once. Else one at each interval: by UDP whatever becomes of them, by TCP where the one before is
#       answered, and what is under way at the end of the intervals is awaited. SENT, ANSWERS: how many payloads.
#       REFUSAL: errno of a call by which the system refused to send; ERROR: errno that came later; REFUSED: numbers of payloads
use strict;
use warnings;

# --- Linux, 64 bit ------------------------------------------------------------------------------

# System call numbers: arch/x86/entry/syscalls/syscall_64.tbl; include/uapi/asm-generic/unistd.h.
my %SYSCALLS = (
    x86_64 => {
        close => 3, sendmsg => 46, recvmsg => 47, clone => 56, capget => 125, capset => 126, prctl => 157, mount => 165,
        sethostname => 170, clock_gettime => 228, unshare => 272, accept4 => 288, dup3 => 292,
    },
    generic => {
        close => 57, sendmsg => 211, recvmsg => 212, clone => 220, capget => 90, capset => 91, prctl => 167, mount => 40,
        sethostname => 161, clock_gettime => 113, unshare => 97, accept4 => 242, dup3 => 24,
    },
);
my ($machine) = syscall_machine();
my %SYS = (%{ $SYSCALLS{ $machine eq 'x86_64' ? 'x86_64' : 'generic' } }, pidfd_open => 434, close_range => 436, mount_setattr => 442);

use constant {
    CLONE_NEWNS => 0x00020000, CLONE_NEWUTS => 0x04000000, CLONE_NEWIPC => 0x08000000,
    CLONE_NEWUSER => 0x10000000, CLONE_NEWPID => 0x20000000, CLONE_NEWNET => 0x40000000, SIGCHLD => 17,
    PR_SET_PDEATHSIG => 1, PR_CAP_AMBIENT => 47, PR_CAP_AMBIENT_RAISE => 2, CAPABILITY_VERSION => 0x20080522,
    MS_RDONLY => 1, MS_NOSUID => 2, MS_NODEV => 4, MS_NOEXEC => 8, MS_REMOUNT => 32, MS_BIND => 4096, MS_MOVE => 8192, MS_REC => 16384,
    MS_PRIVATE => 1 << 18, AT_FDCWD => -100, AT_RECURSIVE => 0x8000, MOUNT_ATTR_RDONLY => 1,
    AF_UNIX => 1, AF_INET => 2, AF_BRIDGE => 7, AF_INET6 => 10, AF_NETLINK => 16, AF_PACKET => 17,
    SOCK_STREAM => 1, SOCK_DGRAM => 2, SOCK_NONBLOCK => 04000, SOCK_CLOEXEC => 02000000, O_CLOEXEC => 02000000,
    SOL_SOCKET => 1, SO_REUSEADDR => 2, SO_ERROR => 4, SO_RCVBUF => 8, SO_BINDTODEVICE => 25, SO_TIMESTAMPNS => 35,
    SOL_PACKET => 263, PACKET_STATISTICS => 6, PACKET_AUXDATA => 8, TP_STATUS_VLAN_VALID => 16, ETH_P_ALL => 3, MSG_TRUNC => 0x20,
    RTMGRP_LINK => 1, RTM_NEWLINK => 16, RTM_DELLINK => 17, RTM_GETLINK => 18, NLM_F_DUMP => 0x301, NLA_TYPE_MASK => 0x3fff,
    IFLA_ADDRESS => 1, IFLA_IFNAME => 3, IFLA_LINK => 5, IFLA_MASTER => 10, IFLA_LINKINFO => 18, IFLA_INFO_KIND => 1, IFLA_LINK_NETNSID => 37,
    SIOCGIFFLAGS => 0x8913, SIOCETHTOOL => 0x8946, ETHTOOL_GLINK => 10, IFF_UP => 1, IFF_LOOPBACK => 8, IFF_RUNNING => 64, IFF_NOARP => 128,
    IFA_F_DADFAILED => 8, IFA_F_TENTATIVE => 64, RTF_LOCAL => 0x80000000,
    SOL_IP => 0, IP_PKTINFO => 8, IP_RECVERR => 11,
    SOL_IPV6 => 41, IPV6_RECVERR => 25, IPV6_V6ONLY => 26, IPV6_RECVPKTINFO => 49, IPV6_PKTINFO => 50,
    F_SETFD => 2, FD_CLOEXEC => 1, F_SETFL => 4, O_NONBLOCK => 04000, WNOHANG => 1, SIGKILL => 9,
    EINTR => 4, EAGAIN => 11, ENOBUFS => 105, ETIMEDOUT => 110, EINPROGRESS => 115,
    LOOPBACK_INDEX => 1,          # the first device of every network namespace (drivers/net/loopback.c)
    ETHERTYPE_SENTINEL => 0x88b5, # IEEE 802 local experimental
    OUTPUT_LIMIT => 4 << 20,
};

sub syscall_machine {
    open my $elf, '<', '/proc/self/exe' or die "cannot read /proc/self/exe: $!\n";
    read $elf, my $header, 20;
    my $number = unpack 'x18 S', $header;    # e_machine, elf(5)
    my %names = (62 => 'x86_64', 183 => 'aarch64', 243 => 'riscv64', 258 => 'loongarch64');
    return $names{$number} // die "this processor (ELF machine $number) is not supported by the agent\n";
}

use constant { CLOCK_REALTIME => 0, CLOCK_MONOTONIC => 1 };

sub now_ms {
    my ($seconds, $nanoseconds) = clock(CLOCK_MONOTONIC);
    return $seconds * 1000 + $nanoseconds / 1e6;
}

sub clock {
    my ($clock) = @_;
    my $timespec = "\0" x 16;
    syscall $SYS{clock_gettime}, $clock, $timespec;
    return unpack 'q q', $timespec;
}

# --- File system --------------------------------------------------------------------------------

# True on success; $! tells why not.
sub mount_at {
    my ($source, $target, $type, $flags, $data) = @_;
    $data //= '';
    return syscall($SYS{mount}, $source, $target, $type, $flags, $data) == 0;
}

sub must_mount {
    mount_at(@_) or die "cannot mount $_[2] on $_[1]: $!\n";
}

# The whole machine read-only, with a /run of our own.
sub seal_file_system {
    my $attributes = pack 'Q4', MOUNT_ATTR_RDONLY, 0, MS_PRIVATE, 0;
    my $root = '/';    # syscall() takes no literal
    syscall($SYS{mount_setattr}, AT_FDCWD, $root, AT_RECURSIVE, $attributes, length $attributes) == 0
        or die "cannot make the file system read-only (mount_setattr, Linux 5.12 or newer): $!\n";
    must_mount('keeper', '/run', 'tmpfs', MS_NOSUID | MS_NODEV, 'mode=755');
    return;
}

# /proc of the lab's own PID namespace, and a /run. Sysctls stay writable below /proc/sys/net alone, which
# shows the namespace of whoever looks.
sub mount_for_lab {
    must_mount('proc', '/proc', 'proc', MS_NOSUID | MS_NODEV | MS_NOEXEC);
    must_mount('/proc/sys', '/proc/sys', '', MS_BIND);
    must_mount('/proc/sys/net', '/proc/sys/net', '', MS_BIND);
    must_mount('', '/proc/sys', '', MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC);
    must_mount('lab', '/run', 'tmpfs', MS_NOSUID | MS_NODEV, 'mode=755');
    mkdir "/run/$_" for 'etc', 'new', 'shared';
    # With what is mounted below, as containers do: a less privileged namespace may not uncover it.
    must_mount('/etc', '/run/etc', '', MS_BIND | MS_REC);
    return;
}

# Root of the namespace that made the mounts could make them writable again (mount -o remount,rw, as many a
# boot script does). So what follows runs in a user namespace below that one, with the same users and groups
# but no power over these mounts: mount_namespaces(7), "Restrictions on mount namespaces". Namespaces made
# from here on belong to it, with all capabilities.
sub give_up_the_machine {
    pipe my $wait, my $go or die "pipe: $!\n";
    my %maps = map { $_ => same_ids("/proc/self/$_") } 'uid_map', 'gid_map';
    my $parent = $$;
    my $pid = fork // die "cannot fork: $!\n";
    if (!$pid) {
        # Only who stays in the outer namespace may map more than one id: user_namespaces(7).
        close $go;
        sysread $wait, my $word, 1;
        for my $map (sort keys %maps) {
            my $errno = put_file("/proc/$parent/$map", '+<', $maps{$map});
            exit $errno if $errno;
        }
        exit 0;
    }
    syscall($SYS{unshare}, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC) == 0
        or die "cannot make the lab's user namespace: $!\n";
    close $go;
    waitpid $pid, 0;
    $! = $? >> 8;
    die "cannot map the users of the lab's user namespace: $!\n" if $?;
    keep_capabilities() if $> != 0;
    return;
}

# Every id that is known here, as itself.
sub same_ids {
    my ($file) = @_;
    open my $map, '<', $file or die "$file: $!\n";
    return join '', map { my ($first, undef, $count) = split; "$first $first $count\n" } <$map>;
}

# Files that programs look up in /etc and that do not configure the network. What the machine's owner
# put beside them (hooks, sysctl.d, hosts) must not leak into a lab.
my @ETC_COPIED = qw(passwd group nsswitch.conf protocols services host.conf bash.bashrc profile shells);
my @ETC_LINKED = qw(alternatives ld.so.cache ld.so.conf ld.so.conf.d localtime gai.conf);
my $SUDO       = <<'END';
#!/bin/sh
while :; do case $1 in -*) shift ;; *) exec "$@" ;; esac; done
END
my $RT_TABLES  = "255\tlocal\n254\tmain\n253\tdefault\n0\tunspec\n";

sub give_own_files {
    my ($hostname) = @_;
    my $new = '/run/new';
    must_mount('run', $new, 'tmpfs', MS_NOSUID | MS_NODEV, 'mode=755');
    mkdir "$new/$_" for qw(replypath replypath/etc replypath/bin lock network shared);
    must_mount('/run/etc', "$new/replypath/etc", '', MS_BIND | MS_REC);
    # What one node of the lab leaves for another: a key, a certificate's fingerprint.
    must_mount('/run/shared', "$new/shared", '', MS_BIND);
    must_mount($new, '/run', '', MS_MOVE);
    my $etc = '/run/replypath/etc';
    must_mount('etc', '/etc', 'tmpfs', MS_NOSUID | MS_NODEV, 'mode=755');
    must_mount('tmp', '/tmp', 'tmpfs', MS_NOSUID | MS_NODEV, 'mode=1777');
    must_mount('var', '/var', 'tmpfs', MS_NOSUID | MS_NODEV, 'mode=755');
    mkdir "/var/$_" for qw(cache lib lib/dhcp lib/misc log spool tmp);
    symlink '/run', '/var/run';
    symlink '/run/lock', '/var/lock';
    copy_file("$etc/$_", "/etc/$_") for @ETC_COPIED;
    -e "$etc/$_" and symlink "$etc/$_", "/etc/$_" for @ETC_LINKED;
    mkdir '/etc/iproute2';
    for my $folder ('/usr/share/iproute2', '/usr/lib/iproute2', "$etc/iproute2") {
        opendir my $names, $folder or next;    # glob would load a module
        copy_file("$folder/$_", "/etc/iproute2/$_") for grep { -f "$folder/$_" } readdir $names;
    }
    put_file('/etc/iproute2/rt_tables', '>', $RT_TABLES);
    put_file('/etc/hostname', '>', "$hostname\n");
    put_file('/etc/hosts', '>', "127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\t$hostname\n");
    put_file('/etc/resolv.conf', '>', '');
    # People paste sudo; in a node everybody is root.
    put_file('/run/replypath/bin/sudo', '>', $SUDO);
    chmod 0755, '/run/replypath/bin/sudo';
}

sub copy_file {
    my ($from, $to) = @_;
    open my $in, '<', $from or return;
    local $/;
    put_file($to, '>', scalar <$in>);
}

# Returns 0 or the errno.
sub put_file {
    my ($file, $mode, $text) = @_;
    open my $out, $mode, $file or return $! + 0;
    # A sysctl wants its value in one write, and reports what it thinks of it there.
    defined syswrite($out, $text) or return $! + 0;
    close $out or return $! + 0;
    return 0;
}

# --- Event loop ---------------------------------------------------------------------------------

my ($control, $capture_output, $is_first, $input) = (undef, undef, 0, '');
my (%readers, %writers, %deadlines);    # descriptor number => [handle, code]; key => [time, code]

sub on_readable { my ($handle, $code) = @_; $readers{ fileno $handle } = [$handle, $code]; return; }
sub on_writable { my ($handle, $code) = @_; $writers{ fileno $handle } = [$handle, $code]; return; }
sub forget      { my ($handle) = @_; delete $readers{ fileno $handle }; delete $writers{ fileno $handle }; return; }

sub loop {
    while (1) {
        my ($read, $write) = ('', '');
        vec($read,  $_, 1) = 1 for keys %readers;
        vec($write, $_, 1) = 1 for keys %writers;
        my $wait = $is_first ? 1 : undef;    # a first process looks for orphans now and then
        my $now = now_ms();
        for my $deadline (values %deadlines) {
            my $left = ($deadline->[0] - $now) / 1000;
            $left = 0 if $left < 0;
            $wait = $left if !defined $wait || $left < $wait;
        }
        my $ready = select $read, $write, undef, $wait;
        if ($ready > 0) {
            # A handler may close what a later bit stands for: look each up when its turn comes.
            for my $number (grep { vec $read, $_, 1 } keys %readers) { $readers{$number} and $readers{$number}[1]->() }
            for my $number (grep { vec $write, $_, 1 } keys %writers) { $writers{$number} and $writers{$number}[1]->() }
        }
        # Of those alone that were due before select looked: what a handler held up may have come by now.
        for my $key (grep { $deadlines{$_}[0] <= $now } keys %deadlines) {
            my $deadline = delete $deadlines{$key} or next;
            $deadline->[1]->();
        }
        reap_orphans() if $is_first;
    }
}

sub send_message {
    my $line = join("\t", map { my $field = $_; $field =~ s/\\/\\\\/g; $field =~ s/\t/\\t/g; $field =~ s/\n/\\n/g; $field } @_) . "\n";
    while (length $line) {
        my $written = syswrite $control, $line;
        if (defined $written) { substr $line, 0, $written, ''; }
        elsif ($! != EINTR) { exit 0 }    # nobody is left to listen
    }
    return;
}

sub read_control {
    my $known = length $input;
    my $count = sysread $control, $input, 65536, $known;
    return if !defined $count && $! == EINTR;
    exit 0 unless $count;
    return if index($input, "\n", $known) < 0;    # a policy may be megabytes long
    while ($input =~ s/\A([^\n]*)\n//) {
        my %escapes = (t => "\t", n => "\n", '\\' => '\\');
        my ($id, $verb, @arguments) = map { s/\\(.)/$escapes{$1}/gr } split /\t/, $1, -1;
        my $code = main->can("do_$verb" =~ tr/-/_/r);
        $code ? $code->($id, @arguments) : send_message($id, 'errno', 38);    # ENOSYS
    }
    return;
}

# --- Processes ----------------------------------------------------------------------------------

my %children;    # pid => code to call with the wait status

# Starts a program with the given input, and calls $done->(wait status) at its end. `out` and `err` are
# called with what it prints, until the last descendant closes the pipe; without `err`, `out` with both.
# Returns the pid, or 0 with $!.
sub start {
    my (%it) = @_;
    my ($in_read, $in_write, $out_read, $out_write, $err_read, $err_write);
    pipe $in_read, $in_write or return 0;
    pipe $err_read, $err_write or return 0;
    $it{stdout} or pipe $out_read, $out_write or return 0;
    my $pid = fork;
    return 0 unless defined $pid;
    if (!$pid) {
        setpgrp;
        $SIG{PIPE} = 'DEFAULT';
        open STDIN,  '<&', $in_read;
        open STDOUT, '>&', $it{stdout} // $out_write;
        open STDERR, '>&', $it{err} ? $err_write : $out_write;
        no warnings 'exec';
        exec { $it{argv}[0] } @{ $it{argv} };
        syswrite STDERR, "$it{argv}[0]: $!\n";
        exit 127;
    }
    close $_ for grep { defined } $in_read, $out_write, $err_write;
    feed($in_write, $it{stdin} // '');
    follow($out_read, $it{out}) if $out_read;
    follow($err_read, $it{err}) if $it{err};
    $children{$pid} = sub {
        my ($status) = @_;
        # What it wrote before it ended is in the pipes already; later writers must not be waited for.
        for my $handle (grep { defined && defined fileno $_ && $readers{ fileno $_ } } $out_read, $err_read) { $readers{ fileno $handle }[1]->() }
        $it{done}->($status);
    };
    watch($pid);
    return $pid;
}

# Has ended() called at the end of a child: pidfd_open(2).
sub watch {
    my ($pid) = @_;
    my $descriptor = syscall $SYS{pidfd_open}, $pid, 0;
    open my $pidfd, '<&=', $descriptor or die "pidfd_open: $!\n";
    on_readable($pidfd, sub {
        my $ended = waitpid $pid, WNOHANG;
        return if $ended == 0;
        forget($pidfd);
        close $pidfd;
        ended($pid, $?) if $ended == $pid;
    });
    return;
}

sub ended { my ($pid, $status) = @_; my $code = delete $children{$pid}; $code->($status) if $code; return; }

sub reap_orphans {
    while ((my $pid = waitpid -1, WNOHANG) > 0) { ended($pid, $?) }
    return;
}

sub feed {
    my ($handle, $text) = @_;
    fcntl $handle, F_SETFL, O_NONBLOCK;
    my $write = sub {
        while (length $text) {
            my $count = syswrite $handle, $text;
            if (!defined $count) { return if $! == EAGAIN || $! == EINTR; last; }
            substr $text, 0, $count, '';
        }
        forget($handle);
        close $handle;
    };
    on_writable($handle, $write);
    $write->();
    return;
}

sub follow {
    my ($handle, $code) = @_;
    fcntl $handle, F_SETFL, O_NONBLOCK;
    on_readable($handle, sub {
        while (1) {
            my $count = sysread $handle, my $text, 65536;
            if (!defined $count) { return if $! == EAGAIN || $! == EINTR; $count = 0; }
            if (!$count) { forget($handle); close $handle; return; }
            $code->($text);
        }
    });
    return;
}

sub do_run {
    my ($id, $timeout, $stdin, @argv) = @_;
    my ($out, $err, $timed_out) = ('', '', 0);
    my $pid = start(
        argv => \@argv, stdin => $stdin,
        out => sub { $out .= $_[0] if length $out < OUTPUT_LIMIT },
        err => sub { $err .= $_[0] if length $err < OUTPUT_LIMIT },
        done => sub {
            my ($status) = @_;
            delete $deadlines{"run $id"};
            send_message($id, 'exit', $status >> 8, $status & 127, $timed_out, $out, $err);
        },
    );
    return send_message($id, 'exit', 126, 0, 0, '', "cannot start $argv[0]: $!") unless $pid;
    $deadlines{"run $id"} = [now_ms() + $timeout, sub { $timed_out = 1; kill -(SIGKILL), $pid; kill SIGKILL, $pid; }];
    return;
}

sub do_set {
    my ($id, @pairs) = @_;
    my @errnos;
    while (my ($file, $value) = splice @pairs, 0, 2) { push @errnos, put_file($file, '+<', $value) }
    return send_message($id, 'errnos', @errnos);
}

sub do_read {
    my ($id, $file) = @_;
    open my $in, '<', $file or return send_message($id, 'text', $! + 0, '');
    my $text = '';
    while (length $text < OUTPUT_LIMIT) {
        my $count = sysread $in, $text, 65536, length $text;
        next if !defined $count && $! == EINTR;
        last unless $count;
    }
    return send_message($id, 'text', 0, $text);
}

sub do_append { my ($id, $file, $text) = @_; return send_message($id, 'errno', put_file($file, '>>', $text)); }

sub do_put {
    my ($id, $file, $mode, $text) = @_;
    make_folders($file =~ s{/[^/]*\z}{}r);
    my $errno = put_file($file, '>', $text);
    chmod oct $mode, $file unless $errno;
    return send_message($id, 'errno', $errno);
}

sub make_folders {
    my ($folder) = @_;
    return if $folder eq '' || -d $folder;
    make_folders($folder =~ s{/[^/]*\z}{}r);
    mkdir $folder;
    return;
}

# Programs of a package that is not installed. What is only read needs no folder of its own for changes: Documentation/filesystems/overlayfs.rst.
my %laid_over;

sub do_lay_over {
    my ($id, $folder) = @_;
    $laid_over{$folder} //= mount_at('replypath', '/usr', 'overlay', MS_RDONLY, "lowerdir=$folder:/usr");
    return send_message($id, 'errno', $laid_over{$folder} ? 0 : $! + 0);
}

# --- Processes that go on -----------------------------------------------------------------------

my %processes;    # name => { pid, waiting: id of the request that waits for its end }

sub do_start {
    my ($id, $name, $command) = @_;
    my $process = {};
    $process->{pid} = start(
        argv => ['bash', '-c', $command],
        out => sub { send_message('*', 'output', $name, sprintf('%.3f', now_ms()), $_[0]) },
        done => sub { my ($status) = @_; process_ended($name, $status) },
    ) or return send_message($id, 'errno', $! + 0);
    $processes{$name} = $process;
    return send_message($id, 'errno', 0);
}

sub process_ended {
    my ($name, $status) = @_;
    my $process = delete $processes{$name};
    send_message('*', 'exited', $name, sprintf('%.3f', now_ms()), $status >> 8, $status & 127);
    return unless defined $process->{waiting};
    # What a shell started may need a little longer to put things in order than the shell itself.
    my $kill = delete $deadlines{"stop $name"};
    my $look;
    $look = sub {
        my $left = kill 0, -$process->{pid};
        return send_message($process->{waiting}, 'stopped') unless $left && $kill;
        if (now_ms() >= $kill->[0]) { kill -(SIGKILL), $process->{pid}; undef $kill }
        $deadlines{"stop $name"} = [now_ms() + 10, $look];
    };
    return $look->();
}

# Signals go to the whole process group: behind a shell the program would not hear of them.
sub do_stop {
    my ($id, $name, $signal, $grace) = @_;
    my $process = $processes{$name} or return send_message($id, 'stopped');
    $process->{waiting} = $id;
    $deadlines{"stop $name"} = [now_ms() + $grace, sub { kill -(SIGKILL), $process->{pid} }];
    kill -$signal, $process->{pid};
    return;
}

# Looks every 20 ms, and never connects: a server would take that for a client.
sub do_await {
    my ($id, $name, $timeout, $kind, @about) = @_;
    my $process = $processes{$name};
    my ($end, $said) = (now_ms() + $timeout, '');
    my $lives = sub { $name eq '' || $process && ($processes{$name} // 0) == $process };
    my $look;
    my $again = sub { $deadlines{"await $id"} = [now_ms() + 20, $look]; };
    $look = sub {
        return send_message($id, 'ready', 0, $said) if !$lives->() || now_ms() >= $end;
        if ($kind ne 'command') { return is_there($kind, @about) ? send_message($id, 'ready', 1, '') : $again->() }
        my $output = '';
        my $note = sub { $output = substr $output . $_[0], -4096 };
        my $pid = start(
            argv => \@about, out => $note, err => $note,
            done => sub {
                my ($status) = @_;
                delete $deadlines{"await $id"};
                # What was ended with the time may not have said all.
                $said = $output unless $status & 127 && length $said;
                return $status == 0 ? send_message($id, 'ready', 1, '') : $again->();
            },
        ) or return $again->();
        $deadlines{"await $id"} = [$end, sub { kill -(SIGKILL), $pid }];
    };
    return $look->();
}

sub is_there {
    my ($kind, $what) = @_;
    return -e $what if $kind eq 'file';
    return -S $what if $kind eq 'unix';
    # proc(5): local address and port in hexadecimal, then the remote ones and the state.
    my ($state, $port) = ($kind eq 'tcp' ? '0A' : '07', sprintf '%04X', $what);
    for my $file ("/proc/net/$kind", "/proc/net/${kind}6") {
        open my $sockets, '<', $file or next;
        return 1 if grep { /^\s*\d+: [0-9A-F]+:$port [0-9A-F:]+ $state / } <$sockets>;
    }
    return 0;
}

# What was configured takes effect a little later. The kernel does the last steps after the command that
# asked for them has ended: a veth whose other end comes up later discards what it is given
# (net/core/link_watch.c), a bridge port does not forward (net/bridge/br_if.c), and an IPv6 address is no
# source while it is tentative and not asked for before its group is joined (net/ipv6/addrconf.c), even without
# duplicate detection.
sub do_settle {
    my ($id, $timeout) = @_;
    my $end = now_ms() + $timeout;
    my $look;
    $look = sub {
        my @pending = pending_devices();
        return send_message($id, 'pending', @pending) if !@pending || now_ms() >= $end;
        $deadlines{"settle $id"} = [now_ms() + 2, $look];
    };
    return $look->();
}

# Devices whose operational state does not follow their carrier yet, and those with a carrier that have a
# tentative address or one without its solicited-node group: netdevice(7), ethtool(8),
# Documentation/networking/operstates.rst, RFC 4291 section 2.7.1. Loopback and a device without ARP join no such
# group: there the address is the host's once the kernel has put its route into table local, which is put off as well.
sub pending_devices {
    socket my $socket, AF_INET, SOCK_DGRAM, 0 or return;
    my (%carrier, %silent, %pending);
    open my $devices, '<', '/proc/net/dev' or return;
    for my $name (map { /^\s*([^:\s]+):/ } <$devices>) {
        my $flags = pack 'a16 x24', $name;
        ioctl $socket, SIOCGIFFLAGS, $flags or next;
        $flags = unpack 'x16 S', $flags;
        next unless $flags & IFF_UP;
        my $link = pack 'L L', ETHTOOL_GLINK, 0;
        my $request = pack 'a16 P x16', $name, $link;
        ioctl $socket, SIOCETHTOOL, $request or next;
        $carrier{$name} = unpack 'x4 L', $link;
        $silent{$name} = $flags & (IFF_LOOPBACK | IFF_NOARP);
        $pending{$name} = 1 if !$carrier{$name} != !($flags & IFF_RUNNING);
    }
    open my $addresses, '<', '/proc/net/if_inet6' or return sort keys %pending;
    my (%joined, $local);
    if (open my $groups, '<', '/proc/net/igmp6') { $joined{join ' ', (split)[1, 2]} = 1 for <$groups> }
    for (<$addresses>) {
        my ($address, undef, undef, undef, $flags, $name) = split;
        # Loopback's own is there as soon as that is up, and a table may be long.
        next if !$carrier{$name} || hex($flags) & IFA_F_DADFAILED || $address =~ /^0{31}1$/;
        my $group = 'ff0200000000000000000001ff' . substr $address, -6;
        my $is_held = $silent{$name} ? ($local //= local_routes())->{$address} : $joined{"$name $group"};
        $pending{$name} = 1 if hex($flags) & IFA_F_TENTATIVE || !$is_held;
    }
    return sort keys %pending;
}

# Addresses with a route in table local, as /proc/net/if_inet6 writes them (ipv6_route_native_seq_show in net/ipv6/ip6_fib.c).
sub local_routes {
    open my $routes, '<', '/proc/net/ipv6_route' or return {};
    return {map { $_->[0] => 1 } grep { $_->[1] eq '80' && hex($_->[8]) & RTF_LOCAL } map { [split] } <$routes>};
}

# --- Capture ------------------------------------------------------------------------------------

my $capture_pid = 0;

sub do_capture {
    my ($id, @argv) = @_;
    watch_devices() or return send_message($id, 'errno', $! + 0);
    $capture_pid = start(
        argv => \@argv, stdout => $capture_output,
        err => sub { send_message('*', 'capture-message', $_[0]) },
        done => sub { $capture_pid = 0; send_message('*', 'capture-ended', $_[0]) },
    );
    return send_message($id, 'errno', $capture_pid ? 0 : $! + 0);
}

sub do_capture_signal {
    my ($id, $signal) = @_;
    return send_message($id, 'errno', $capture_pid && kill($signal, $capture_pid) ? 0 : 3);    # ESRCH
}

# The same without a program of its own: what tcpdump -i any would write (pcap with nanoseconds, link type
# LINUX_SLL2), from a packet socket that the agent itself reads; packet(7), socket(7). That costs neither the start
# of a program nor the wait for a ring buffer. What the socket's buffer does not hold is counted by the kernel.
my ($packets, $packets_dropped, $take_packets) = (undef, 0, sub { });

use constant { SLL2_LENGTH => 20, LINKTYPE_LINUX_SLL2 => 276, CONTROLS_LENGTH => 72, PACKETS_AT_ONCE => 256 };

sub do_capture_here {
    my ($id, $snapshot) = @_;
    watch_devices() or return send_message($id, 'errno', $! + 0);
    socket $packets, AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, 0 or return send_message($id, 'errno', $! + 0);
    setsockopt $packets, SOL_SOCKET, SO_RCVBUF, 16 << 20;    # the kernel gives what net.core.rmem_max allows
    setsockopt $packets, SOL_SOCKET, SO_TIMESTAMPNS, 1 or return send_message($id, 'errno', $! + 0);
    setsockopt $packets, SOL_PACKET, PACKET_AUXDATA, 1 or return send_message($id, 'errno', $! + 0);
    bind $packets, pack 'S n l x12', AF_PACKET, ETH_P_ALL, 0 or return send_message($id, 'errno', $! + 0);
    write_capture(pack 'L S S l L L L', 0xa1b23c4d, 2, 4, 0, 0, $snapshot, LINKTYPE_LINUX_SLL2);
    $take_packets = sub { take_packets($snapshot - SLL2_LENGTH) };
    on_readable($packets, $take_packets);
    return send_message($id, 'errno', 0);
}

# recvmsg(2) gives the frame's sockaddr_ll, its length on the wire (MSG_TRUNC) and, as control messages, the time
# at which the kernel met it and struct tpacket_auxdata. That has a VLAN tag, which the kernel keeps beside the frame
# and is put back here, as it was on the wire.
sub take_packets {
    my ($most) = @_;
    my ($address, $data, $controls) = ("\0" x SLL2_LENGTH, "\0" x $most, "\0" x CONTROLS_LENGTH);
    my $vector = pack 'P Q', $data, $most;
    my $records = '';
    for (1 .. PACKETS_AT_ONCE) {
        my $header = pack 'P L x4 P Q P Q l x4', $address, length $address, $vector, 1, $controls, CONTROLS_LENGTH, 0;
        my $length = syscall $SYS{recvmsg}, fileno $packets, $header, MSG_TRUNC;
        last if $length < 0;
        my (undef, $protocol, $index, $hardware, $type, $octets, $source) = unpack 'S n l S C C a8', $address;
        my $captured = $length < $most ? $length : $most;
        my ($seconds, $nanoseconds, $status, $tag, $tag_protocol) = unpack 'x16 q q x16 L x12 S S', $controls;
        my $inserted = '';
        if ($status & TP_STATUS_VLAN_VALID) {
            $inserted = pack 'n n', $tag, $protocol;
            $protocol = $tag_protocol;
        }
        my $headers = SLL2_LENGTH + length $inserted;
        $records .= pack('L L L L n n N n C C a8', $seconds, $nanoseconds, $headers + $captured, $headers + $length,
            $protocol, 0, $index, $hardware, $type, $octets, $source) . $inserted . substr $data, 0, $captured;
    }
    write_capture($records);
    return;
}

sub write_capture {
    my ($bytes) = @_;
    while (length $bytes) {
        my $written = syswrite $capture_output, $bytes;
        if (defined $written) { substr $bytes, 0, $written, '' }
        elsif ($! != EINTR) { exit 0 }    # nobody is left to read
    }
    return;
}

# The kernel counts from the last question on.
sub do_capture_dropped {
    my ($id) = @_;
    my $statistics = getsockopt $packets, SOL_PACKET, PACKET_STATISTICS or return send_message($id, 'errno', $! + 0);
    $packets_dropped += unpack 'x4 L', $statistics;
    return send_message($id, 'dropped', $packets_dropped);
}

# What devices the node has: a capture knows them only by number. rtnetlink(7) tells of each change before the command
# that asked for it has ended.
my ($devices, %devices);    # number => what was said of it

sub watch_devices {
    socket $devices, AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK, 0 or return 0;
    bind $devices, pack 'S x2 L L', AF_NETLINK, 0, RTMGRP_LINK or return 0;
    ask_for_devices();
    on_readable($devices, \&take_devices);
    take_devices() if $devices;
    return 1;
}

# A dump: struct nlmsghdr, struct ifinfomsg.
sub ask_for_devices { return defined send $devices, pack('L S S L L C x15', 32, RTM_GETLINK, NLM_F_DUMP, 0, 0, 0), 0 }

sub take_devices {
    while (1) {
        my $length = sysread $devices, my $messages, 65536;
        if (!defined $length) {
            next if $! == EINTR;
            return if $! != ENOBUFS;
            ask_for_devices();    # there were more changes than the socket holds
            next;
        }
        while (length $messages >= 16) {
            my ($size, $type) = unpack 'L S', $messages;
            last if $size < 16;
            take_device($type, substr $messages, 16, $size - 16) if $type == RTM_NEWLINK || $type == RTM_DELLINK;
            substr $messages, 0, ($size + 3) & ~3, '';
        }
    }
    return;
}

sub take_device {
    my ($type, $message) = @_;
    my ($family, $index) = unpack 'C x3 l', $message;
    return if $family == AF_BRIDGE;    # it is of the port that the device is
    my @said;
    if ($type == RTM_NEWLINK) {
        my %has  = attributes_of(substr $message, 16);
        my %info = attributes_of($has{+IFLA_LINKINFO} // '');
        my ($master, $link) = map { unpack 'L', $has{$_} // "\0" x 4 } IFLA_MASTER, IFLA_LINK;
        $link = 0 if exists $has{+IFLA_LINK_NETNSID};    # the number is of another node
        @said = (unpack('Z*', $has{+IFLA_IFNAME}), unpack('Z*', $info{+IFLA_INFO_KIND} // ''), $master, $link, unpack 'H*', $has{+IFLA_ADDRESS} // '');
    }
    return if join("\t", @said) eq ($devices{$index} // '');
    $devices{$index} = join "\t", @said;
    my ($seconds, $nanoseconds) = clock(CLOCK_REALTIME);
    return send_message('*', 'device', $seconds * 1_000_000_000 + $nanoseconds, $index, @said);
}

# Type => content; struct rtattr.
sub attributes_of {
    my ($bytes) = @_;
    my %attributes;
    while (length $bytes >= 4) {
        my ($size, $type) = unpack 'S S', $bytes;
        last if $size < 4;
        $attributes{ $type & NLA_TYPE_MASK } = substr $bytes, 4, $size - 4;
        substr $bytes, 0, ($size + 3) & ~3, '';
    }
    return %attributes;
}

# A frame on the loopback device, written below the routing and the firewall: packet(7). To close a packet socket
# takes the kernel ten milliseconds and more (synchronize_net), so that one serves the node's whole life.
my $sentinels;

sub do_sentinel {
    my ($id, $text) = @_;
    $sentinels or socket $sentinels, AF_PACKET, SOCK_DGRAM, 0 or return send_message($id, 'errno', $! + 0);
    take_devices() if $devices;
    my $address = pack 'S n l S C C a8', AF_PACKET, ETHERTYPE_SENTINEL, LOOPBACK_INDEX, 0, 0, 0, '';
    return send_message($id, 'errno', defined send($sentinels, $text, 0, $address) ? 0 : $! + 0);
}

# --- Sockets ------------------------------------------------------------------------------------

# struct sockaddr_in / sockaddr_in6; ip(7), ipv6(7). An empty address is the wildcard.
sub socket_address {
    my ($family, $address, $port) = @_;
    return pack 'S n a4 x8', AF_INET, $port, pack 'H*', $address || '0' x 8 if $family == AF_INET;
    return pack 'S n N a16 L', AF_INET6, $port, 0, pack('H*', $address || '0' x 32), 0;
}

sub family_of { my ($address) = @_; return length $address == 8 ? AF_INET : AF_INET6; }

# A bound socket, or nothing with $!.
sub bound_socket {
    my ($type, $family, $address, $port, $device) = @_;
    socket my $socket, $family, $type | SOCK_NONBLOCK, 0 or return;
    setsockopt $socket, SOL_IPV6, IPV6_V6ONLY, 1 if $family == AF_INET6;
    setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, 1 if $type == SOCK_STREAM;
    if (length $device) { setsockopt $socket, SOL_SOCKET, SO_BINDTODEVICE, "$device\0" or return }
    bind $socket, socket_address($family, $address, $port) or return;
    return $socket;
}

# `qNNNN` after the token says request NNNN; the answer says `rNNNN`.
sub answer_to { my ($request) = @_; return $request =~ s/(rp[0-9a-f]{16})q(\d{4})/$1r$2/r; }

my %listening;    # descriptor number => handle, of listeners and of connections they accepted

# The length of ADDRESS tells the family; a wildcard is eight or thirty-two zeros.
sub do_listen {
    my ($id, $protocol, $binding, $address, $port) = @_;
    my $family = family_of($address);
    my $socket = bound_socket($protocol eq 'tcp' ? SOCK_STREAM : SOCK_DGRAM, $family, $address, $port, '')
        or return send_message($id, 'errno', $! + 0);
    if ($protocol eq 'tcp') {
        listen $socket, 1024 or return send_message($id, 'errno', $! + 0);
        on_readable($socket, sub { serve_connection($socket) });
    }
    elsif ($binding eq 'pktinfo') {
        my ($level, $option) = $family == AF_INET ? (SOL_IP, IP_PKTINFO) : (SOL_IPV6, IPV6_RECVPKTINFO);
        setsockopt $socket, $level, $option, 1 or return send_message($id, 'errno', $! + 0);
        on_readable($socket, sub { answer_by_pktinfo($socket) });
    }
    else {
        on_readable($socket, sub {
            my $peer = recv $socket, my $request, 65536, 0;
            send $socket, answer_to($request), 0, $peer if defined $peer && length $peer;
        });
    }
    $listening{ fileno $socket } = $socket;
    return send_message($id, 'errno', 0);
}

sub do_close_listeners {
    my ($id) = @_;
    for my $socket (values %listening) { forget($socket); close $socket }
    %listening = ();
    return send_message($id, 'errno', 0);
}

sub serve_connection {
    my ($listener) = @_;
    accept my $connection, $listener or return;
    fcntl $connection, F_SETFL, O_NONBLOCK;
    $listening{ fileno $connection } = $connection;
    on_readable($connection, sub {
        my $count = sysread $connection, my $request, 65536;
        return if !defined $count && ($! == EAGAIN || $! == EINTR);
        if (!$count) { forget($connection); delete $listening{ fileno $connection }; close $connection; return; }
        syswrite $connection, answer_to($request);
    });
    return;
}

# recvmsg(2), sendmsg(2) with struct msghdr and a control message IP_PKTINFO or IPV6_PKTINFO: the answer's
# source is the address that was asked, its interface is left to the routing.
sub answer_by_pktinfo {
    my ($socket) = @_;
    my ($name, $data, $controls) = ("\0" x 28, "\0" x 65536, "\0" x 256);
    my $vector = pack 'P Q', $data, length $data;
    my $header = pack 'P L x4 P Q P Q l x4', $name, length $name, $vector, 1, $controls, length $controls, 0;
    my $length = syscall $SYS{recvmsg}, fileno $socket, $header, 0;
    return if $length < 0;
    my ($name_length, $controls_length) = unpack 'x8 L x4 x16 x8 Q', $header;
    my ($size, $level, $type) = unpack 'Q l l', $controls;
    my $answer = answer_to(substr $data, 0, $length);
    my $asked;
    if ($level == SOL_IP && $type == IP_PKTINFO) {
        my $destination = unpack 'x16 x4 x4 a4', $controls;    # ipi_ifindex, ipi_spec_dst, ipi_addr
        $asked = pack 'Q l l l a4 a4 x4', 28, SOL_IP, IP_PKTINFO, 0, $destination, "\0" x 4;
    }
    elsif ($level == SOL_IPV6 && $type == IPV6_PKTINFO) {
        $asked = pack 'Q l l a16 l x4', 36, SOL_IPV6, IPV6_PKTINFO, unpack('x16 a16', $controls), 0;
    }
    else { return }
    my $peer = substr $name, 0, $name_length;
    $vector = pack 'P Q', $answer, length $answer;
    $header = pack 'P L x4 P Q P Q l x4', $peer, length $peer, $vector, 1, $asked, length $asked, 0;
    syscall $SYS{sendmsg}, fileno $socket, $header, 0;
    return;
}

# Calls $send with 0, 1, ... to $count - 1, one at each interval, all that are due at once where time has passed; then $done.
sub pace {
    my ($id, $interval, $count, $send, $done) = @_;
    my ($begin, $next) = (now_ms(), 0);
    my $tick;
    $tick = sub {
        $send->($next++) while $next < $count && $begin + $next * $interval <= now_ms();
        # The last one has its interval, too.
        return $done->() if $begin + $count * $interval <= now_ms();
        $deadlines{"pace $id"} = [$begin + $next * $interval, $tick];
    };
    return $tick->();
}

# One connection. Each payload is sent when the one before has been answered in full: at once, or at the next interval.
sub do_tcp {
    my ($id, $address, $port, $bind_address, $bind_port, $device, $timeout, $interval, @payloads) = @_;
    my $family = family_of($address);
    my $socket = bound_socket(SOCK_STREAM, $family, $bind_address, $bind_port, $device)
        or return send_message($id, 'sent', 'bind', $! + 0, 0, 0, 0, 1 .. @payloads);
    my ($sent, $rounds, $missing, $is_over, $has_ended) = (0, 0, 0, 0, 0);
    my $finish = sub {
        my ($phase, $refusal, $error) = @_;
        return if $has_ended++;
        delete @deadlines{ "probe $id", "pace $id" };
        forget($socket);
        close $socket;
        send_message($id, 'sent', $phase, $refusal, $error, $sent, $rounds, $refusal ? 1 : ());
    };
    my $rearm = sub { my ($phase) = @_; $deadlines{"probe $id"} = [now_ms() + $timeout, sub { $finish->($phase, 0, ETIMEDOUT) }]; };
    my $next = sub {
        return if $has_ended || $missing > 0;
        my $payload = $payloads[$sent++];
        $missing = length $payload;
        defined syswrite $socket, $payload or $finish->('data', 0, $! + 0);
    };
    connect $socket, socket_address($family, $address, $port) or $! == EINPROGRESS or return $finish->('connect', $! + 0, 0);
    $rearm->('connect');
    on_writable($socket, sub {
        delete $writers{ fileno $socket };
        my $errno = unpack 'l', getsockopt $socket, SOL_SOCKET, SO_ERROR;
        return $finish->('connect', 0, $errno) if $errno;
        $interval ? delete $deadlines{"probe $id"} : $rearm->('data');
        on_readable($socket, sub {
            my $count = sysread $socket, my $answer, 65536;
            return if !defined $count && ($! == EAGAIN || $! == EINTR);
            return $finish->('data', 0, defined $count ? 0 : $! + 0) unless $count;
            $missing -= $count;
            return if $missing > 0;
            $rounds++;
            return $finish->('done', 0, 0) if $is_over || !$interval && $rounds >= @payloads;
            return if $interval;
            $rearm->('data');
            $next->();
        });
        return $next->() unless $interval;
        pace($id, $interval, scalar @payloads, $next, sub {
            return $finish->('done', 0, 0) unless $missing > 0;
            $is_over = 1;
            $rearm->('data');
        });
    });
    return;
}

# All datagrams, at once or at intervals, then their answers (from whatever address) or the errors that came for them.
sub do_udp {
    my ($id, $address, $port, $bind_address, $bind_port, $device, $timeout, $interval, @payloads) = @_;
    my $family = family_of($address);
    my $socket = bound_socket(SOCK_DGRAM, $family, $bind_address, $bind_port, $device)
        or return send_message($id, 'sent', 'bind', $! + 0, 0, 0, 0, 1 .. @payloads);
    my ($level, $option) = $family == AF_INET ? (SOL_IP, IP_RECVERR) : (SOL_IPV6, IPV6_RECVERR);
    setsockopt $socket, $level, $option, 1;
    my $peer = socket_address($family, $address, $port);
    my ($sent, $answers, $errors, $refusal, $error, $is_over, @refused) = (0, 0, 0, 0, 0, 0);
    my $finish = sub {
        my ($phase) = @_;
        delete $deadlines{"probe $id"};
        forget($socket);
        close $socket;
        send_message($id, 'sent', $phase, $refusal, $error, scalar @payloads, $answers, @refused);
    };
    my $send = sub {
        my ($index) = @_;
        # An error that came for an earlier datagram would be given as the result of this call: udp(7).
        my $pending = unpack 'l', getsockopt $socket, SOL_SOCKET, SO_ERROR;
        if ($pending) { $errors++; $error = $pending }
        if (defined send $socket, $payloads[$index], 0, $peer) { $sent++ }
        else { $refusal = $! + 0; push @refused, $index + 1 }
    };
    my $await = sub {
        $is_over = 1;
        return $finish->($sent ? 'done' : 'send') if $answers + $errors >= $sent;
        $deadlines{"probe $id"} = [now_ms() + $timeout, sub { $finish->('data') }];
    };
    on_readable($socket, sub {
        if (defined recv $socket, my $answer, 65536, 0) { $answers++ }
        elsif ($! == EAGAIN || $! == EINTR) { return }
        else { $errors++; $error = $! + 0 }
        $finish->('done') if $is_over && $answers + $errors >= $sent;
    });
    return pace($id, $interval, scalar @payloads, $send, $await) if $interval;
    for my $index (0 .. $#payloads) {
        $take_packets->() if ($index + 1) % 64 == 0;    # what was sent so far, before the socket is full of it
        $send->($index);
    }
    return $await->();
}

# --- Labs ---------------------------------------------------------------------------------------

my $listener;
my %labs;    # pid => id of the request that waits for its end, or ''

sub do_lab {
    my ($id, @names) = @_;
    my @nodes = map { { name => s/!\z//r, own_files => /!\z/ ? 1 : 0 } } @names;
    # Descriptors without handles: a node inherits those of all that come after it, and lets go of them at once.
    my @sockets = map { accept_connection() } 0 .. 2 * @nodes;
    # With a stack of 0 this is fork(2) into new namespaces: clone(2).
    my $flags = CLONE_NEWPID | CLONE_NEWNS | SIGCHLD;
    my $pid = syscall $SYS{clone}, $flags, 0, 0, 0, 0;
    if (!$pid) {
        close $listener;
        close $control;
        (%readers, %labs, %children) = ();
        lead_lab(\@sockets, \@nodes);
    }
    my $error = $!;
    syscall $SYS{close}, $_ for @sockets;
    return send_message($id, 'failed', "cannot make the namespaces of a lab: $error") if $pid < 0;
    $labs{$pid} = '';
    $children{$pid} = sub {
        my $waiting = delete $labs{$pid};
        send_message($waiting, 'ended') if length $waiting;
    };
    watch($pid);
    return send_message($id, 'lab', $pid);
}

sub accept_connection {
    my $descriptor = syscall $SYS{accept4}, fileno $listener, 0, 0, SOCK_CLOEXEC;
    die "accept: $!\n" if $descriptor < 0;
    return $descriptor;
}

sub do_end {
    my ($id, $pid) = @_;
    return send_message($id, 'ended') unless exists $labs{$pid};
    $labs{$pid} = $id;
    kill SIGKILL, $pid;
    return;
}

# The first process of a lab, from its birth to its end.
sub lead_lab {
    my ($sockets, $nodes) = @_;
    open $control, '+<&=', shift @$sockets or die "control: $!\n";
    $input = '';
    my $ok = eval {
        mount_for_lab();
        give_up_the_machine();
        for my $node (@$nodes) {
            my ($own_control, $own_capture) = splice @$sockets, 0, 2;
            my $pid = fork // die "cannot fork: $!\n";
            if (!$pid) {
                close $control;
                keep_only($own_control, $own_capture);
                become_node($node->{name}, $node->{own_files});
                serve();
            }
            syscall $SYS{close}, $_ for $own_control, $own_capture;
        }
        1;
    };
    if (!$ok) {
        send_message('*', 'failed', $@);
        exit 1;
    }
    $is_first = 1;
    serve();
    return;
}

# Of all that is open only the standard descriptors and a node's own two, as the next ones.
sub keep_only {
    my @own = @_;
    my $next = 3;
    for my $descriptor (@own) { syscall($SYS{dup3}, $descriptor, $next++, O_CLOEXEC) >= 0 or die "dup3: $!\n" }
    syscall($SYS{close_range}, $next, 0xffffffff, 0) == 0 or die "close_range: $!\n";
    open $control,        '+<&=', 3 or die "control: $!\n";
    open $capture_output, '+<&=', 4 or die "capture: $!\n";
    return;
}

sub become_node {
    my ($name, $own_files) = @_;
    syscall($SYS{unshare}, CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS) == 0 or die "cannot make the namespaces of node $name: $!\n";
    syscall($SYS{sethostname}, $name, length $name) == 0 or die "cannot name node $name: $!\n";
    # Without it /sys/class/net shows the devices of another namespace. A container may forbid it.
    mount_at('sysfs', '/sys', 'sysfs', MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC);
    give_own_files($name) if $own_files;
    return;
}

# --- Start --------------------------------------------------------------------------------------

sub serve {
    on_readable($control, \&read_control);
    send_message('*', 'ready', $$);
    return loop();
}

# SIGKILL for this process as soon as its parent has ended: PR_SET_PDEATHSIG(2const). A change of credentials
# clears it, fork does not pass it on, and that the parent has not ended before is for the caller to see.
sub end_with_parent {
    syscall($SYS{prctl}, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 or die "cannot set a parent-death signal: $!\n";
    return;
}

# Returns in the first process of new namespaces. The one that calls stays outside, and ends with it.
sub enter_namespaces {
    my ($users) = @_;
    my @own_ids = ($>, (split ' ', $))[0]);    # inside they have no name yet
    pipe my $lifeline, my $held or die "pipe: $!\n";
    my $flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET | SIGCHLD;
    $flags |= CLONE_NEWUSER if $users ne 'same';
    # A terminal's Ctrl-C comes to its whole process group: how a run ends is for the command to say.
    local @SIG{qw(INT TERM)} = ('IGNORE') x 2;
    my $pid = syscall $SYS{clone}, $flags, 0, 0, 0, 0;
    die "cannot make private namespaces: $!\n" if $pid < 0;
    if ($pid) {
        close $lifeline;
        close $control if $control;
        map_range($pid, @own_ids, split /:/, $users) if $users =~ /:/;
        syswrite $held, '.';
        waitpid $pid, 0;
        exit($? & 127 ? 128 + ($? & 127) : $? >> 8);
    }
    close $held;
    # The parent holds the other end until it ends, and writes once the ids are mapped.
    sysread $lifeline, my $mapped, 1 or exit 1;
    end_with_parent();
    vec(my $ended = '', fileno $lifeline, 1) = 1;
    exit 1 if select $ended, undef, undef, 0;
    keep_own_id(@own_ids) if $users eq 'one';
    must_mount('none', '/', '', MS_REC | MS_PRIVATE);
    return;
}

# Only who stays outside may map more than one id, and only by these setuid programs: user_namespaces(7),
# newuidmap(1). They end by themselves, also where the process that they map has ended.
sub map_range {
    my ($pid, $uid, $gid, $first_uid, $uids, $first_gid, $gids) = @_;
    for (['newuidmap', $uid, $first_uid, $uids], ['newgidmap', $gid, $first_gid, $gids]) {
        my ($program, $own, $first, $count) = @$_;
        my $status = system $program, $pid, 0, $own, 1, 1, $first, $count;
        die "cannot start $program: $!\n" if $status < 0;
        die "$program has not mapped the ids of an ordinary user\n" if $status;
    }
    return;
}

# The one id that everybody may map.
sub keep_own_id {
    my ($uid, $gid) = @_;
    for (['setgroups', 'deny'], ['uid_map', "$uid $uid 1"], ['gid_map', "$gid $gid 1"]) {
        my ($file, $text) = @$_;
        $! = put_file("/proc/self/$file", '+<', $text) or next;
        die "cannot map the id of an ordinary user ($file): $!\n";
    }
    keep_capabilities();
    return;
}

# Who is not root keeps its capabilities beyond execve(2) only where they are ambient, and has none of these in a
# user namespace that it has just made: capabilities(7), capset(2), set_cred_user_ns() in the kernel.
sub keep_capabilities {
    my $header = pack 'L l', CAPABILITY_VERSION, 0;
    my $sets   = "\0" x 24;
    syscall($SYS{capget}, $header, $sets) == 0 or die "capget: $!\n";
    my @sets = unpack 'L6', $sets;    # effective, permitted, inheritable, of 32 capabilities each
    @sets[2, 5] = @sets[1, 4];
    $sets = pack 'L6', @sets;
    syscall($SYS{capset}, $header, $sets) == 0 or die "capset: $!\n";
    my $permitted = $sets[1] | $sets[4] << 32;
    for my $capability (grep { $permitted >> $_ & 1 } 0 .. 63) {
        syscall $SYS{prctl}, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, $capability, 0, 0;
    }
    return;
}

chdir '/';
umask 022;
my ($parent, $users, @program) = @ARGV;
if (!@program) {
    open $control, '+<&=', 3 or die "descriptor 3 is missing: $!\n";
    fcntl $control, F_SETFD, FD_CLOEXEC;
}
end_with_parent();
exit 1 if getppid != $parent;
enter_namespaces($users);
if (@program) {
    exec { $program[0] } @program;
    die "cannot start $program[0]: $!\n";
}
$SIG{PIPE} = 'IGNORE';
seal_file_system();
socket $listener, AF_UNIX, SOCK_STREAM, 0 or die "socket: $!\n";
bind $listener, pack 'S a*', AF_UNIX, '/run/keeper' or die "bind: $!\n";
listen $listener, 4096 or die "listen: $!\n";
$is_first = 1;
serve();
