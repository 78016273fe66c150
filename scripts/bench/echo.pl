#!/usr/bin/perl
# scripts/bench/echo.pl ADDRESS FIRST [LAST]
#
# Answers what comes by TCP and UDP, at one port or at each from the first to the last, with the same. Says `ready` once it listens.
use strict;
use warnings;
use Socket;

my ($address, $first, $last) = @ARGV;
my (@tcp, @udp);
for my $port ($first .. $last // $first) {
    my $here = pack_sockaddr_in($port, inet_aton($address));
    socket my $tcp, AF_INET, SOCK_STREAM, 0 or die "socket: $!\n";
    setsockopt $tcp, SOL_SOCKET, SO_REUSEADDR, 1;
    bind $tcp, $here or die "bind: $!\n";
    listen $tcp, 5 or die "listen: $!\n";
    socket my $udp, AF_INET, SOCK_DGRAM, 0 or die "socket: $!\n";
    bind $udp, $here or die "bind: $!\n";
    push @tcp, $tcp;
    push @udp, $udp;
}
$| = 1;
print "ready\n";

while (1) {
    my $read = '';
    vec($read, fileno $_, 1) = 1 for @tcp, @udp;
    select $read, undef, undef, undef;
    for my $udp (grep { vec $read, fileno $_, 1 } @udp) {
        my $peer = recv $udp, my $data, 65536, 0;
        send $udp, $data, 0, $peer;
    }
    for my $tcp (grep { vec $read, fileno $_, 1 } @tcp) {
        accept my $connection, $tcp or next;
        while (sysread $connection, my $data, 65536) { syswrite $connection, $data }
    }
}
