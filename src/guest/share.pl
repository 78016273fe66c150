#!/usr/bin/perl
# Starts a program with folders of this machine at hand, each served by a virtiofsd.
#
#   share.pl TEMPORARY [ACCESS FOLDER VIRTIOFSD ARGUMENT... --]... -- PROGRAM ARGUMENT...
#
# TEMPORARY is a folder in which a socket may be for an instant. ACCESS is `read` or `write`. PROGRAM finds a connection to the first server at descriptor 10, to the next at 11, and
# so on, and keeps its other descriptors. A server ends with PROGRAM.
#
# What a server may do is decided here and not by its options, for one of the two programs of that name cannot share
# for reading only: it sees the machine in a mount namespace in which everything is read-only, but for a folder to
# `write`. An ordinary user gets a user namespace for that, with the one id, which is root there.
# Like agent.pl it loads no module and needs perl-base alone.
use strict;
use warnings;

# arch/x86/entry/syscalls/syscall_64.tbl
my %SYS = (dup3 => 292, unshare => 272, mount => 165, close_range => 436, mount_setattr => 442);
use constant {
    AF_UNIX => 1, SOCK_STREAM => 1, CLONE_NEWNS => 0x20000, CLONE_NEWUSER => 0x10000000, MS_BIND => 4096, MS_PRIVATE => 1 << 18,
    AT_FDCWD => -100, AT_RECURSIVE => 0x8000, MOUNT_ATTR_RDONLY => 1, O_CLOEXEC => 02000000, FIRST_DESCRIPTOR => 10, LISTENER => 100,
};
my $temporary = shift;
my $user = $>;
my ($group) = split / /, $);

sub fail { print STDERR "replypath: @_\n"; exit 1 }

# A socket that listens, and one that is connected to it. They need a name only until then.
sub connected_sockets {
    my $folder = sprintf '%s/replypath-%d-%08x', $temporary, $$, rand 2**32;
    mkdir $folder, 0700 and chdir $folder or fail("cannot make $folder: $!");
    my $name = pack 'S Z*', AF_UNIX, 'socket';
    my ($listener, $client);
    my $done = socket($listener, AF_UNIX, SOCK_STREAM, 0) && bind($listener, $name) && listen($listener, 1)
        && socket($client, AF_UNIX, SOCK_STREAM, 0) && connect $client, $name;
    my $error = $!;
    unlink 'socket';
    chdir '/';
    rmdir $folder;
    fail("cannot make a socket in $folder: $error") if !$done;
    return ($listener, $client);
}

sub must_write {
    my ($file, $text) = @_;
    open my $handle, '>', $file or die "$file: $!\n";
    syswrite $handle, $text or die "$file: $!\n";
    return;
}

sub seal {
    my ($writable) = @_;
    my $flags = CLONE_NEWNS | ($user ? CLONE_NEWUSER : 0);
    syscall($SYS{unshare}, $flags) == 0 or die $user
        ? "an ordinary user needs a user namespace to share files with a virtual machine by virtiofsd, and cannot have one: $!; replypath doctor says more\n"
        : "cannot make a mount namespace: $!\n";
    if ($user) {
        must_write('/proc/self/setgroups', 'deny');
        must_write('/proc/self/uid_map', "0 $user 1");
        must_write('/proc/self/gid_map', "0 $group 1");
    }
    set_mount('/', AT_RECURSIVE, MOUNT_ATTR_RDONLY, 0, MS_PRIVATE);
    return if !defined $writable;
    my $none = '';
    syscall($SYS{mount}, $writable, $writable, $none, MS_BIND, $none) == 0 or die "cannot mount $writable: $!\n";
    set_mount($writable, 0, 0, MOUNT_ATTR_RDONLY, 0);
    return;
}

sub set_mount {
    my ($path, $which, $set, $clear, $propagation) = @_;
    my $attributes = pack 'Q4', $set, $clear, $propagation, 0;
    syscall($SYS{mount_setattr}, AT_FDCWD, $path, $which, $attributes, length $attributes) == 0
        or die "cannot say who may write to $path (mount_setattr, Linux 5.12 or newer): $!\n";
    return;
}

# Returns what a program can connect to it by, once the server has begun.
sub serve {
    my ($access, $folder, @server) = @_;
    my ($listener, $client) = connected_sockets();
    pipe my $begun, my $say or fail("pipe: $!");
    my $pid = fork // fail("fork: $!");
    if ($pid == 0) {
        $SIG{__DIE__} = sub { syswrite $say, $_[0]; exit 1 };
        seal($access eq 'write' ? $folder : undef);
        syscall($SYS{dup3}, fileno $listener, LISTENER, 0) >= 0 or die "dup3: $!\n";
        syscall($SYS{close_range}, $_->[0], $_->[1], 0) for [3, fileno($say) - 1], [fileno($say) + 1, LISTENER - 1], [LISTENER + 1, 0xffffffff];
        exec 'setpriv', '--pdeathsig', 'KILL', @server, '--fd=' . LISTENER;
        die "$server[0] was not started: $!\n";
    }
    close $say;
    my $complaint = join '', <$begun>;
    fail($complaint =~ s/\n\z//r) if $complaint ne '';
    return $client;
}

sub up_to_dashes {
    my @words;
    while (@ARGV && (my $word = shift @ARGV) ne '--') { push @words, $word }
    return @words;
}

my @clients;
while (my @share = up_to_dashes()) { push @clients, serve(@share) }
for my $index (0 .. $#clients) {
    syscall($SYS{dup3}, fileno $clients[$index], FIRST_DESCRIPTOR + $index, 0) >= 0 or fail("dup3: $!");
}
exec { $ARGV[0] } @ARGV or fail("$ARGV[0] was not started: $!");
